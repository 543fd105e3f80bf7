package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// pollAdd adds x, and fails the test when that fails.
func pollAdd(t *testing.T, p *zmq.Poller, x zmq.Pollable, mask zmq.PollEvents) {
	t.Helper()
	if err := p.Add(x, mask); err != nil {
		t.Fatal(err)
	}
}

// pollNow is a Wait that does not wait.
func pollNow(p *zmq.Poller) ([]zmq.Polled, error) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return p.Wait(ctx)
}

func TestPollerReportsLevels(t *testing.T) {
	p := zmq.NewPoller()
	defer p.Close()
	a, b := mailbox.New(1, 1)
	pollAdd(t, p, a, zmq.PollIn)
	if got, err := pollNow(p); len(got) != 0 || err != context.Canceled {
		t.Errorf("nothing ready: %v, %v", got, err)
	}
	_ = b.TrySend(msg.NewString("x"))
	for range 2 { // until it is dealt with; and an ended context does not hide it
		got, err := pollNow(p)
		if err != nil || len(got) != 1 || got[0] != (zmq.Polled{Item: a, Events: zmq.PollIn}) {
			t.Errorf("one message: %v, %v", got, err)
		}
	}
	_, _ = a.TryRecv()
	if got, err := pollNow(p); len(got) != 0 || err != context.Canceled {
		t.Errorf("received: %v, %v", got, err)
	}
	if err := p.Modify(a, zmq.PollIn|zmq.PollOut); err != nil {
		t.Fatal(err)
	}
	if got, _ := pollNow(p); len(got) != 1 || got[0].Events != zmq.PollOut {
		t.Errorf("room to send: %v", got)
	}
	_ = a.TrySend(msg.NewString("x"))
	if got, _ := pollNow(p); len(got) != 0 {
		t.Errorf("no room to send: %v", got)
	}
	b.Close()
	if got, _ := pollNow(p); len(got) != 1 || got[0].Events != zmq.PollIn|zmq.PollOut {
		t.Errorf("closed: %v, want both", got)
	}
	if err := p.Remove(a); err != nil {
		t.Fatal(err)
	}
	if got, _ := pollNow(p); len(got) != 0 {
		t.Errorf("removed: %v", got)
	}
}

// TestPollerIsFair: zpoller returns the first one ready in the order of adding:
// with 500 messages on it, the second socket waits for all of them.
func TestPollerIsFair(t *testing.T) {
	p := zmq.NewPoller()
	defer p.Close()
	var ends []*mailbox.End
	for range 3 {
		a, b := mailbox.New(0, 0)
		for range 500 {
			_ = b.TrySend(msg.NewString("x"))
		}
		pollAdd(t, p, a, zmq.PollIn)
		ends = append(ends, a)
	}
	var served [3]int
	for range 300 {
		got, err := p.Wait(t.Context())
		if err != nil || len(got) != 3 {
			t.Fatalf("Wait = %v, %v", got, err)
		}
		for i, e := range ends { // deal with the first only
			if got[0].Item == e {
				_, _ = e.TryRecv()
				served[i]++
			}
		}
	}
	if served != [3]int{100, 100, 100} {
		t.Errorf("served %v times, want 100 each", served)
	}
}

// A mask of 0 pauses an entry: nothing of it is reported until it has another one.
func TestPollerPausesAnEntry(t *testing.T) {
	k := alone(t, "inproc")
	push, pull := k.pair(zmq.Push, zmq.Pull)
	k.send(push, "hello")
	k.until("the message is there", func() bool { return pull.Poll()&zmq.PollIn != 0 })
	p := zmq.NewPoller()
	defer p.Close()
	pollAdd(t, p, pull, 0)
	if got, err := pollNow(p); len(got) > 0 || !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("paused from the start: %v, %v", got, err)
	}
	k.ok(p.Modify(pull, zmq.PollIn))
	if got, err := p.Wait(k.ctx); err != nil || len(got) != 1 || got[0].Events != zmq.PollIn {
		t.Errorf("going on: %v, %v", got, err)
	}
	k.ok(p.Modify(pull, 0))
	k.ok(pull.Close())
	if got, _ := pollNow(p); len(got) > 0 {
		t.Errorf("paused and closed: %v", got)
	}
	waits := k.blocked(func() error { _, err := p.Wait(k.ctx); return err })
	k.ok(p.Modify(pull, zmq.PollIn)) // wakes who waits
	k.ok(k.result(waits))
}

func TestPollerRefuses(t *testing.T) {
	p := zmq.NewPoller()
	a, _ := mailbox.New(1, 1)
	pollAdd(t, p, a, zmq.PollIn)
	b, _ := mailbox.New(1, 1)
	for name, err := range map[string]error{
		"Add twice":           p.Add(a, zmq.PollIn),
		"Add of nil":          p.Add(nil, zmq.PollIn),
		"Add with a bad mask": p.Add(b, zmq.PollIn|8),
		"Add of a slice":      p.Add(pollList{b}, zmq.PollIn),
		"Modify of absent":    p.Modify(b, zmq.PollIn),
		"Modify to bad mask":  p.Modify(a, zmq.PollIn|8),
		"Remove of absent":    p.Remove(b),
		"Remove of nil":       p.Remove(nil),
	} {
		if !errors.Is(err, zmq.ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_ = p.Close()
	if err := p.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
	_, waited := pollNow(p)
	for name, err := range map[string]error{
		"Add": p.Add(b, zmq.PollIn), "Modify": p.Modify(a, zmq.PollIn), "Remove": p.Remove(a), "Wait": waited,
	} {
		if err != zmq.ErrClosed {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

// pollList is Pollable, and can't be compared.
type pollList []*mailbox.End

func (l pollList) Poll() zmq.PollEvents            { return l[0].Poll() }
func (l pollList) Notify(c chan<- struct{}) func() { return l[0].Notify(c) }

func TestPollerWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := zmq.NewPoller()
		a, b := mailbox.New(1, 1)
		c, d := mailbox.New(1, 1)
		pollAdd(t, p, a, zmq.PollIn)
		for name, event := range map[string]func(){
			"a message":     func() { _ = b.TrySend(msg.NewString("x")) },
			"Add":           func() { _ = d.TrySend(msg.NewString("x")); pollAdd(t, p, c, zmq.PollIn) },
			"Modify":        func() { _ = p.Modify(a, zmq.PollOut) },
			"a closed peer": func() { b.Close() },
		} {
			a, b = mailbox.New(1, 1)
			c, d = mailbox.New(1, 1)
			p = zmq.NewPoller()
			pollAdd(t, p, a, zmq.PollIn)
			got := make(chan error, 1)
			go func() {
				ready, err := p.Wait(t.Context())
				if err == nil && len(ready) != 1 {
					err = fmt.Errorf("%v", ready)
				}
				got <- err
			}()
			synctest.Wait()
			if len(got) > 0 {
				t.Fatalf("before %s: %v", name, <-got)
			}
			event()
			if err := <-got; err != nil {
				t.Errorf("after %s: %v", name, err)
			}
			_ = p.Close()
		}
	})
}

// TestPollerWakesEverybody: several goroutines wait on one poller.
func TestPollerWakesEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := zmq.NewPoller()
		a, b := mailbox.New(1, 1)
		pollAdd(t, p, a, zmq.PollIn)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if got, err := p.Wait(t.Context()); err != nil || len(got) != 1 {
					t.Errorf("Wait = %v, %v", got, err)
				}
			})
		}
		synctest.Wait()
		_ = b.TrySend(msg.NewString("x"))
		all.Wait()
		_, _ = a.TryRecv()
		for range 5 {
			all.Go(func() {
				if _, err := p.Wait(t.Context()); err != zmq.ErrClosed {
					t.Errorf("Wait on a closed poller = %v", err)
				}
			})
		}
		synctest.Wait()
		_ = p.Close()
		all.Wait()
	})
}

func TestPollerWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := zmq.NewPoller()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got, err := p.Wait(ctx); got != nil || err != context.DeadlineExceeded {
			t.Errorf("Wait of an empty poller = %v, %v", got, err)
		}
	})
}

// TestPollerPrefersReadyToEnded: a message and the end of the context come while
// Wait waits.
func TestPollerPrefersReadyToEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := zmq.NewPoller()
		defer p.Close()
		a, b := mailbox.New(1, 1)
		pollAdd(t, p, a, zmq.PollIn)
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() {
				_, err := p.Wait(ctx)
				done <- err
			}()
			synctest.Wait()
			_ = b.TrySend(msg.NewString("x"))
			cancel()
			if err := <-done; err != nil {
				t.Fatalf("Wait = %v", err)
			}
			_, _ = a.TryRecv()
		}
	})
}

// TestPollerMissesNothing: one goroutine polls what many feed.
func TestPollerMissesNothing(t *testing.T) {
	const sources, each = 20, 500
	p := zmq.NewPoller()
	defer p.Close()
	for range sources {
		a, b := mailbox.New(3, 3)
		pollAdd(t, p, a, zmq.PollIn)
		go func() {
			for range each {
				_ = b.Send(context.Background(), msg.NewString("x"))
			}
		}()
	}
	for n := 0; n < sources*each; {
		got, err := p.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range got {
			if _, err := g.Item.(*mailbox.End).TryRecv(); err != nil {
				t.Fatalf("reported and not ready: %v", err)
			}
			n++
		}
	}
}

// ExamplePoller waits for whichever of two sockets has a message.
func ExamplePoller() {
	ctx := context.Background()
	tasks, _ := zmq.NewPull(ctx)
	defer tasks.Close()
	news, _ := zmq.NewSub(ctx)
	defer news.Close()
	_, _ = tasks.Bind("inproc://example-poller-tasks")
	_, _ = news.Bind("inproc://example-poller-news")

	push, _ := zmq.NewPush(ctx)
	defer push.Close()
	_ = push.Connect("inproc://example-poller-tasks")
	_ = push.SendString(ctx, "work")

	p := zmq.NewPoller()
	defer p.Close()
	_ = p.Add(tasks, zmq.PollIn)
	_ = p.Add(news, zmq.PollIn)
	ready, err := p.Wait(ctx)
	if err != nil {
		return
	}
	for _, r := range ready {
		if r.Item == tasks {
			m, _ := tasks.TryRecv()
			fmt.Println("task:", m.PopString())
		}
	}
	// Output: task: work
}
