package mesh

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
	"github.com/go-zactor/zactor/internal/budget"
)

// ErrFull says that the table has no room for another key.
var ErrFull = errors.New("gossip: table is full")

// Mesh is one node's table and its links.
type Mesh struct {
	config   Config
	host     Host
	table    map[string]*entry
	live     int
	digest   uint64 // the sum over all live entries
	ends     ends
	links    map[Link]*link
	plains   map[Link]*link // those whose peer's cells are followed
	shares   *budget.Pool[*entry]
	accepted int
	counters Counters
}

// New makes a Mesh without tuples or links.
func New(c Config, h Host) *Mesh {
	return &Mesh{
		config: c, host: h, table: map[string]*entry{}, links: map[Link]*link{}, plains: map[Link]*link{}, shares: newShares(c),
	}
}

// Tuple is what the program sees of an entry.
type Tuple struct {
	Key   string
	Value string
	Until time.Time // zero: for ever
	Stamp uint64
	From  Link
}

// Get looks a tuple up.
func (m *Mesh) Get(key string) (Tuple, bool) {
	e := m.table[key]
	if e == nil || e.deleted {
		return Tuple{}, false
	}
	return Tuple{key, e.value, e.until, e.stamp, e.from}, true
}

// Keys are those of all tuples, sorted.
func (m *Mesh) Keys() []string {
	keys := make([]string, 0, m.live)
	for key, e := range m.table {
		if !e.deleted {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Put gives a key a value, for a time or, with ttl 0, for ever. To put the same value
// for ever again does nothing.
//
// Errors: ErrFull, frame.ErrInvalid.
func (m *Mesh) Put(now time.Time, key, value string, ttl time.Duration) error {
	if err := frame.Check(key, value); err != nil {
		return err
	}
	e := m.table[key]
	if e != nil && !e.deleted && e.value == value && e.until.IsZero() && ttl == 0 {
		return nil
	}
	v := version{stamp: m.stamp(now, e), value: value}
	if !m.set(now, key, v, after(now, ttl), 0, true) {
		return fmt.Errorf("%w: key %.40q, %d bytes: %d keys and %d bytes are the most", ErrFull, key, len(value), m.config.MaxKeys, m.config.MaxBytes)
	}
	m.spread(now, key, 0)
	return nil
}

// Delete removes a key, here and everywhere. It reports whether it was there.
func (m *Mesh) Delete(now time.Time, key string) bool {
	e := m.table[key]
	if e == nil || e.deleted {
		return false
	}
	m.set(now, key, version{stamp: m.stamp(now, e), deleted: true}, now.Add(m.config.Memory), 0, true)
	m.spread(now, key, 0)
	return true
}

func after(now time.Time, ttl time.Duration) time.Time {
	if ttl == 0 {
		return time.Time{}
	}
	return now.Add(ttl)
}

// stamp is that of a tuple which takes e's place.
func (m *Mesh) stamp(now time.Time, e *entry) uint64 {
	s := uint64(max(now.UnixMicro(), ageless+1))
	if e != nil {
		s = max(s, e.stamp+1)
	}
	return s
}

// set puts a version into the table, or reports that it has no room for whom it is
// from. final says that nothing without a version may bring back what was there.
func (m *Mesh) set(now time.Time, key string, v version, until time.Time, from Link, final bool) bool {
	e := m.table[key]
	if e == nil {
		e = newEntry(key)
	}
	if !m.charge(e, v, from) {
		return false
	}
	m.table[key] = e
	before := e.version
	if before.stamp > 0 && view(before) != view(v) {
		e.remember(now, view(before), e.from, final)
	}
	m.count(key, before, -1)
	e.version, e.from = v, from
	m.ends.schedule(e, until)
	m.count(key, v, +1)
	if before.deleted != v.deleted || before.value != v.value {
		m.counters.Delivered++
		m.host.Changed(key)
	}
	return true
}

// count keeps digest and live.
func (m *Mesh) count(key string, v version, by int) {
	if v.deleted {
		return
	}
	m.live += by
	m.digest += uint64(by) * v.digest(key)
}

// view is what a peer without versions sees: nothing, where a tuple is deleted.
func view(v version) string {
	if v.deleted {
		return ""
	}
	return v.value
}

// expire ends what is due: a live tuple is deleted, as at all other nodes, without
// a word to them; a deletion is forgotten, unless a hub without versions would bring
// the tuple back.
func (m *Mesh) expire(now time.Time) {
	for len(m.ends) > 0 && !m.ends[0].until.After(now) {
		e := m.ends[0]
		switch {
		case !e.deleted:
			m.set(now, e.key, version{stamp: e.stamp, deleted: true}, now.Add(m.config.Memory), e.from, true)
		case m.haunted(e.key):
			m.ends.schedule(e, now.Add(m.config.Memory))
		default:
			m.forget(e)
		}
	}
}

// haunted reports whether a hub without versions still has a key, as far as is known.
func (m *Mesh) haunted(key string) bool {
	for _, l := range m.plains {
		has, any := l.known[key]
		if !any {
			has, any = l.base[key]
		}
		if l.dialled && any && has != nothing {
			return true
		}
	}
	return false
}

// forget takes an entry out of the table, as if it had never been there.
func (m *Mesh) forget(e *entry) {
	m.count(e.key, e.version, -1)
	m.ends.schedule(e, time.Time{})
	m.release(e)
	delete(m.table, e.key)
	for _, l := range m.plains {
		l.forget(e.key)
	}
}

// Next is when Tick is to be called; zero: when something else has been done.
func (m *Mesh) Next() (next time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	if len(m.ends) > 0 {
		sooner(m.ends[0].until)
	}
	for _, l := range m.links {
		sooner(l.next(m.config))
	}
	return next
}

// Tick does what is due.
func (m *Mesh) Tick(now time.Time) {
	m.expire(now)
	for _, id := range slices.Sorted(maps.Keys(m.links)) {
		m.tick(now, m.links[id])
	}
}

// Counters are the counts so far.
func (m *Mesh) Counters() Counters {
	c, f := m.counters, m.shares.Figures()
	c.KeysFull, c.OverShare, c.Evicted = f.Full, f.OverShare, f.Evicted
	return c
}

// Digest is that of the table.
func (m *Mesh) Digest() uint64 { return m.digest }

// Used is how many bytes of keys and values the table has.
func (m *Mesh) Used() int { return m.shares.Figures().Held.Bytes }

// Knows says how many tuples, deletions and live links there are.
func (m *Mesh) Knows() (live, deleted, links int) {
	for _, l := range m.links {
		if l.phase > stranger {
			links++
		}
	}
	return m.live, len(m.table) - m.live, links
}
