package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// waiting is a worker that has nothing to do.
type waiting struct {
	id    string
	heard time.Time
}

// broker is the queue: its workers in the order in which they have become free.
type broker struct {
	clients, workers *zmq.Socket
	free             []waiting
	out              io.Writer
}

func queue(ctx context.Context, out io.Writer, front, back string) error {
	clients, err := zmq.NewRouter(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer clients.Close()
	workers, err := zmq.NewRouter(ctx, zmq.WithRouterMandatory(true), zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer workers.Close()
	_, err = clients.Bind(front)
	_, err2 := workers.Bind(back)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	fmt.Fprintln(out, "queue", front, back)
	b := &broker{clients: clients, workers: workers, out: out}
	return b.serve(ctx)
}

func (b *broker) serve(ctx context.Context) error {
	requests, answers := b.clients.Chan(ctx), b.workers.Chan(ctx)
	beat := time.NewTicker(interval)
	defer beat.Stop()
	for ctx.Err() == nil {
		from := requests
		if len(b.free) == 0 {
			from = nil
		}
		select {
		case m := <-from:
			b.assign(m)
		case m := <-answers:
			b.hear(m)
		case now := <-beat.C:
			b.beat(now)
		case <-ctx.Done():
		}
	}
	return nil
}

// assign gives a request to the worker that has waited longest and is there.
func (b *broker) assign(m msg.Msg) {
	for len(b.free) > 0 && m.Len() > 0 {
		w := b.free[0]
		b.free = b.free[1:]
		try := m
		try.Push([]byte(w.id))
		if b.workers.TrySend(try) == nil {
			return
		}
	}
}

// hear takes what a worker says: READY, a heartbeat, or an answer. A heartbeat of a worker
// that is not free says only that it works.
func (b *broker) hear(m msg.Msg) {
	if m.Len() < 2 {
		return
	}
	id := m.PopString()
	at := slices.IndexFunc(b.free, func(w waiting) bool { return w.id == id })
	word := m.Len() == 1
	switch {
	case word && string(m.Frames[0]) == heartbeat && at >= 0:
		b.free[at].heard = time.Now()
		return
	case word && string(m.Frames[0]) == heartbeat:
		return
	case at < 0:
		b.free = append(b.free, waiting{id, time.Now()})
	}
	if !word {
		_ = b.clients.TrySend(m) // the client, an empty frame, the answer
	}
}

// beat forgets the workers that are silent, and says to the others that the queue is there.
func (b *broker) beat(now time.Time) {
	b.free = slices.DeleteFunc(b.free, func(w waiting) bool {
		late := now.Sub(w.heard) > liveness*interval
		if late {
			fmt.Fprintln(b.out, "a worker is silent")
		} else {
			_ = b.workers.TrySend(msg.NewString(w.id, heartbeat))
		}
		return late
	})
}
