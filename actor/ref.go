package actor

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/mailbox"
)

// Handler works on one message. Its calls follow one another: what it touches
// needs no lock. An error ends this life of the actor, as a panic does.
type Handler[M any] func(c *Context[M], m M) error

// Setup makes the handler of a life: it runs at each start, on the actor's
// goroutine, and the actor is ready when it has returned. What it makes is the
// state of that life.
type Setup[M any] func(c *Context[M]) (Handler[M], error)

// Ref is an actor whose messages are Go values of type M, often an interface that
// several types implement. It has a goroutine only while there is work. Its methods
// may be called from any goroutine.
//
// The order of the fields keeps what its goroutine touches for each message a cache
// line away from what senders write, wherever the Ref begins: first what both only
// read, then what is seldom used, the goroutine's, the senders' (the end of own), and
// what is seldom used again. Without that a message costs up to three times as much,
// and which actors it hits is chance: every other one.
type Ref[M any] struct {
	unit
	setup Setup[M]
	rare  atomic.Pointer[rare[M]]

	// wake is resume. To make its closure anew at each Wake would not only allocate:
	// that needs more stack than a new goroutine has, whose growth costs ten times
	// what the message does.
	wake func()

	// Of the goroutine that works, which is one at a time.
	now *Context[M] // the life

	first Context[M] // the first life, which most actors keep: see newLife
	own   mailbox.Queue[M]
	me    mailbox.Consumer[M]
}

// rare is what few actors have: those that are asked, have put messages aside, or
// are pools.
type rare[M any] struct {
	slots slots
	group *pool[M]          // of a pool
	q     *mailbox.Queue[M] // a pool's, of a member that shares it
	front []M               // was taken from the queue before, and comes first; as now
}

// also returns the rare part.
func (r *Ref[M]) also() *rare[M] {
	if x := r.rare.Load(); x != nil {
		return x
	}
	r.rare.CompareAndSwap(nil, new(rare[M]))
	return r.rare.Load()
}

// group is the pool that r stands for; nil for others.
func (r *Ref[M]) group() *pool[M] {
	if !r.several {
		return nil
	}
	return r.rare.Load().group
}

// queue is the mailbox: its own, or a pool's.
func (r *Ref[M]) queue() *mailbox.Queue[M] {
	if r.shares {
		return r.rare.Load().q
	}
	return &r.own
}

var _ Unit = (*Ref[any])(nil)

// New starts an actor, and returns it when it is ready: when setup has returned. Its
// error is New's.
//
// ctx is the actor's life, not only New's: when it ends, the actor is stopped. New
// never waits longer than for that.
func New[M any](ctx context.Context, setup Setup[M], opts ...Option) (*Ref[M], error) {
	r, err := newRef(setup, nil, nil, &defaults, opts)
	if err != nil {
		return nil, err
	}
	if err := r.enlist(r); err != nil {
		return nil, err
	}
	c := r.begin(ctx).(*Context[M])
	told := ctx.Done()
	if r.ready > 0 {
		told = c.Done() // which the timeout ends too
	}
	begun := c.expect(told != nil)
	r.launch(c)
	begun.wait(told)
	return r.awaited(ctx, c)
}

// awaited is the end of New: see Actor.awaitReady.
func (r *Ref[M]) awaited(ctx context.Context, c *Context[M]) (*Ref[M], error) {
	if c.flags.Load()&isReady != 0 {
		return r, nil // and perhaps at its end since
	}
	late := c.cause()
	r.halt()
	if late != errLate {
		late = failure(late)
	}
	return nil, cmp.Or(r.Err(), ctx.Err(), late, ErrNotReady)
}

// Supervise adds an actor to a supervisor, as Supervisor.Add does.
//
// Errors: ErrClosed, ErrNameTaken, ErrNoName, ErrOption.
func Supervise[M any](s *Supervisor, name string, setup Setup[M], rule Restart, opts ...Option) (*Ref[M], error) {
	r, err := newRef(setup, s.newChild(rule), nil, &s.children, append(slices.Clip(opts), WithName(name)))
	if err != nil {
		return nil, err
	}
	if err := r.enlist(r); err != nil {
		return nil, err
	}
	if err := s.adopt(&r.unit); err != nil {
		return nil, err
	}
	return r, nil
}

// Child adds an actor that belongs to the life of c: see Context.Children.
func Child[M, N any](c *Context[N], name string, setup Setup[M], rule Restart, opts ...Option) (*Ref[M], error) {
	return Supervise(c.Children(), name, setup, rule, opts...)
}

// newRef makes an actor; q is the queue that it shares, or nil.
func newRef[M any](setup Setup[M], c *child, q *mailbox.Queue[M], from *config, opts []Option) (*Ref[M], error) {
	conf, err := configure(from, opts)
	if err != nil {
		return nil, err
	}
	r := &Ref[M]{unit: unit{config: conf, child: c, asks: mayAsk[M]()}, setup: setup}
	r.self = r
	r.me.Init(r)
	r.wake = r.resume
	if q == nil {
		r.own.Init(conf.mailbox)
	} else {
		r.shares, r.also().q = true, q
	}
	return r, nil
}

// mayAsk reports whether an M may be a question.
func mayAsk[M any]() bool {
	var m M
	x := any(m)
	if x == nil {
		return true // an interface
	}
	_, asks := x.(failer)
	return asks
}

// Tell puts m into the mailbox. When it is full, the actor's Overflow decides: wait
// for room, for the end of ctx or for the actor's, drop, or ErrMailboxFull. Tell
// returns ErrClosed when the actor has ended or was told to; nil means that m is in
// the mailbox, or was dropped by DropNew, and not that it will be worked on. What m
// points to belongs to the actor from then on.
//
// A question that the sender has taken itself is sent on: whoever gets it answers.
func (r *Ref[M]) Tell(ctx context.Context, m M) error {
	if r.asks { // as pass does, without a call
		if f, is := any(m).(failer); is {
			f.base().pass(&r.unit)
		}
	}
	if !r.several {
		if err := r.queue().TrySend(m); err != nil {
			return r.refused(ctx, m, false, err)
		}
		return nil
	}
	return r.put(ctx, m, false)
}

// TryTell is Tell that returns ErrAgain where Tell would wait.
func (r *Ref[M]) TryTell(m M) error {
	if r.asks {
		r.pass(m)
	}
	if g := r.group(); g != nil {
		return g.tryPut(m)
	}
	return r.overflowed(r.queue().TrySend(m), false)
}

// pass enters that r has m, when it is a question.
func (r *Ref[M]) pass(m M) {
	if f, is := any(m).(failer); is {
		f.base().pass(&r.unit)
	}
}

// put queues m, or has a pool choose who does.
func (r *Ref[M]) put(ctx context.Context, m M, ask bool) error {
	if g := r.group(); g != nil {
		return g.put(ctx, m, ask)
	}
	return r.enqueue(ctx, m, ask)
}

// enqueue queues m here.
func (r *Ref[M]) enqueue(ctx context.Context, m M, ask bool) error {
	if err := r.queue().TrySend(m); err != nil {
		return r.refused(ctx, m, ask, err)
	}
	return nil
}

// refused goes on with an enqueue whose TrySend has failed.
func (r *Ref[M]) refused(ctx context.Context, m M, ask bool, err error) error {
	if err == mailbox.ErrAgain {
		r.tell(Event{Kind: Full})
		if r.overflow == Block {
			return r.senders(r.queue().Send(ctx, m))
		}
	}
	if err = r.overflowed(err, ask); err == ErrAgain {
		err = ErrMailboxFull
	}
	return err
}

// overflowed applies DropNew to the result of a TrySend. An Ask is not dropped in
// silence: nobody would answer it.
func (r *Ref[M]) overflowed(err error, ask bool) error {
	if err == mailbox.ErrAgain && r.overflow == DropNew && !ask {
		r.count(func(s *Stats) { s.Dropped++ })
		return nil
	}
	return r.senders(err)
}

// senders translates an error of the queue.
func (r *Ref[M]) senders(err error) error {
	switch err {
	case mailbox.ErrAgain:
		return ErrAgain
	case mailbox.ErrClosed:
		return r.stopped()
	}
	return err
}

// begin makes a new life: see kind.
func (r *Ref[M]) begin(ctx context.Context) life {
	c := r.newLife()
	c.r, c.parent = r, ctx
	if !r.enter(c) {
		return nil
	}
	r.now = c
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() {
			orFail(c, "actor: end of its context", func() { c.end(context.Cause(ctx)) })
		})
		r.mu.Lock()
		c.linked().unlink = stop
		r.mu.Unlock()
	}
	if r.ready > 0 {
		late := time.AfterFunc(r.ready, func() { orFail(c, "actor: ready timeout", c.tooLate) })
		r.mu.Lock()
		c.linked().late = late
		r.mu.Unlock()
	}
	return c
}

// newLife returns an unused Context. The first is part of r: an allocation is a good
// part of what a start costs.
func (r *Ref[M]) newLife() *Context[M] {
	if r.first.r == nil {
		return &r.first
	}
	return new(Context[M])
}

func (r *Ref[M]) launch(life) { go r.wake() }

// Wake is called by the queue when there is work for an actor that rests. It is
// not for others.
func (r *Ref[M]) Wake() { go r.wake() }

func (r *Ref[M]) resume() { r.work(r.now) }

// work is the actor's goroutine while there is work: a life, and those that follow
// at once.
func (r *Ref[M]) work(c *Context[M]) {
	for c != nil {
		c = c.run()
	}
}

// closeSend ends the sending here. The queue that a pool's members share is the
// pool's: one that is drained leaves when it finds nothing there.
func (r *Ref[M]) closeSend() {
	if r.shares {
		r.queue().Nudge(&r.me)
	} else {
		r.own.CloseSend()
	}
}

func (r *Ref[M]) idle() bool { return r.queue().Parked(&r.me) }

func (r *Ref[M]) queued() int { return r.queue().Len() + int(r.ahead.Load()) }

// abandon empties the mailbox, but not one that a pool's members share.
func (r *Ref[M]) abandon(why error) int {
	left := r.takeFront()
	if !r.shares {
		left = append(left, r.own.Abandon()...)
	}
	r.failAll(left, why)
	return len(left)
}

// setFront sets what comes before the queue.
func (r *Ref[M]) setFront(all []M) {
	if len(all) == 0 {
		all = nil
	}
	r.also().front = all
	r.ahead.Store(int32(len(all)))
}

// takeFront takes all of that.
func (r *Ref[M]) takeFront() []M {
	if r.ahead.Load() == 0 {
		return nil
	}
	all := r.also().front
	r.setFront(nil)
	return all
}

// failAll ends the Asks among messages that nobody will work on.
func (r *Ref[M]) failAll(all []M, why error) {
	if !r.asks {
		return
	}
	for _, m := range all {
		if f, is := any(m).(failer); is {
			f.fail(cutOff, why)
		}
	}
}

func (r *Ref[M]) tally(s *Stats) {
	r.mu.Lock()
	c, _ := r.life.(*Context[M])
	r.mu.Unlock()
	if c == nil {
		return
	}
	if x := c.more.Load(); x != nil {
		s.Open = x.open.len()
		s.Stashed = int(x.stashed.Load())
	}
}
