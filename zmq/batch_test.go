package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

func TestBatches(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithRecvHWM(20))
		push := k.connect(zmq.Push, endpoint, zmq.WithSendHWM(20))
		const total = 1000
		go func() {
			for i := 0; i < total; {
				batch := make([]msg.Msg, min(i%60+1, total-i))
				for j := range batch {
					batch[j] = msg.NewString(fmt.Sprint(i+j), "body")
				}
				n, err := push.SendBatch(k.ctx, batch)
				if err != nil || n != len(batch) {
					t.Errorf("sent %d of %d: %v", n, len(batch), err)
					return
				}
				i += n
			}
		}()
		for i := 0; i < total; {
			batch := make([]msg.Msg, 1+i%37)
			n, err := pull.RecvBatch(k.ctx, batch)
			k.ok(err)
			if n < 1 || n > len(batch) {
				t.Fatalf("took %d messages into %d places", n, len(batch))
			}
			for _, m := range batch[:n] {
				if want := []string{fmt.Sprint(i), "body"}; !same(text(m), want) {
					t.Fatalf("got %q, want %q", text(m), want)
				}
				i++
			}
		}
		if n, err := pull.RecvBatch(k.ctx, nil); n != 0 || err != nil {
			t.Errorf("no places: %d, %v", n, err)
		}
		if n, err := push.SendBatch(k.ctx, nil); n != 0 || err != nil {
			t.Errorf("no messages: %d, %v", n, err)
		}
	})
}

// A batch that can't be sent whole says how much of it was.
func TestBatchIsCutShort(t *testing.T) {
	over(t, func(k *kit) {
		push := k.connect(zmq.Push, k.endpoint(), zmq.WithSendHWM(3), zmq.WithSendTimeout(0))
		batch := make([]msg.Msg, 5)
		for i := range batch {
			batch[i] = msg.NewString("x")
		}
		n, err := push.SendBatch(k.ctx, batch)
		if k.is(err, zmq.ErrAgain); n != 3 {
			t.Errorf("sent %d, want 3", n)
		}
		batch[0] = msg.Msg{}
		n, err = k.connect(zmq.Push, k.endpoint()).SendBatch(k.ctx, batch)
		if k.is(err, zmq.ErrInvalidMessage); n != 0 {
			t.Errorf("sent %d, want 0", n)
		}
	})
}

// A REQ or REP takes one message, because then it is the other's turn.
func TestBatchesKeepTurns(t *testing.T) {
	over(t, func(k *kit) {
		rep, endpoint := k.bound(zmq.Rep)
		for range 3 {
			k.send(k.connect(zmq.Req, endpoint), "ask")
		}
		k.until("they are there", func() bool { return rep.Stats().Unread == 3 })
		n, err := rep.RecvBatch(k.ctx, make([]msg.Msg, 5))
		if k.ok(err); n != 1 {
			t.Errorf("a REP took %d requests at once", n)
		}
		n, err = k.connect(zmq.Req, endpoint).SendBatch(k.ctx, []msg.Msg{msg.NewString("a"), msg.NewString("b")})
		if k.is(err, zmq.ErrState); n != 1 {
			t.Errorf("a REQ sent %d requests at once", n)
		}
	})
}

func TestMessages(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		for i := range 10 {
			k.send(push, fmt.Sprint(i))
		}
		n := 0
		for m, err := range pull.Messages(k.ctx) {
			k.ok(err)
			if !same(text(m), []string{fmt.Sprint(n)}) {
				t.Fatalf("got %q, want %d", text(m), n)
			}
			if n++; n == 5 {
				break // the rest stays
			}
		}
		ctx, cancel := context.WithCancel(k.ctx)
		defer cancel()
		var last error
		for m, err := range pull.Messages(ctx) {
			if last = err; err != nil {
				continue // it is the last
			}
			if !same(text(m), []string{fmt.Sprint(n)}) {
				t.Fatalf("got %q, want %d", text(m), n)
			}
			if n++; n == 10 {
				cancel()
			}
		}
		k.is(last, context.Canceled)
		if n != 10 {
			t.Errorf("got %d messages, want 10", n)
		}
		k.ok(pull.Set(zmq.WithRecvTimeout(time.Millisecond)))
		for _, err := range pull.Messages(k.ctx) {
			last = err
		}
		k.is(last, zmq.ErrAgain)
		for _, err := range push.Messages(k.ctx) {
			last = err
		}
		k.is(last, zmq.ErrNotSupported)
	})
}

// Chan loses nothing when its context ends: what it had taken ahead is received
// next, in order.
func TestChanLosesNothing(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		const total = 200
		go func() {
			for i := range total {
				if err := push.SendString(k.ctx, fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			}
		}()
		for i := 0; i < total; {
			ctx, cancel := context.WithCancel(k.ctx)
			c := pull.Chan(ctx)
			for range min(3, total-i) {
				if m := <-c; !same(text(m), []string{fmt.Sprint(i)}) {
					t.Fatalf("got %q, want %d", text(m), i)
				}
				i++
			}
			cancel()
			for m := range c { // one may still be on its way
				if !same(text(m), []string{fmt.Sprint(i)}) {
					t.Fatalf("got %q, want %d", text(m), i)
				}
				i++
			}
			if i%5 == 0 && i < total {
				k.want(pull, fmt.Sprint(i))
				i++
			}
		}
		k.silent(pull)
	})
}

// A receive timeout does not end a channel.
func TestChanOutlivesTimeouts(t *testing.T) {
	k := alone(t, "inproc")
	pull, endpoint := k.bound(zmq.Pull, zmq.WithRecvTimeout(time.Millisecond))
	c := pull.Chan(k.ctx)
	time.Sleep(10 * time.Millisecond)
	k.send(k.connect(zmq.Push, endpoint), "hello")
	if m := <-c; !same(text(m), []string{"hello"}) {
		t.Errorf("got %q", text(m))
	}
}

// A request that a channel had taken when its context ended is not lost either,
// and neither is a reply.
func TestChanOfRequests(t *testing.T) {
	over(t, func(k *kit) {
		rep, req := k.pair(zmq.Rep, zmq.Req)
		ctx, cancel := context.WithCancel(k.ctx)
		c := rep.Chan(ctx)
		k.send(req, "ask")
		k.until("the channel has it", func() bool { return rep.Stats().Received == 1 })
		cancel()
		if m, ok := <-c; ok {
			if !same(text(m), []string{"ask"}) {
				t.Fatalf("got %q", text(m))
			}
		} else {
			k.want(rep, "ask")
		}
		k.send(rep, "answer")
		ctx, cancel = context.WithCancel(k.ctx)
		c = req.Chan(ctx)
		k.until("the channel has it", func() bool { return req.Stats().Received == 1 })
		cancel()
		if m, ok := <-c; ok {
			if !same(text(m), []string{"answer"}) {
				t.Fatalf("got %q", text(m))
			}
		} else {
			k.want(req, "answer")
		}
	})
}

func TestRecvString(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		k.send(push, "first", "second")
		got, err := pull.RecvString(k.ctx)
		if k.ok(err); got != "first" {
			t.Errorf("got %q", got)
		}
		if _, err := pull.RecvString(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// Chan may stand in the select of a loop: it is one channel a context, served by one
// goroutine.
func TestChanInALoop(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		const total = 50
		go func() {
			for i := range total {
				if err := push.SendString(k.ctx, fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			}
		}()
		ctx, cancel := context.WithCancel(k.ctx)
		first := pull.Chan(ctx)
		for i := range total {
			select {
			case m := <-pull.Chan(ctx):
				if !same(text(m), []string{fmt.Sprint(i)}) {
					t.Fatalf("got %q, want %d", text(m), i)
				}
			case <-k.ctx.Done():
				t.Fatal("the rest never came")
			}
			if pull.Chan(ctx) != first {
				t.Fatal("another channel for the same context")
			}
		}
		cancel()
		for range first { // closed by the end of its context
		}
	})
}
