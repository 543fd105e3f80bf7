// Package registry knows what lives in this process: sockets, actors, nodes, spaces,
// authenticators, and the means of discovery. Each enters when it begins, and leaves when it has ended.
//
// Entering and leaving take one of many locks for as long as it takes to change three
// pointers, and allocate nothing. A [View] holds them only while it
// copies pointers, and asks nobody under them: what is looked at goes on.
//
// Who shows it imports this package and no other: a Snapshot says of each kind what
// there is to see in one form. There are no keys and no messages in it.
package registry

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Kind is what something is.
type Kind uint8

// The kinds.
const (
	Socket Kind = iota + 1
	Actor
	Node
	Space
	Authenticator
	Beacon
	Gossip  // a node of package gossip
	MDNS    // a browser or an announcer
	Members // a member of package members
	Loop    // of package zloop
	Pattern // a caller, broker, worker, server or cache of pattern/...
)

var kinds = [...]string{"", "socket", "actor", "node", "space", "authenticator", "beacon", "gossip", "mdns", "members", "loop", "pattern"}

// String is the kind in lower case.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return ""
}

// Subject is what can be registered. The registry calls it with nothing locked.
type Subject interface {
	// RegistrySnapshot fills in how it stands now. It may be called at any time from any
	// goroutine, also while the subject ends and after that. It must not block.
	RegistrySnapshot(*Snapshot)
}

// socketNumbers is how many numbers a socket has, so that a look at many grows no slice
// for each.
const socketNumbers = 32

// shards is how many locks there are; a power of two.
const shards = 64

// Entry is the place of one subject. It is a part of the subject, so that entering
// allocates nothing. The zero Entry is not entered.
type Entry struct {
	id   atomic.Uint64 // 0: not entered, or it is leaving
	kind Kind
	born time.Time
	of   Subject

	prev, next *Entry // guarded by the shard's lock
	number     uint64 // the id; guarded by the shard's lock
}

// shard is a ring of entries.
type shard struct {
	mu   sync.Mutex
	ends Entry    // of the ring: next is the oldest
	n    int      // guarded by mu
	_    [40]byte // its own cache lines
}

var (
	last atomic.Uint64 // the id given last
	all  [shards]shard
	past ledger
)

func init() {
	for i := range all {
		ends := &all[i].ends
		ends.prev, ends.next = ends, ends
	}
}

func shardOf(id uint64) *shard { return &all[id%shards] }

// Enter makes a subject known. It must leave when it has ended.
func (e *Entry) Enter(kind Kind, of Subject) {
	id := last.Add(1)
	e.kind, e.born, e.of = kind, time.Now(), of
	s := shardOf(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	e.prev, e.next = s.ends.prev, &s.ends
	e.prev.next, e.next.prev = e, e
	s.n++
	e.number = id
	e.id.Store(id)
}

// Leave ends what Enter began, and keeps what the subject has counted. Leaving twice,
// or without having entered, does nothing.
func (e *Entry) Leave() {
	id := e.id.Swap(0)
	if id == 0 {
		return
	}
	last := e.snapshot(id, true)
	s := shardOf(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = nil, nil
	s.n--
	past.keep(last) // under the lock, so that View finds it here or there
}

// ID is the number of the subject in this process, 0 when it is not entered.
func (e *Entry) ID() uint64 { return e.id.Load() }

func (e *Entry) snapshot(id uint64, brief bool) *Snapshot {
	s := &Snapshot{Brief: brief}
	if e.kind == Socket {
		s.Numbers = make([]Number, 0, socketNumbers)
	}
	e.fill(s, id)
	return s
}

// fill makes s, of which only Brief and the room of Numbers stay, the snapshot of e.
func (e *Entry) fill(s *Snapshot, id uint64) {
	*s = Snapshot{Kind: e.kind.String(), ID: id, Born: e.born, Brief: s.Brief, Numbers: s.Numbers[:0]}
	e.of.RegistrySnapshot(s)
	s.Rank = named.rank(s.Kind, s.Name)
}

// Count is how many subjects there are.
func Count() (n int) {
	for i := range all {
		s := &all[i]
		s.mu.Lock()
		n += s.n
		s.mu.Unlock()
	}
	return n
}

// View calls fn with a snapshot of each subject there is, the oldest first, until it
// returns false. It returns what those have counted that had left by then: each subject
// counts on one side and once, so that the sum never falls from one View to the next.
//
// All locks are held together while the pointers are copied, some nanoseconds for each
// subject, and none while the snapshots are taken.
func View(fn func(*Snapshot) bool) []Gone {
	list, gone := cut()
	for _, one := range list {
		if !fn(one.e.snapshot(one.id, false)) {
			break
		}
	}
	return gone
}

// Numbers is View for who wants numbers only, and often: the snapshots are Brief, and
// fn has each only until it returns.
func Numbers(fn func(*Snapshot) bool) []Gone {
	list, gone := cut()
	s := &Snapshot{Brief: true}
	for _, one := range list {
		one.e.fill(s, one.id)
		if !fn(s) {
			break
		}
	}
	return gone
}

// seen is an entry that was there, with the id that it had.
type seen struct {
	e  *Entry
	id uint64
}

// cut is what is there, the oldest first, and what has gone, both at one moment.
func cut() ([]seen, []Gone) {
	list, gone := copied()
	slices.SortFunc(list, func(a, b seen) int { return cmp.Compare(a.id, b.id) })
	return list, gone
}

func copied() (list []seen, gone []Gone) {
	for i := range all {
		all[i].mu.Lock()
		defer all[i].mu.Unlock()
	}
	for i := range all {
		s := &all[i]
		list = slices.Grow(list, s.n)
		for e := s.ends.next; e != &s.ends; e = e.next {
			list = append(list, seen{e, e.number})
		}
	}
	return list, past.list()
}
