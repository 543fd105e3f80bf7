package actor

import (
	"context"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
)

// Ask sends m and waits for the answer to it, which the actor gives with Reply.
// Any number of goroutines may ask at the same time: each gets its own answer.
//
// Ask ends with ErrNoReply when the actor goes on to its next message, or fails,
// without having answered; with ErrClosed when the actor ends before it has
// received m; and with ctx's error: then m is not received any more. With a
// context of an actor's function, it ends with ErrCycle at once when the answer
// would have to wait for that function. A supervised actor that is restarted
// between receives m afterwards. After an error, the actor may still have acted
// upon m.
func (a *Actor) Ask(ctx context.Context, m msg.Msg) (msg.Msg, error) {
	c := newFrameCall(ctx)
	caller := callerOf(ctx)
	entered, err := caller.blocks(&c.call, &a.unit)
	if entered {
		defer caller.goesOn()
	}
	if err == nil {
		err = a.ask(ctx, m, c)
	}
	if err != nil {
		return msg.Msg{}, err
	}
	return c.await(ctx)
}

// AskAsync is the first half of Ask: it returns when m is in the mailbox, so that
// what is sent afterwards comes after it. wait is the other half, to be called
// once, from any goroutine. The question counts as long as ctx does, whose end has
// the actor not work on it.
func (a *Actor) AskAsync(ctx context.Context, m msg.Msg) (wait func(context.Context) (msg.Msg, error), err error) {
	c := newFrameCall(ctx)
	if err := a.ask(ctx, m, c); err != nil {
		return nil, err
	}
	return c.await, nil
}

func (a *Actor) ask(ctx context.Context, m msg.Msg, c *frameCall) error {
	c.holder.Store(&a.unit)
	return a.put(ctx, m, &c.tag)
}

// frameCall is an Ask of an Actor: a call, its answer, and the tag that tells the
// actor whose message it has.
type frameCall struct {
	call
	tag mailbox.Tag
	m   msg.Msg
	err error
}

func newFrameCall(ctx context.Context) *frameCall {
	c := &frameCall{}
	c.c = make(chan struct{}, 1)
	c.ctx = ctx
	c.tag.Value = c
	c.fails = c
	c.state.Store(open)
	return c
}

func (c *frameCall) base() *call { return &c.call }

func (c *frameCall) fail(state uint32, err error) bool {
	return c.close(state, func() { c.err = err })
}

// reply closes c with an answer. That the asker is gone is no error.
func (c *frameCall) reply(m msg.Msg) error {
	if c.close(answered, func() { c.m = m }) {
		return nil
	}
	return c.refusal()
}

func (c *frameCall) await(ctx context.Context) (msg.Msg, error) {
	select {
	case <-c.c:
		return c.m, c.err
	case <-ctx.Done():
	}
	if c.abandon() {
		return msg.Msg{}, ctx.Err()
	}
	return c.m, c.err
}

// callOf is the call behind a message with the tag t; nil for a Send.
func callOf(t *mailbox.Tag) *frameCall {
	if t == nil {
		return nil
	}
	return t.Value.(*frameCall)
}

// Reply answers the message received last, which was sent by Ask. It never blocks.
// The answer to what was not asked but sent goes nowhere, and is counted in Stats:
// what the owner is to receive goes by Send.
//
// An Ask that is not answered, nor deferred, before the next receive ends with
// ErrNoReply. A second answer is ErrReplied, and one after the life has ended
// ErrClosed. An asker who has gone is no error.
func (p *Pipe) Reply(_ context.Context, m msg.Msg) error {
	if p.over.Load() {
		return ErrClosed
	}
	if p.asked == nil {
		p.a.count(func(s *Stats) { s.Unasked++ })
		return nil
	}
	return p.asked.reply(m)
}

// Request is a message that is to be answered later. It may be answered from any
// goroutine.
type Request struct {
	p   *Pipe
	ask *frameCall // nil for a Send
}

// Defer takes the message received last out of turn: it is to be answered by the
// Request's Reply, also after the actor has gone on to other messages. Requests
// that are not answered when the function returns end with ErrNoReply.
func (p *Pipe) Defer() *Request {
	r := &Request{p: p, ask: p.asked}
	p.asked = nil
	if r.ask != nil {
		r.ask.holder.Store(nil) // it may be answered while the function is blocked
		p.open.add(&r.ask.call)
	}
	return r
}

// Reply answers the request as Pipe.Reply would have done.
func (r *Request) Reply(_ context.Context, m msg.Msg) error {
	if r.ask == nil {
		r.p.a.count(func(s *Stats) { s.Unasked++ })
		return nil
	}
	return r.ask.reply(m)
}

// Context returns a context that has the values and the deadline of the asker's,
// and ends when the asker waits no longer, or the request is answered. For a
// message that was sent it is the life's.
func (r *Request) Context() context.Context {
	if r.ask == nil {
		return r.p.ctx
	}
	return r.ask.context()
}
