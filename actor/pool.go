package actor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/mailbox"
)

// Route says which members of a pool get a message: Shared, RoundRobin, ByKey or
// Broadcast.
type Route[M any] struct {
	kind routeKind
	hash func(M) uint64
}

type routeKind uint8

const (
	shared routeKind = iota
	roundRobin
	byKey
	broadcast
)

// Shared has the members take their messages from one mailbox: one that is not
// busy gets the next, so that a slow one holds up nobody. The mailbox's bound is
// that of the pool.
func Shared[M any]() Route[M] { return Route[M]{kind: shared} }

// RoundRobin gives the messages to the members in turn; each has its mailbox.
func RoundRobin[M any]() Route[M] { return Route[M]{kind: roundRobin} }

// ByKey gives messages with the same key to the same member, for as long as that is
// there; when it has ended for good, only its keys go to others (rendezvous
// hashing).
func ByKey[M any, K comparable](key func(M) K) Route[M] {
	seed := maphash.MakeSeed()
	return Route[M]{kind: byKey, hash: func(m M) uint64 { return maphash.Comparable(seed, key(m)) }}
}

// Broadcast gives every message to every member. It can't be asked: that is
// ErrType, since one question has one answer.
func Broadcast[M any]() Route[M] { return Route[M]{kind: broadcast} }

// Pool adds n actors of one kind to a supervisor, called name/1 to name/n, and
// returns them as one: what it is told or asked goes to its members as the route
// says. Its Close and Shutdown are theirs, and it is done when the last of them has
// ended for good; each is restarted by itself, always (Permanent). The options hold
// for each member, but WithRegistry and WithGroup for the pool.
//
// Errors: ErrClosed, ErrNameTaken, ErrNoName, ErrOption.
func Pool[M any](s *Supervisor, name string, n int, route Route[M], setup Setup[M], opts ...Option) (*Ref[M], error) {
	if n < 1 {
		return nil, fmt.Errorf("%w: a pool of %d: must be at least 1", ErrOption, n)
	}
	r, err := newRef(setup, nil, nil, &s.children, append(opts[:len(opts):len(opts)], WithName(name)))
	if err != nil {
		return nil, err
	}
	p := &pool[M]{Ref: r, route: route}
	r.self, r.several, r.also().group = p, true, p
	if err := r.enlist(r); err != nil {
		return nil, err
	}
	r.enter(p)
	if err := p.fill(s, n); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// pool is what a Ref has that is several actors. It is the one life of that Ref.
type pool[M any] struct {
	*Ref[M]
	route Route[M]
	turn  atomic.Uint64

	mu    sync.Mutex
	parts atomic.Pointer[[]member[M]] // written under mu, never changed: those that have not ended
}

type member[M any] struct {
	*Ref[M]
	salt uint64 // its own, for ByKey
}

// fill makes the members.
func (p *pool[M]) fill(s *Supervisor, n int) error {
	var q *mailbox.Queue[M]
	if p.route.kind == shared {
		q = &p.own
	}
	all := make([]member[M], 0, n)
	for i := range n {
		conf := *p.config
		conf.registry, conf.groups, conf.listed = nil, nil, nil
		r, err := newRef(p.setup, s.newChild(Permanent), q, &conf, []Option{WithName(fmt.Sprintf("%s/%d", p.name, i+1))})
		if err != nil {
			return err
		}
		_ = r.enlist(r) // which fails for a registry only
		all = append(all, member[M]{r, scramble(uint64(i + 1))})
	}
	p.parts.Store(&all)
	for _, m := range all {
		m.child.lost = func(err error) { p.lost(m.Ref, err) }
	}
	for _, m := range all {
		if err := s.adopt(&m.unit); err != nil {
			return err
		}
	}
	return nil
}

// scramble spreads n over all bits.
func scramble(n uint64) uint64 {
	n *= 0x9e3779b97f4a7c15
	n ^= n >> 32
	n *= 0xd6e8feb86659fd93
	return n ^ n>>32
}

// lost takes out a member that has ended for good, and ends the pool with the last.
func (p *pool[M]) lost(r *Ref[M], err error) {
	p.mu.Lock()
	var rest []member[M]
	for _, m := range *p.parts.Load() {
		if m.Ref != r {
			rest = append(rest, m)
		}
	}
	p.parts.Store(&rest)
	p.mu.Unlock()
	if len(rest) == 0 {
		p.leave(p, err)
		r.child.sup.left(&p.unit) // of a shared mailbox, which is no member's
	}
}

// members implements crowd.
func (p *pool[M]) members() []*unit {
	var all []*unit
	for _, m := range *p.parts.Load() {
		all = append(all, &m.unit)
	}
	return all
}

// end implements life: it ends the members.
func (p *pool[M]) end(error) {
	for _, m := range *p.parts.Load() {
		m.halt()
	}
}

// put gives m to whom the route says. Waiting for room is waiting for that one.
func (p *pool[M]) put(ctx context.Context, m M, ask bool) error {
	if p.route.kind == broadcast {
		return p.putAll(m, func(to *Ref[M]) error { return to.enqueue(ctx, m, false) })
	}
	to, err := p.pick(m)
	if err != nil {
		return err
	}
	return to.enqueue(ctx, m, ask)
}

func (p *pool[M]) tryPut(m M) error {
	if p.route.kind == broadcast {
		return p.putAll(m, func(to *Ref[M]) error { return to.TryTell(m) })
	}
	to, err := p.pick(m)
	if err != nil {
		return err
	}
	return to.overflowed(to.queue().TrySend(m), false)
}

func (p *pool[M]) putAll(m M, put func(*Ref[M]) error) error {
	if f, is := any(m).(failer); is && f.base().state.Load() != fresh {
		return fmt.Errorf("%w: %q is a broadcast, which can't be asked", ErrType, p.name)
	}
	all := *p.parts.Load()
	if len(all) == 0 {
		return p.stopped()
	}
	var errs []error
	for _, m := range all {
		if err := put(m.Ref); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.name, err))
		}
	}
	return errors.Join(errs...)
}

// pick returns the member that gets m; for a shared mailbox the pool itself.
func (p *pool[M]) pick(m M) (*Ref[M], error) {
	all := *p.parts.Load()
	if p.route.kind == shared {
		return p.Ref, nil
	}
	if len(all) == 0 {
		return nil, p.stopped()
	}
	if p.route.kind == roundRobin {
		return all[(p.turn.Add(1)-1)%uint64(len(all))].Ref, nil
	}
	h, best := p.route.hash(m), 0
	for i := range all {
		if cmp.Compare(scramble(h^all[i].salt), scramble(h^all[best].salt)) > 0 {
			best = i
		}
	}
	return all[best].Ref, nil
}

// begin and launch implement kind: a pool is no supervisor's child.
func (p *pool[M]) begin(context.Context) life { return nil }
func (p *pool[M]) launch(life)                {}

// closeSend has the members end when there is nothing left.
func (p *pool[M]) closeSend() {
	p.Ref.closeSend()
	for _, m := range *p.parts.Load() {
		m.drain()
	}
}

// idle implements kind: who asks a pool asks its members.
func (p *pool[M]) idle() bool { return false }

// queued is what waits in all mailboxes.
func (p *pool[M]) queued() int {
	n := p.Ref.queued()
	if p.route.kind != shared {
		for _, m := range *p.parts.Load() {
			n += m.queued()
		}
	}
	return n
}

// tally adds the counters of the members that are there.
func (p *pool[M]) tally(s *Stats) {
	for _, m := range *p.parts.Load() {
		of := m.Stats()
		s.Stashed += of.Stashed
		s.Open += of.Open
		s.Restarts += of.Restarts
		s.Dropped += of.Dropped
		s.DeadLetters += of.DeadLetters
		s.Expired += of.Expired
		s.Unasked += of.Unasked
	}
}
