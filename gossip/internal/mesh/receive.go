package mesh

import (
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
)

// Accept adds the link of a client, which has connected from an address. It reports
// false if there are enough.
//
// A czmq client whose connection comes back does not say HELLO again, unless it is
// told INVALID; so one that is silent for a moment is.
func (m *Mesh) Accept(now time.Time, id Link, address string) bool {
	if m.accepted >= m.config.MaxPeers {
		m.counters.PeersFull++
		m.host.Refused(id, NoPlace)
		return false
	}
	m.accepted++
	l := newLink(id, false, m.shares.Come(address))
	l.address = address
	l.ready = now.Add(m.config.Grace)
	m.links[id] = l
	return true
}

// A peer may send as many messages at once as fill the table twice, and so many a
// second.
const floodRate = 50000

// Receive takes a message of a link.
func (m *Mesh) Receive(now time.Time, id Link, frames [][]byte) {
	l := m.links[id]
	if l == nil || l.phase == down {
		return
	}
	m.counters.Received++
	if now.Before(l.bar) {
		m.counters.Barred++
		return
	}
	f, err := frame.Parse(frames)
	switch {
	case err != nil || len(f.Value) > m.config.MaxValue:
		m.counters.Malformed++
		m.host.Refused(id, Malformed)
		m.shut(now, l)
	case !l.flood.take(now, float64(2*m.config.MaxKeys+floodRate), floodRate):
		m.counters.Flood++
		m.host.Refused(id, Flood)
		m.shut(now, l)
	case l.dialled:
		m.fromHub(now, l, f)
	default:
		m.fromClient(now, l, f)
	}
}

// shut ends a peer's session: it alone has to begin anew, and not at once.
func (m *Mesh) shut(now time.Time, l *link) {
	l.bar = now.Add(m.config.Bar)
	if !l.dialled {
		l.reset(stranger)
		return
	}
	l.reset(down)
	m.counters.Redials++
	m.host.Redial(l.id, m.config.Bar)
}

func (m *Mesh) fromHub(now time.Time, l *link, f frame.Message) {
	switch f.Kind {
	case frame.Publish:
		m.tuple(now, l, f)
	case frame.Pong:
		m.pong(now, l, f)
	case frame.Invalid:
		m.counters.Invalid++
		m.greet(now, l)
	}
}

func (m *Mesh) tuple(now time.Time, l *link, f frame.Message) {
	if f.Ours {
		// A hub's table comes before the PONG that says what it is; a client's HELLO has.
		l.ours = l.ours || l.dialled && l.phase == greeting
		m.versioned(now, l, f)
		return
	}
	m.plain(now, l, f.Key, f.Value)
}

// fromClient takes a client's message as czmq's hub does: who publishes without
// HELLO, says HELLO twice, or says what only hubs say, is told INVALID. Clients with
// versions may say HELLO at any time. What was published is taken all the same: a
// czmq client says HELLO when it is told INVALID, but never that tuple again.
func (m *Mesh) fromClient(now time.Time, l *link, f frame.Message) {
	switch {
	case f.Kind == frame.Ping:
		m.send(now, l, frame.Message{Kind: frame.Pong, Ours: f.Ours})
	case f.Kind == frame.Hello && f.Ours:
		m.welcome(now, l)
	case f.Kind == frame.Hello && l.phase == stranger:
		l.ours, l.phase, l.ready = false, greeting, now.Add(m.config.Grace)
	case f.Kind == frame.Publish && l.phase != stranger:
		m.tuple(now, l, f)
	default:
		m.counters.Strangers++
		if f.Kind == frame.Publish {
			m.tuple(now, l, f)
		}
		l.reset(stranger)
		l.ours = f.Ours
		m.send(now, l, frame.Message{Kind: frame.Invalid})
	}
}

// welcome sends a client the whole table.
func (m *Mesh) welcome(now time.Time, l *link) {
	l.ours, l.phase, l.ready = true, up, time.Time{}
	for key := range m.table {
		m.mark(l, key)
	}
	m.flush(now, l)
}
