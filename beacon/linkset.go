package beacon

import (
	"slices"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/internal/logs"
)

// A linkSet is what a beacon holds open on the host's interfaces: a link for
// every target, and the groups that its listeners have joined there. It belongs to
// the publisher's goroutine.
type linkSet struct {
	port      int
	choice    lan.Choice
	casts     []lan.Cast
	listeners lan.Listeners
	counters  *counters
	log       logs.Logger
	health    lan.Health

	links  map[lan.Target]*link
	joined lan.Memberships
}

// rescan looks at the host's interfaces and brings the links and groups in line
// with them. It returns what is now known, and the links that are new. What can't
// be opened is counted and tried again by the next rescan.
func (s *linkSet) rescan() (*lan.View, []*link, error) {
	nics, err := lan.SystemNICs()
	if err != nil {
		s.failed(err)
		s.health.Looked(s.choice, nil, nil)
		return nil, nil, err
	}
	targets := s.choice.Targets(nics, s.casts)
	s.drop(targets)
	s.joined.Follow(targets, s.listeners.Of, s.failed)
	fresh := s.open(targets)
	s.health.Looked(s.choice, nics, targets)
	v := lan.NewView(s.choice, nics, targets)
	for _, t := range targets {
		if l := s.links[t]; l != nil {
			v.Own[l.local()] = struct{}{}
			v.Links = append(v.Links, t)
		}
	}
	return v, fresh, nil
}

// drop closes what is no longer wanted, and what has failed: an interface that
// comes back needs a new socket.
func (s *linkSet) drop(targets []lan.Target) {
	for t, l := range s.links {
		if l.failed || !slices.Contains(targets, t) {
			l.conn.Close()
			delete(s.links, t)
			s.log.Debug("beacon link closed", logs.Str("interface", t.NIC), logs.Stringer("source", t.Source))
		}
	}
}

func (s *linkSet) open(targets []lan.Target) []*link {
	var fresh []*link
	for _, t := range targets {
		if s.links[t] != nil {
			continue
		}
		l, err := openLink(t, s.port)
		if err != nil {
			s.failed(err)
			continue
		}
		s.links[t] = l
		fresh = append(fresh, l)
		s.log.Debug("beacon link opened", logs.Str("interface", t.NIC), logs.Stringer("source", t.Source), logs.Stringer("to", t.Dest))
	}
	return fresh
}

func (s *linkSet) failed(err error) {
	s.counters.linkErrors.Add(1)
	s.health.Failed(err)
}

// sendAll sends on every link that is open.
func (s *linkSet) sendAll(data []byte) {
	for _, l := range s.links {
		s.send(l, data)
	}
}

// send counts an error and goes on: one interface never stops another.
func (s *linkSet) send(l *link, data []byte) {
	err := l.send(data)
	l.failed = err != nil
	s.health.Sent(l.NIC, err)
	if err != nil {
		s.counters.sendErrors.Add(1)
		return
	}
	s.counters.sent.Add(1)
}

func (s *linkSet) close() {
	for _, l := range s.links {
		l.conn.Close()
	}
}
