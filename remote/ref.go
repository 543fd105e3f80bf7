package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// Ref is an actor, here or elsewhere. Its methods may be called from any goroutine.
type Ref interface {
	// Name is the actor's name.
	Name() string
	// Send sends a message to the actor, waiting for room on the way as long as ctx
	// allows. It takes ownership of the frames.
	Send(ctx context.Context, m msg.Msg) error
	// Ask sends a message and waits for the actor's answer to it.
	Ask(ctx context.Context, m msg.Msg) (msg.Msg, error)
	// Done is closed when the actor has ended, or can't be reached any more.
	Done() <-chan struct{}
	// Err is nil until Done is closed. Then it says why, or is nil still for an actor
	// that ended because it was told to, or that is not published any more.
	Err() error
}

var _ Ref = (*actor.Actor)(nil)

// Remote is an actor of another node.
type Remote struct {
	space *Space
	peer  zyre.ID
	name  string
	once  sync.Once
	done  chan struct{}
	err   error // set before done is closed
}

// Name is the actor's name.
func (r *Remote) Name() string { return r.name }

// Node is the UUID of the actor's node.
func (r *Remote) Node() zyre.ID { return r.peer }

// Done is closed when the actor has ended or its node is lost.
func (r *Remote) Done() <-chan struct{} { return r.done }

// Err is ErrLost after the node was lost, and ErrClosed after the own space was.
func (r *Remote) Err() error {
	select {
	case <-r.done:
		return r.err
	default:
		return nil
	}
}

func (r *Remote) end(err error) {
	r.once.Do(func() {
		r.err = err
		close(r.done)
	})
}

// gone is the error of a call on an actor that is not there any more.
func (r *Remote) gone() error {
	if r.err != nil {
		return r.err
	}
	return actor.ErrClosed
}

// Send sends a message to the actor. nil means that it is on its way; while the link
// to the node is full it waits.
//
// Errors: ErrLost, ErrClosed, actor.ErrClosed, or ctx's.
func (r *Remote) Send(ctx context.Context, m msg.Msg) error {
	return r.send(ctx, &packet{op: opSend, name: r.name, body: m.Frames})
}

func (r *Remote) send(ctx context.Context, p *packet) error {
	select {
	case <-r.done:
		return r.gone()
	default:
	}
	err := r.space.node.Whisper(ctx, r.peer, p.msg())
	switch {
	case errors.Is(err, zyre.ErrUnknownPeer):
		return ErrLost
	case errors.Is(err, zyre.ErrClosed):
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return err
}

// Ask sends a message and waits for the answer. When ctx ends, the actor is told that
// nobody waits any more, and does not begin to work on it.
//
// Errors: ErrLost, ErrBusy, ErrNotFound, ErrDenied, ErrFailed, ErrClosed,
// actor.ErrClosed, actor.ErrNoReply, actor.ErrType, or ctx's.
func (r *Remote) Ask(ctx context.Context, m msg.Msg) (msg.Msg, error) {
	p, _, err := r.exchange(ctx, &packet{op: opAsk, name: r.name, body: m.Frames})
	if err != nil {
		return msg.Msg{}, err
	}
	if p.op == opFailure {
		return msg.Msg{}, p.fails(nil)
	}
	return msg.New(p.body...), nil
}
