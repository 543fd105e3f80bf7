package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// durable publishes to a durable subscriber whose connection is cut again and again. What
// it got and what it was told that it missed must be all that was published.
func (l *line) durable(ctx context.Context) {
	if err := l.publish(ctx); err != nil {
		l.fault("%s: durable: %v", l.name, err)
	}
}

func (l *line) publish(ctx context.Context) error {
	all, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	pub, err := zmq.NewPub(all, append([]zmq.Option{zmq.WithLinger(0), zmq.WithDurableBounds(30, 0, time.Hour)}, l.server...)...)
	if err != nil {
		return err
	}
	defer pub.Close()
	at := l.endpoint
	if l.name == "ipc" {
		at = "ipc://" + filepath.Join(l.dir, "pub")
	}
	bound, err := pub.Bind(at)
	if err != nil {
		return err
	}
	r, to, err := newRelay(bound, filepath.Join(l.dir, l.name+"sub"))
	if err != nil {
		return err
	}
	defer r.Close()
	sub, err := zmq.NewSub(all, append([]zmq.Option{zmq.WithDurable("soak"), zmq.WithReconnectInterval(5*time.Millisecond, 100*time.Millisecond)}, l.client...)...)
	if err != nil {
		return err
	}
	defer sub.Close()
	var got, missed atomic.Uint64
	gaps := sub.Events(all, zmq.EventGap)
	l.running.Go(func() {
		for e := range gaps {
			var m *zmq.MissedError
			if errors.As(e.Err, &m) {
				missed.Add(m.N)
				l.missed.Add(m.N)
			} else {
				l.fault("%s: durable: %v", l.name, e.Err)
			}
		}
	})
	l.running.Go(func() {
		for m, err := range sub.Messages(all) {
			if err != nil {
				return
			}
			m.Release()
			got.Add(1)
		}
	})
	if err := errors.Join(sub.Subscribe(""), sub.Connect(to), pub.WaitSubscribers(all, "", 1)); err != nil {
		return err
	}
	sent := uint64(0)
	for ctx.Err() == nil {
		if err := pub.SendString(all, "news", fmt.Sprint(sent)); err != nil {
			return err
		}
		if sent++; rand.IntN(5) == 0 {
			time.Sleep(rand.N(4 * time.Millisecond))
		}
		if rand.IntN(2000) == 0 {
			l.cuts.Add(1)
			r.cut()
		}
	}
	for patience := time.Now().Add(time.Minute); got.Load()+missed.Load() != sent; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(patience) {
			return fmt.Errorf("%d published, %d arrived, %d said to be missed", sent, got.Load(), missed.Load())
		}
	}
	return nil
}
