package mesh

import (
	"maps"
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
)

// Dial adds a link that this node dials.
func (m *Mesh) Dial(id Link) { m.links[id] = newLink(id, true, m.shares.Chosen()) }

// Hangup removes a link.
func (m *Mesh) Hangup(id Link) {
	l := m.links[id]
	if l == nil {
		return
	}
	if !l.dialled {
		m.accepted--
	}
	delete(m.links, id)
	delete(m.plains, id)
	m.shares.Leave(l.share)
}

// Linked says that a dialled link has a connection.
func (m *Mesh) Linked(now time.Time, id Link) {
	if l := m.links[id]; l != nil && l.dialled {
		l.reset(greeting)
		l.hellos, l.bar = bucket{}, time.Time{}
		l.ours = false // who answers there may have changed
		m.greet(now, l)
	}
}

// Lost says that it has none any more.
func (m *Mesh) Lost(id Link) {
	if l := m.links[id]; l != nil && l.dialled {
		l.reset(down)
	}
}

// HELLOs to one hub: so many at once, and so many a second.
const (
	helloBurst = 5
	helloRate  = 1
)

// greet says HELLO, and PING behind it: the PONG follows the hub's table.
func (m *Mesh) greet(now time.Time, l *link) {
	l.again, l.plain = time.Time{}, false
	if !l.hellos.take(now, helloBurst, helloRate) || !m.send(now, l, frame.Message{Kind: frame.Hello}) {
		l.again = now.Add(max(time.Second/helloRate/4, retry))
		return
	}
	l.phase = greeting
	l.theirs = map[string]uint64{}
	l.unhear()
	maps.Copy(l.base, l.known)
	clear(l.known)
	l.heard, l.doubt = now, false
	m.ping(now, l)
	l.synced = l.sent
}

func (m *Mesh) ping(now time.Time, l *link) {
	l.pinged = now
	if m.send(now, l, frame.Message{Kind: frame.Ping}) {
		l.sent++
		l.pings = append(l.pings, now)
	}
}

// pong takes a hub's answer.
func (m *Mesh) pong(now time.Time, l *link, f frame.Message) {
	if len(l.pings) == 0 {
		return // nobody has asked
	}
	l.doubt = l.doubt || now.Sub(l.heard) > m.config.Timeout*9/10
	l.heard = l.pings[0]
	l.pings = l.pings[1:]
	l.got++
	l.ours, l.plain = f.Ours, !f.Ours
	for len(l.order) > 0 && l.order[0].fence <= l.got {
		w := l.order[0]
		l.order = l.order[1:]
		m.unechoed(now, l, w)
	}
	switch {
	case l.phase == greeting && l.got >= l.synced:
		m.sync(now, l, f.Ours && f.Number == m.digest)
	case l.phase == up && l.ours:
		m.contrast(now, l, f.Number)
	case l.phase == up && len(l.pings) == 0 && l.doubt:
		// A czmq hub that has heard nothing for that long forgets its client, and says so
		// only when that publishes.
		m.counters.Resyncs++
		m.greet(now, l)
	}
	m.fence(now, l)
}

// sync ends the greeting: the hub is told what it lacks.
func (m *Mesh) sync(now time.Time, l *link, equal bool) {
	l.phase = up
	for key, e := range m.table {
		has, any := l.theirs[key]
		switch {
		case l.ours && (equal || any && has >= e.stamp):
		default:
			m.mark(l, key)
		}
	}
	l.theirs = nil
	m.flush(now, l)
}

// unlikeMost is how often in a row two tables may be found at rest and different. Each
// time that the other table did not help it is twice as many, up to so many: where one
// of the two has no room they stay different.
const (
	unlikeMost  = 3
	unlikeLimit = 200
)

// contrast compares digests, and asks for the table if they stay different.
func (m *Mesh) contrast(now time.Time, l *link, digest uint64) {
	pair := [2]uint64{m.digest, digest}
	switch {
	case m.digest == digest:
		l.unlike, l.patience = 0, unlikeMost
	case len(l.queue) > 0:
		l.unlike = 0
	case pair != l.pair:
		l.unlike = 1
	default:
		l.unlike++
	}
	l.pair = pair
	if l.unlike >= l.patience {
		l.unlike, l.patience = 0, min(2*l.patience, unlikeLimit)
		m.counters.Resyncs++
		m.greet(now, l)
	}
}

// silence is after how many timeouts without a PONG a hub is dialled again.
const silence = 5

// tick does what a link is due to do.
func (m *Mesh) tick(now time.Time, l *link) {
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(now) }
	if due(l.ready) {
		m.admit(now, l)
	}
	if due(l.full) {
		l.full = time.Time{}
		m.flush(now, l)
	}
	for len(l.order) > 0 && (l.order[0].over || due(l.order[0].until)) {
		w := l.order[0]
		l.order = l.order[1:]
		m.unechoed(now, l, w)
	}
	if !l.dialled || l.phase == down {
		return
	}
	if len(l.pings) > 0 && now.Sub(l.pings[0]) > silence*m.config.Timeout {
		m.counters.Redials++
		m.host.Refused(l.id, Silent)
		l.reset(down)
		m.host.Redial(l.id, 0)
		return
	}
	if due(l.again) {
		m.greet(now, l)
	}
	if due(l.pinged.Add(l.interval(m.config))) {
		m.ping(now, l)
	}
}

// admit ends the grace of a czmq client: now it is told what it does not have.
func (m *Mesh) admit(now time.Time, l *link) {
	l.ready = time.Time{}
	if l.phase == stranger {
		m.send(now, l, frame.Message{Kind: frame.Invalid})
		return
	}
	l.phase = up
	for key := range m.table {
		m.mark(l, key)
	}
	m.flush(now, l)
}
