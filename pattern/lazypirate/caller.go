package lazypirate

import (
	"context"
	"iter"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/internal/attempt"
	"github.com/go-zactor/zactor/zmq"
)

// Caller asks servers. Its methods may be called from any goroutine.
type Caller struct{ client *attempt.Client[Event] }

// New makes a Caller of one or more servers. It connects when it is asked for the first
// time. It lives until ctx ends or it is closed. When ctx has a zmq.Context, that has the
// sockets.
//
// Errors: ErrInvalidOption, also without endpoints.
func New(ctx context.Context, endpoints []string, opts ...Option) (*Caller, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if len(endpoints) == 0 {
		return nil, options.Invalid("no endpoints: name one server or more")
	}
	c.attempt.Package, c.attempt.Closed, c.attempt.NoAnswer = "lazypirate", ErrClosed, ErrNoAnswer
	c.attempt.Type, c.attempt.Endpoints = zmq.Req, append([]string(nil), endpoints...)
	c.attempt.Socket = append([]zmq.Option{zmq.WithReqFailFast(true)}, c.Socket...) // a server that is lost will not answer
	return &Caller{attempt.NewClient(ctx, c.attempt, newEvents(), eventOf)}, nil
}

// Call sends a request and returns the reply. It takes the deadline of each attempt from
// WithTimeout, and its own from ctx. The frames of m stay the caller's, which does not
// change them before Call returns.
//
// Errors: ErrNoAnswer when all attempts were in vain, with the reason of the last one;
// ErrClosed; ctx's, with what the attempt under way waited for; what zmq.New says of
// options.
func (k *Caller) Call(ctx context.Context, m msg.Msg) (answer msg.Msg, err error) {
	err = k.client.Do(ctx, func(ctx context.Context, s *zmq.Socket) error {
		if err := s.Send(ctx, m.Clone()); err != nil {
			return err
		}
		answer, err = s.Recv(ctx)
		return err
	})
	if err != nil {
		return msg.Msg{}, err
	}
	return answer, nil
}

// Events returns the attempts that fail from this call on, until ctx ends or the Caller is
// closed. What waits for a slow reader is bounded by 1,000 events; it is told how many it
// has missed. Ranging again goes on where the first loop stopped.
func (k *Caller) Events(ctx context.Context) iter.Seq[Event] { return k.client.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx it is
// the same channel. It is closed when ctx ends, or when the Caller is closed and all is
// received: whoever stops receiving before must end ctx.
func (k *Caller) Chan(ctx context.Context) <-chan Event { return k.client.Chan(ctx) }

// Stats returns the counters as they stand.
func (k *Caller) Stats() Stats { return Stats(k.client.Counts()) }

// Close ends the calls under way with ErrClosed, and closes the sockets. It may be called
// again.
func (k *Caller) Close() error { return k.client.Close() }

// Shutdown takes no calls any more, waits for those under way, at most as long as ctx, and
// then closes. It returns ctx's error when it ended some.
func (k *Caller) Shutdown(ctx context.Context) error { return k.client.Shutdown(ctx) }
