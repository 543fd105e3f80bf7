package sock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// send sends all that the source has.
func (r *runner) send(ctx context.Context) error {
	next, stop, err := r.source()
	if err != nil {
		return err
	}
	defer stop()
	sent, waited := 0, r.noWait || unheard(r.connect) || unheard(r.bind)
	for {
		ms, err := next(ctx)
		for len(ms) > 0 {
			now := ms[:r.now(len(ms), sent)]
			if ms = ms[len(now):]; sent > 0 {
				if err := r.pause(ctx); err != nil {
					return err
				}
			}
			if !waited {
				waited = true
				if err := r.awaitHearer(ctx, now[0]); err != nil {
					return err
				}
			}
			if err := r.pass(ctx, now); err != nil {
				return err
			}
			if sent += len(now); sent == r.count && r.oneWay() {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// now is how many of n messages are sent at once.
func (r *runner) now(n, sent int) int {
	if r.interval > 0 {
		n = 1
	}
	if r.count > 0 && r.oneWay() {
		n = min(n, r.count-sent)
	}
	return n
}

// oneWay reports whether nothing is received.
func (r *runner) oneWay() bool { return !r.kind.recvs || r.sendOnly }

func (r *runner) pause(ctx context.Context) error {
	if r.interval == 0 {
		return nil
	}
	select {
	case <-time.After(r.interval):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// awaitHearer waits for a peer that wants the first message: else it would be lost.
func (r *runner) awaitHearer(ctx context.Context, m msg.Msg) error {
	if r.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.timeout)
		defer cancel()
	}
	topic := ""
	switch r.kind.typ {
	case zmq.Pub, zmq.XPub:
		topic = string(m.Frames[0])
		r.watch.For("a subscriber")
	case zmq.Radio:
		topic = r.to(m).Group()
		r.watch.For("a peer that has joined " + topic)
	case zmq.Stream:
		return r.awaitStream(ctx)
	default:
		r.watch.For("a peer")
		return r.socket.WaitConnected(ctx, 1)
	}
	return r.socket.WaitSubscribers(ctx, topic, 1)
}

// unheard reports whether an endpoint is one on which no peer says that it is there.
func unheard(endpoints []string) bool {
	return slices.ContainsFunc(endpoints, func(e string) bool {
		scheme, _, _ := strings.Cut(e, "://")
		return scheme == "udp" || scheme == "pgm" || scheme == "epgm"
	})
}

// awaitStream waits for the first peer of a STREAM: what does not say for whom it is, is
// for that one.
func (r *runner) awaitStream(ctx context.Context) error {
	if r.recvOnly || r.sendOnly {
		return nil
	}
	select {
	case r.first = <-r.firsts:
		return nil
	case <-ctx.Done():
		why, _ := cli.Why(r.socket)
		return fmt.Errorf("no peer%s: %w", why, ctx.Err())
	}
}

// to addresses a message.
func (r *runner) to(m msg.Msg) msg.Msg {
	if r.first != nil && len(m.Frames) == 1 {
		m.Push(r.first)
	}
	if r.groupTo != "" && m.Group() == "" {
		m.SetGroup(r.groupTo)
	}
	if r.peer != 0 && m.RoutingID() == 0 {
		m.SetRoutingID(r.peer)
	}
	return m
}

// pass hands messages to the socket.
func (r *runner) pass(ctx context.Context, ms []msg.Msg) error {
	if !r.kind.recvs {
		r.watch.For("a peer to take what is sent")
		defer r.watch.For("")
	}
	if r.groupTo != "" || r.peer != 0 || r.first != nil {
		for i := range ms {
			ms[i] = r.to(ms[i])
		}
	}
	n, err := r.socket.SendBatch(ctx, ms)
	r.watch.Moved(n)
	return err
}
