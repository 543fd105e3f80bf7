package majordomo

import (
	"context"
	"fmt"
	"iter"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/internal/attempt"
	"github.com/go-zactor/zactor/zmq"
)

// Client asks for services. Its methods may be called from any goroutine.
type Client struct{ client *attempt.Client[Event] }

// NewClient makes a client of one or more brokers, which are tried in turn. It connects
// when it is asked for the first time, and lives until ctx ends or it is closed. When ctx
// has a zmq.Context, that has the sockets.
//
// Errors: ErrInvalidOption, also without brokers.
func NewClient(ctx context.Context, brokers []string, opts ...Option) (*Client, error) {
	c, err := newConfig(aClient, opts)
	if err != nil {
		return nil, err
	}
	if len(brokers) == 0 {
		return nil, options.Invalid("no brokers: name one or more")
	}
	c.attempt.Package, c.attempt.Closed, c.attempt.NoAnswer = "majordomo", ErrClosed, ErrNoAnswer
	c.attempt.Type, c.attempt.Endpoints, c.attempt.Socket = zmq.Dealer, append([]string(nil), brokers...), c.Socket
	return &Client{attempt.NewClient(ctx, c.attempt, newEvents(), eventOf)}, nil
}

// Call asks for a service and returns the last part of the answer, which is all of it for
// most services: see Stream for the others. The frames of m stay the caller's, which does
// not change them before Call returns.
//
// Errors: ErrService; ErrNoAnswer when all attempts were in vain, with the reason of the
// last one; ErrClosed; ctx's, with what the attempt under way waited for.
func (k *Client) Call(ctx context.Context, service string, m msg.Msg) (answer msg.Msg, err error) {
	for part, err := range k.Stream(ctx, service, m) {
		if err != nil {
			return msg.Msg{}, err
		}
		answer = part
	}
	return answer, nil
}

// Has reports whether a service has workers (mmi.service). Errors are those of Call.
func (k *Client) Has(ctx context.Context, service string) (bool, error) {
	if err := checkName(service); err != nil {
		return false, err
	}
	code := ""
	for part, err := range k.ask(ctx, mmiService, msg.NewString(service)) {
		if err != nil {
			return false, err
		}
		code = part.PopString()
	}
	return code == mmiFound, nil
}

// Stream asks for a service and returns the parts of the answer as they come. The range
// ends after the last part, or after an error, which are those of Call. Once a part has been
// handed out the request is not sent again: what fails then ends the range. Leaving the
// loop early gives the rest up.
func (k *Client) Stream(ctx context.Context, service string, m msg.Msg) iter.Seq2[msg.Msg, error] {
	if err := checkName(service); err != nil {
		return func(yield func(msg.Msg, error) bool) { yield(msg.Msg{}, err) }
	}
	return k.ask(ctx, service, m)
}

func (k *Client) ask(ctx context.Context, service string, m msg.Msg) iter.Seq2[msg.Msg, error] {
	return func(yield func(msg.Msg, error) bool) {
		left := false
		err := k.client.Do(ctx, func(ctx context.Context, s *zmq.Socket) error {
			return exchange(ctx, s, service, m, func(part msg.Msg) bool {
				left = !yield(part, nil)
				return !left
			})
		})
		if err != nil && !left {
			yield(msg.Msg{}, err)
		}
	}
}

// exchange is one attempt.
func exchange(ctx context.Context, s *zmq.Socket, service string, m msg.Msg, hand func(msg.Msg) bool) error {
	request := command(cloned(bodyOf(m.Frames)), clientHeader, clientRequest, service)
	if err := s.Send(ctx, msg.New(request...)); err != nil {
		return err
	}
	for begun := false; ; begun = true {
		part, last, err := receive(ctx, s, service)
		if err != nil {
			if begun {
				return attempt.Final(fmt.Errorf("%w: the answer broke off: %w", ErrNoAnswer, err))
			}
			return err
		}
		if !hand(part) && !last {
			return attempt.Final(attempt.ErrLeft)
		}
		if last {
			return nil
		}
	}
}

// receive takes the next part of an answer.
func receive(ctx context.Context, s *zmq.Socket, service string) (part msg.Msg, last bool, err error) {
	m, err := s.Recv(ctx)
	if err != nil {
		return msg.Msg{}, false, err
	}
	f := m.Frames
	if len(f) < 4 || string(f[0]) != clientHeader || string(f[2]) != service ||
		string(f[1]) != clientPartial && string(f[1]) != clientFinal {
		return msg.Msg{}, false, fmt.Errorf("%w: an answer of %d frames", ErrProtocol, len(f))
	}
	return msg.New(f[3:]...), string(f[1]) == clientFinal, nil
}

// Events returns the attempts that fail from this call on, until ctx ends or the client is
// closed. What waits for a slow reader is bounded by 1,000 events; it is told how many it
// has missed. Ranging again goes on where the first loop stopped.
func (k *Client) Events(ctx context.Context) iter.Seq[Event] { return k.client.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx it is
// the same channel. It is closed when ctx ends, or when the client is closed and all is
// received: whoever stops receiving before must end ctx.
func (k *Client) Chan(ctx context.Context) <-chan Event { return k.client.Chan(ctx) }

// Stats returns the counters as they stand.
func (k *Client) Stats() ClientStats { return ClientStats(k.client.Counts()) }

// Close ends the calls under way with ErrClosed, and closes the sockets. It may be called
// again.
func (k *Client) Close() error { return k.client.Close() }

// Shutdown takes no calls any more, waits for those under way, at most as long as ctx, and
// then closes. It returns ctx's error when it ended some.
func (k *Client) Shutdown(ctx context.Context) error { return k.client.Shutdown(ctx) }
