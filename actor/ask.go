package actor

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
)

// Ask sends m and waits for the answer to it, which the actor gives with Reply.
// Any number of goroutines may ask at the same time: each gets its own answer.
//
// Ask ends with ErrNoReply when the actor goes on to its next message, or fails,
// without having answered; with ErrStopped when the actor ends before it has
// received m; and with ctx's error. A supervised actor that is restarted between
// receives m afterwards. After an error, the actor may still have acted upon m.
func (a *Actor) Ask(ctx context.Context, m msg.Msg) (msg.Msg, error) {
	c := &call{c: make(chan answer, 1)}
	c.tag.Value = c
	if err := a.put(ctx, m, &c.tag); err != nil {
		return msg.Msg{}, err
	}
	select {
	case r := <-c.c:
		return r.m, r.err
	case <-ctx.Done():
		return c.abandon(ctx.Err())
	case <-a.Done():
		return c.abandon(a.stopped())
	}
}

// call is an Ask under way: a slot for one answer, and the tag that tells the
// actor whose message it has. Who closes it decides its outcome.
type call struct {
	tag    mailbox.Tag
	c      chan answer // room for the one answer
	closed atomic.Int32
}

// callOf is the call behind a message with the tag t; nil for a Send.
func callOf(t *mailbox.Tag) *call {
	if t == nil {
		return nil
	}
	return t.Value.(*call)
}

type answer struct {
	m   msg.Msg
	err error
}

// How a call was closed.
const (
	open = iota
	answered
	abandoned
)

// reply closes c with an answer. That the asker is gone is no error.
func (c *call) reply(m msg.Msg) error {
	if c.closed.CompareAndSwap(open, answered) {
		c.c <- answer{m: m}
	} else if c.closed.Load() == answered {
		return ErrReplied
	}
	return nil
}

// fail closes c without an answer, unless it has one.
func (c *call) fail(err error) {
	if c.closed.CompareAndSwap(open, answered) {
		c.c <- answer{err: err}
	}
}

// abandon closes c for an asker who waits no longer, unless an answer has come.
func (c *call) abandon(why error) (msg.Msg, error) {
	if c.closed.CompareAndSwap(open, abandoned) {
		return msg.Msg{}, why
	}
	r := <-c.c
	return r.m, r.err
}

// Reply answers the message received last. If it was sent by Ask, the answer
// goes to who asked, and never blocks; if by Send, to the owner, as Send does. So
// an actor need not know which it was.
//
// An Ask that is not answered, nor deferred, before the next receive ends with
// ErrNoReply.
func (p *Pipe) Reply(ctx context.Context, m msg.Msg) error {
	if p.asked != nil {
		return p.asked.reply(m)
	}
	return p.Send(ctx, m)
}

// Request is a message that is to be answered later. It may be answered from any
// goroutine.
type Request struct {
	p   *Pipe
	ask *call // nil for a Send
}

// Defer takes the message received last out of turn: it is to be answered by the
// Request's Reply, also after the actor has gone on to other messages. Requests
// that are not answered when the function returns end with ErrNoReply.
func (p *Pipe) Defer() *Request {
	r := &Request{p: p, ask: p.asked}
	p.asked = nil
	if r.ask == nil {
		return r
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.deferred == nil {
		p.deferred = make(map[*Request]struct{})
	}
	p.deferred[r] = struct{}{}
	return r
}

// Reply answers the request as Pipe.Reply would have done.
func (r *Request) Reply(ctx context.Context, m msg.Msg) error {
	if r.ask == nil {
		return r.p.Send(ctx, m)
	}
	r.p.mu.Lock()
	delete(r.p.deferred, r)
	r.p.mu.Unlock()
	return r.ask.reply(m)
}

// failAsks ends the Asks that a function left unanswered when it returned.
func (p *Pipe) failAsks(why error) {
	err := ErrNoReply
	if why != nil {
		err = fmt.Errorf("%w: %w", ErrNoReply, why)
	}
	if p.asked != nil {
		p.asked.fail(err)
		p.asked = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for r := range p.deferred {
		r.ask.fail(err)
	}
	p.deferred = nil
}
