package mesh

import (
	"slices"
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
	address string // accepted: where from
	share   *share // of the table
	phase   phase
	ours    bool      // the peer knows versions
	plain   bool      // dialled: the hub has answered that it does not
	bar     time.Time // nothing is heard until then
	flood   bucket
	ready   time.Time // accepted, greeting: when it is up; stranger: when it is told INVALID

	queue []string // the keys that the peer is to be told, in order; some may be gone
	dirty map[string]bool
	full  time.Time // when to try again what had no room

	known map[string]uint64 // unversioned: the hash of what the peer has
	base  map[string]uint64 // and what it had when the link was up before
	waits map[string]*wait  // unversioned: what is under way
	order []*wait           // waits by age; some are over
	later int               // the bytes that wait in waits

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

	patience int // after how many of them the table is asked for
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

func newLink(id Link, dialled bool, s *share) *link {
	l := &link{
		id: id, dialled: dialled, share: s, phase: stranger, patience: unlikeMost,
		dirty: map[string]bool{}, known: map[string]uint64{}, base: map[string]uint64{}, waits: map[string]*wait{},
	}
	if dialled {
		l.phase = down
	}
	return l
}

// mark says that the peer of a link is to be told of a key.
func (m *Mesh) mark(l *link, key string) {
	if l.phase <= stranger || l.dirty[key] {
		return
	}
	if len(l.queue) >= 2*m.config.MaxKeys { // the peer is stuck while keys come and go
		l.queue = slices.DeleteFunc(l.queue, func(k string) bool {
			gone := m.table[k] == nil
			if gone {
				delete(l.dirty, k)
			}
			return gone
		})
	}
	l.dirty[key] = true
	l.queue = append(l.queue, key)
}

func (l *link) forget(key string) {
	delete(l.known, key)
	delete(l.base, key)
	if w := l.waits[key]; w != nil {
		l.finish(w)
	}
}

// finish takes a wait out of those that are under way.
func (l *link) finish(w *wait) {
	w.over = true
	delete(l.waits, w.key)
	if w.later != nil {
		l.later -= len(*w.later)
	}
}

// await adds a wait.
func (l *link) await(w *wait) {
	for len(l.order) > 0 && l.order[0].over {
		l.order = l.order[1:]
	}
	l.waits[w.key] = w
	l.order = append(l.order, w)
}

// unhear forgets what was to be told and what was under way.
func (l *link) unhear() {
	l.queue, l.order, l.later = nil, nil, 0
	clear(l.dirty)
	clear(l.waits)
}

// reset forgets a session, but not what the peer had.
func (l *link) reset(p phase) {
	l.phase, l.theirs, l.again, l.ready, l.full = p, nil, time.Time{}, time.Time{}, time.Time{}
	l.pings, l.sent, l.got, l.unlike, l.doubt = nil, 0, 0, 0, false
	l.unhear()
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

// send says one thing. What goes to a peer that does not know versions is what czmq
// would send, byte by byte. A hub is asked what it is by the trailers of the HELLO and
// the PING that begin a session; a client is answered as it asks, which f.Ours says.
func (m *Mesh) send(now time.Time, l *link, f frame.Message) bool {
	f.Ours = f.Ours || l.ours || l.dialled && !l.plain
	switch {
	case !f.Ours:
		f.Number, f.TTL = 0, 0
	case f.Kind != frame.Publish:
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
//
// A czmq peer is never told of a deletion, of which zgossip knows nothing: it keeps what
// it has. (An empty value would say it, and crashes zyre in C.)
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
	if e.deleted || l.waits[key] != nil || any && has == hash(e.value) {
		return true
	}
	if !m.send(now, l, f) {
		return false
	}
	w := &wait{key: key, value: e.value}
	if l.dialled {
		w.fence = l.sent + 1
	} else {
		w.until = now.Add(m.config.Echo)
	}
	m.plains[l.id] = l
	l.await(w)
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
		m.mark(l, key)
		m.flush(now, l)
	}
}
