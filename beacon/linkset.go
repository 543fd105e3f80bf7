package beacon

import (
	"slices"

	"github.com/rs/zerolog"
)

// A linkSet is what a beacon holds open on the host's interfaces: a link for
// every target, and the groups that its ears have joined there. It belongs to
// the publisher's goroutine.
type linkSet struct {
	port     int
	choice   choice
	casts    []cast
	ears     ears
	counters *counters
	log      zerolog.Logger

	links  map[target]*link
	joined memberships
}

// rescan looks at the host's interfaces and brings the links and groups in line
// with them. It returns what is now known, and the links that are new. What can't
// be opened is counted and tried again by the next rescan.
func (s *linkSet) rescan() (*view, []*link, error) {
	nics, err := systemNICs()
	if err != nil {
		s.failed(err)
		return nil, nil, err
	}
	targets := s.choice.targets(nics, s.casts)
	s.drop(targets)
	s.joined.follow(targets, s.ears.of, s.failed)
	fresh := s.open(targets)
	v := newView(s.choice, nics, targets)
	for _, t := range targets {
		if l := s.links[t]; l != nil {
			v.own[l.local()] = struct{}{}
			v.links = append(v.links, t)
		}
	}
	return v, fresh, nil
}

// drop closes what is no longer wanted, and what has failed: an interface that
// comes back needs a new socket.
func (s *linkSet) drop(targets []target) {
	for t, l := range s.links {
		if l.failed || !slices.Contains(targets, t) {
			l.conn.Close()
			delete(s.links, t)
			s.log.Debug().Str("interface", t.nic).Stringer("source", t.source).Msg("beacon link closed")
		}
	}
}

func (s *linkSet) open(targets []target) []*link {
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
		s.log.Debug().Str("interface", t.nic).Stringer("source", t.source).Stringer("to", t.dest).Msg("beacon link opened")
	}
	return fresh
}

func (s *linkSet) failed(err error) {
	s.counters.linkErrors.Add(1)
	s.log.Debug().Err(err).Msg("beacon link failed")
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
	if err != nil {
		s.counters.sendErrors.Add(1)
		s.log.Debug().Err(err).Str("interface", l.nic).Msg("beacon not sent")
		return
	}
	s.counters.sent.Add(1)
}

func (s *linkSet) close() {
	for _, l := range s.links {
		l.conn.Close()
	}
}
