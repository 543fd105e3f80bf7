package remote

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/zyre"
)

// Publish makes a typed actor of this program known under its name, until it ends or
// Withdraw. Others may send it what the protocol has, and nothing else: each of its
// types must be an M.
//
// Errors: ErrProtocol, ErrName, ErrPublished, ErrOption, ErrClosed.
func Publish[M any](s *Space, a *actor.Ref[M], p *Protocol, opts ...PublishOption) error {
	if err := p.check(reflect.TypeFor[M]()); err != nil {
		return err
	}
	return s.publish(typed[M]{a, p}, opts)
}

// Client is all typed actors of one name, on whichever nodes they are. What it is told
// or asked goes to that of its own space, if there is one, and else to those of other
// nodes in turn. A node that does not answer is passed over until it is heard again,
// unless no other is there. Its methods may be called from any goroutine.
//
// Messages of one goroutine arrive in their order where one node has the name. A
// message goes to one actor, and is not sent again when that does not answer: only who
// asks knows whether it may be worked on twice.
type Client[M any] struct {
	space *Space
	name  string
	says  *Protocol
	turn  atomic.Uint64
}

// Find returns the actors of a name, when there is one. Nodes of the first version,
// which do not know values, are not counted.
//
// Errors: ErrProtocol, ErrClosed, actor.ErrType for an actor of this space with other
// messages, or ctx's.
func Find[M any](ctx context.Context, s *Space, name string, p *Protocol) (*Client[M], error) {
	if err := p.check(reflect.TypeFor[M]()); err != nil {
		return nil, err
	}
	c := &Client[M]{space: s, name: name, says: p}
	err := s.await(ctx, func() error {
		_, _, err := c.places()
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Name is the actors' name.
func (c *Client[M]) Name() string { return c.name }

// Nodes are the other nodes that have the name now: those that answer, and then those
// that do not.
func (c *Client[M]) Nodes() (all []zyre.ID) {
	c.space.mu.Lock()
	defer c.space.mu.Unlock()
	for _, r := range c.space.places(c.name, true) {
		all = append(all, r.peer)
	}
	return all
}

// places returns the actor here, or else the others; the space's lock is held.
// ErrNotFound when there are none.
func (c *Client[M]) places() (*actor.Ref[M], []*Remote, error) {
	if v := c.space.served[c.name]; v != nil {
		t, is := v.target.(typed[M])
		if !is {
			return nil, nil, fmt.Errorf("%w: %q takes no %v", actor.ErrType, c.name, reflect.TypeFor[M]())
		}
		return t.ref, nil, nil
	}
	all := c.space.places(c.name, true)
	switch {
	case c.space.closed:
		return nil, nil, ErrClosed
	case len(all) == 0:
		return nil, nil, ErrNotFound
	}
	return nil, all, nil
}

// pick returns the actor here, or else the others, in the order in which they are to be
// tried: those that answer in turn, then those that do not.
func (c *Client[M]) pick() (*actor.Ref[M], []*Remote, error) {
	c.space.mu.Lock()
	defer c.space.mu.Unlock()
	here, all, err := c.places()
	n := 0
	for n < len(all) && !c.space.peers[all[n].peer].silent {
		n++
	}
	if n == 0 {
		n = len(all) // none answers: try them in turn
	}
	if n > 1 {
		k := int(c.turn.Add(1) % uint64(n))
		all = append(append(append([]*Remote(nil), all[k:n]...), all[:k]...), all[n:]...)
	}
	return here, all, err
}

// Tell sends a message to one of the actors. nil means that it is on its way.
//
// Errors: actor.ErrType for what the protocol does not have, ErrNotFound, ErrLost,
// ErrClosed, actor.ErrClosed, those of actor.Ref.Tell, or ctx's.
func (c *Client[M]) Tell(ctx context.Context, m M) error {
	here, all, err := c.pick()
	switch {
	case err != nil:
		return err
	case here != nil:
		return here.Tell(ctx, m)
	}
	p, err := c.packet(opTell, m)
	if err != nil {
		return err
	}
	for _, r := range all {
		if err = r.send(ctx, p); !isGone(err) {
			return err
		}
	}
	return err
}

// packet encodes a message.
func (c *Client[M]) packet(o op, m any) (p *packet, err error) {
	err = contain.Try("encode a message", func() error {
		e, data, err := c.says.encode(m)
		if err == nil {
			p = &packet{op: o, name: c.name, codec: c.says.codec.Name, typ: e.name, body: [][]byte{data}}
		}
		return err
	})
	return p, err
}

// isGone reports whether nothing was sent, because the actor or its node has just gone.
func isGone(err error) bool { return errors.Is(err, ErrLost) || err == actor.ErrClosed }

// Ask asks one of the actors, and waits for the answer. Its deadline crosses with the
// question, and when ctx ends before that the actor is told: it does not begin to work
// on what nobody waits for. What is nil in an answer is for the caller to look at: it
// has come from another program.
//
// Errors: actor.ErrType for what the protocol does not have here or there, the errors of
// a Failure, ErrFailed with the text of others, ErrNotFound, ErrLost when the answer
// can't come any more, ErrBusy, ErrDenied, ErrClosed, actor.ErrClosed, actor.ErrNoReply,
// or ctx's. After an error the actor may have acted all the same.
func Ask[M, R any](ctx context.Context, to *Client[M], q actor.Question[R]) (R, error) {
	var none R
	here, all, err := to.pick()
	switch {
	case err != nil:
		return none, err
	case here != nil:
		return actor.Ask(ctx, here, q)
	}
	p, err := to.packet(opQuestion, q)
	if err != nil {
		return none, err
	}
	for _, r := range all {
		var sent bool
		var got packet
		if got, sent, err = r.exchange(ctx, p); err == nil {
			return answerOf[R](got, to.says)
		}
		if sent || !isGone(err) {
			break
		}
	}
	return none, err
}

// answerOf is the answer in a packet.
func answerOf[R any](p packet, says *Protocol) (R, error) {
	var r R
	if p.op == opFailure {
		return r, p.fails(says)
	}
	if len(p.body) != 1 {
		return r, fmt.Errorf("%w: an answer of %d frames: must be 1", ErrFailed, len(p.body))
	}
	err := contain.Try("decode an answer", func() error { return says.codec.Unmarshal(p.body[0], &r) })
	if err != nil {
		var none R
		return none, fmt.Errorf("%w: answer: %w", actor.ErrType, err)
	}
	return r, nil
}
