package mesh

import (
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
)

// phase is how far a link has come.
type phase uint8

const (
	down     phase = iota // dialled, and not connected
	stranger              // accepted, and has not said HELLO
	greeting              // dialled: HELLO is said, the table comes; accepted: a czmq client says what it has
	up
)

// link is one way to a peer.
type link struct {
	id      Link
	dialled bool
	phase   phase
	ours    bool      // the peer knows versions
	bar     time.Time // nothing is heard until then
	flood   bucket
	ready   time.Time // accepted, greeting: when it is up; stranger: when it is told INVALID

	queue []string // the keys that the peer is to be told, in order
	dirty map[string]bool
	full  time.Time // when to try again what had no room

	known map[string]string // unversioned: what the peer has
	base  map[string]string // and what it had when the link was up before
	waits map[string]*wait  // unversioned: what is under way
	order []*wait           // waits by age; some are over

	pings  []time.Time // when those without a PONG were sent
	sent   uint64      // PINGs
	got    uint64      // PONGs
	pinged time.Time
	synced uint64            // greeting ends with this PONG
	theirs map[string]uint64 // greeting: the stamps that have come
	heard  time.Time         // the hub has heard this node since
	doubt  bool              // but once it may not have, for too long
	hellos bucket
	again  time.Time // when to say HELLO that was said too often
	unlike int       // PONGs in a row with the same wrong digest
	pair   [2]uint64
}

// wait is a write to a peer's cell that is under way.
type wait struct {
	key   string
	value string
	fence uint64    // over with this PONG; 0: only by echo or time
	until time.Time // over then; zero: see fence
	later *string   // what was heard since
	over  bool
}

func newLink(id Link, dialled bool) *link {
	l := &link{id: id, dialled: dialled, phase: stranger, dirty: map[string]bool{}, known: map[string]string{}, base: map[string]string{}, waits: map[string]*wait{}}
	if dialled {
		l.phase = down
	}
	return l
}

// mark says that the peer is to be told of a key.
func (l *link) mark(key string) {
	if l.phase > stranger && !l.dirty[key] {
		l.dirty[key] = true
		l.queue = append(l.queue, key)
	}
}

func (l *link) forget(key string) {
	delete(l.known, key)
	delete(l.base, key)
	delete(l.waits, key)
}

// reset forgets a session, but not what the peer had.
func (l *link) reset(p phase) {
	l.phase, l.theirs, l.again, l.ready, l.full = p, nil, time.Time{}, time.Time{}, time.Time{}
	l.queue, l.order, l.pings, l.sent, l.got, l.unlike, l.doubt = nil, nil, nil, 0, 0, 0, false
	clear(l.dirty)
	clear(l.waits)
}

// next is when the link has something to do.
func (l *link) next(c Config) time.Time {
	var next time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	sooner(l.full)
	sooner(l.again)
	sooner(l.ready)
	if l.dialled && l.phase > down {
		sooner(l.pinged.Add(l.interval(c)))
	}
	if len(l.order) > 0 {
		sooner(l.order[0].until)
	}
	return next
}

// interval is the time between two PINGs. A czmq hub must hear several in the time
// after which it forgets its client; the own kind does not forget.
func (l *link) interval(c Config) time.Duration {
	if l.ours {
		return c.Timeout
	}
	return c.Timeout / 3
}

// retry is when room is looked for again.
const retry = 20 * time.Millisecond

// send says one thing.
func (m *Mesh) send(now time.Time, l *link, f frame.Message) bool {
	f.Ours = true
	if f.Kind != frame.Publish {
		f.Number = m.digest
	}
	b, err := f.Append(nil)
	if err != nil || !m.host.Send(l.id, b) {
		l.full = now.Add(retry)
		return false
	}
	m.counters.Sent++
	return true
}

// flush tells a peer what it is to be told, as far as there is room.
func (m *Mesh) flush(now time.Time, l *link) {
	if l.phase != up {
		return
	}
	l.full = time.Time{}
	for len(l.queue) > 0 {
		key := l.queue[0]
		if !m.tell(now, l, key) {
			return
		}
		l.queue = l.queue[1:]
		delete(l.dirty, key)
	}
	l.queue = nil
	m.fence(now, l)
}

// tell sends a tuple, if the peer has another one. It reports false if there was no
// room.
func (m *Mesh) tell(now time.Time, l *link, key string) bool {
	e := m.table[key]
	if e == nil {
		return true
	}
	f := frame.Message{Kind: frame.Publish, Key: key, Value: e.value, Deleted: e.deleted, Number: e.stamp, TTL: left(now, e.until)}
	if l.ours {
		return m.send(now, l, f)
	}
	has, any := l.known[key]
	if l.waits[key] != nil || any && has == view(e.version) || !any && e.deleted && l.dialled {
		return true
	}
	if !m.send(now, l, f) {
		return false
	}
	w := &wait{key: key, value: view(e.version)}
	if l.dialled {
		w.fence = l.sent + 1
	} else {
		w.until = now.Add(m.config.Echo)
	}
	l.waits[key] = w
	l.order = append(l.order, w)
	return true
}

// left is a time to live in milliseconds, rounded up.
func left(now, until time.Time) uint32 {
	if until.IsZero() {
		return 0
	}
	ms := (until.Sub(now) + time.Millisecond - 1).Milliseconds()
	return uint32(min(max(ms, 1), 1<<32-1))
}

// fence sends the PING whose PONG will say that writes have been heard.
func (m *Mesh) fence(now time.Time, l *link) {
	if n := len(l.order); l.dialled && n > 0 && l.order[n-1].fence > l.sent && l.sent == l.got {
		m.ping(now, l)
	}
}

// spread makes a change known to all but who has told it.
func (m *Mesh) spread(now time.Time, key string, except Link) {
	for _, l := range m.links {
		if l.ours && l.id == except {
			continue
		}
		l.mark(key)
		m.flush(now, l)
	}
}

// spreadPlain makes a change known to those who can't see it come.
func (m *Mesh) spreadPlain(now time.Time, key string) {
	for _, l := range m.links {
		if !l.ours {
			l.mark(key)
			m.flush(now, l)
		}
	}
}
