package actor

import (
	"context"
	"fmt"
	"reflect"
)

// Answer makes a question of the struct that it is embedded in, for a typed actor:
// a message that is answered with an R.
//
//	type Withdraw struct {
//		Amount int
//		actor.Answer[int]
//	}
//
//	left, err := actor.Ask(ctx, account, &Withdraw{Amount: 30}) // left is an int
//
// Whoever has the question may answer it, once, from any goroutine, now or later:
// the actor that was asked, one that it was sent on to with Tell, or a goroutine. A
// question that nobody answers ends with the asker's context, or with the life of
// the actor that took it last.
type Answer[R any] struct {
	call
	r   R
	err error
}

// Question is a message with an Answer[R] inside: a pointer to the struct.
type Question[R any] interface{ answer() *Answer[R] }

func (a *Answer[R]) answer() *Answer[R] { return a }
func (a *Answer[R]) base() *call        { return &a.call }

// Reply answers the question. That the asker waits no longer is no error. A second
// answer is ErrReplied, and one after the end of the life that had the question
// ErrClosed. The answer to a message that was not asked, but told, goes nowhere,
// and is counted in the Stats of its actor.
func (a *Answer[R]) Reply(r R) error {
	if a.close(answered, func() { a.r = r }) {
		return nil
	}
	return a.refused()
}

// Fail answers the question with an error, which the asker's Ask returns as it is;
// nil is ErrNoReply.
func (a *Answer[R]) Fail(err error) error {
	if err == nil {
		err = ErrNoReply
	}
	if a.fail(answered, err) {
		return nil
	}
	return a.refused()
}

// refused is the error of an answer that came to nothing.
func (a *Answer[R]) refused() error {
	if u := a.holder.Load(); u != nil && a.state.Load() == fresh {
		u.count(func(s *Stats) { s.Unasked++ })
	}
	return a.refusal()
}

// Context returns a context to work on the question with: it has the values and the
// deadline of the asker's, and ends when the asker waits no longer, when the
// question is answered, and when the life ends that has it.
func (a *Answer[R]) Context() context.Context { return a.context() }

func (a *Answer[R]) fail(state uint32, err error) bool {
	return a.close(state, func() { a.err = err })
}

// Ask asks an actor, and waits for the answer. It returns at once with ErrType when
// the question is no message of the actor, with ErrAsked when it was asked before,
// and with ErrCycle when ctx is that of a handler, and the answer would have to
// wait for that handler to return; with ErrClosed when the actor has ended or ends
// before it has taken the question, with ErrNoReply and the cause when the life
// that has the question ends, with the error of a Fail, or with ctx's: then the
// question is not worked on any more, unless that has begun. A full mailbox makes
// it wait, or fail with ErrMailboxFull: see WithOverflow.
func Ask[M, R any](ctx context.Context, to *Ref[M], q Question[R]) (R, error) {
	var none R
	m, ok := any(q).(M)
	if !ok {
		return none, fmt.Errorf("%w: a %T was asked of %q, which takes %v", ErrType, q, to.Name(), reflect.TypeFor[M]())
	}
	a := q.answer()
	if !a.state.CompareAndSwap(fresh, open) {
		return none, ErrAsked
	}
	slots := &to.also().slots
	a.ctx, a.fails, a.c = ctx, a, slots.take()
	defer func() { slots.put(a.c) }()
	caller := callerOf(ctx)
	entered, err := caller.blocks(&a.call, &to.unit)
	if entered {
		defer caller.goesOn()
	}
	if err == nil {
		a.holder.Store(&to.unit)
		err = to.put(ctx, m, true)
	}
	if err != nil {
		a.abandon()
		return none, err
	}
	return a.await(ctx)
}

// AskAsync is the first half of Ask, for an actor of any type of messages: it returns
// when the question is in the mailbox, so that what is sent afterwards comes after it.
// wait is the other half, to be called once, from any goroutine. The question counts as
// long as ctx does, whose end has the actor not work on it. It begins no chain: a circle
// of such questions is not found.
//
// Errors: those of Ask; ErrType also for an Actor, which takes frames.
func AskAsync[R any](ctx context.Context, to Unit, q Question[R]) (wait func(context.Context) (R, error), err error) {
	t, is := to.(typed)
	if !is || !t.takes(q) {
		return nil, fmt.Errorf("%w: a %T was asked of %q, which does not take it", ErrType, q, to.Name())
	}
	a := q.answer()
	if !a.state.CompareAndSwap(fresh, open) {
		return nil, ErrAsked
	}
	slots := t.askSlots()
	a.ctx, a.fails, a.c = ctx, a, slots.take()
	a.holder.Store(to.base())
	if err := t.putQuestion(ctx, q); err != nil {
		a.abandon()
		slots.put(a.c)
		return nil, err
	}
	return func(ctx context.Context) (R, error) {
		defer func() { slots.put(a.c) }()
		return a.await(ctx)
	}, nil
}

// typed is a Ref, whatever its messages are.
type typed interface {
	takes(m any) bool
	putQuestion(ctx context.Context, q any) error
	askSlots() *slots
}

func (r *Ref[M]) takes(m any) bool { _, is := m.(M); return is }

func (r *Ref[M]) putQuestion(ctx context.Context, q any) error { return r.put(ctx, q.(M), true) }

func (r *Ref[M]) askSlots() *slots { return &r.also().slots }

// await returns the outcome, or ctx's error when that ends first.
func (a *Answer[R]) await(ctx context.Context) (R, error) {
	done := ctx.Done()
	if done == nil { // a plain receive is a good deal cheaper than a select
		<-a.c
		return a.r, a.err
	}
	select {
	case <-a.c:
	case <-done:
		if a.abandon() {
			var none R
			return none, ctx.Err()
		}
	}
	return a.r, a.err
}
