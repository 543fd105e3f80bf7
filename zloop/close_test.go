package zloop_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// Close lets go of everything: what is registered afterwards is refused, what was
// is not called any more.
func TestClose(t *testing.T) {
	l := newLoop()
	c := make(chan int, 1)
	called := func() error { t.Error("a handler of a closed loop was called"); return nil }
	h := zloop.Chan(l, c, func(int) error { return called() })
	timer, ticket := l.After(0, called), l.Ticket(0, called)
	if err := l.Post(called); err != nil {
		t.Fatal(err)
	}
	c <- 1
	for range 2 {
		if err := l.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	if err := l.Run(context.Background()); !errors.Is(err, net.ErrClosed) || err != zloop.ErrClosed {
		t.Errorf("Run = %v", err)
	}
	if err := l.Post(called); err != zloop.ErrClosed {
		t.Errorf("Post = %v", err)
	}
	if h.Err() != zloop.ErrClosed || zloop.Chan(l, c, func(int) error { return nil }).Err() != zloop.ErrClosed {
		t.Errorf("handles of a closed loop: %v", h.Err())
	}
	timer.Reset(0)
	ticket.Reset()
	if timer.Stop() || ticket.Stop() {
		t.Error("a timer or ticket of a closed loop is active")
	}
}

// Close in a handler, or beside Run, ends Run with nil.
func TestCloseEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		l.After(time.Second, func() error { _ = l.Close(); return nil })
		l.After(time.Second, func() error { t.Error("a timer after Close was called"); return nil }).Stop()
		if err := l.Run(context.Background()); err != nil {
			t.Errorf("Run = %v", err)
		}
		l = newLoop()
		done := make(chan error)
		go func() { done <- l.Run(context.Background()) }()
		synctest.Wait()
		_ = l.Close()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

type nothing struct{}

func (*nothing) TryRecv() (msg.Msg, error)              { panic("never") }
func (*nothing) Poll() (e zmq.PollEvents)               { return }
func (*nothing) Notify(c chan<- struct{}) (stop func()) { return func() {} }

// What can't work is refused where it is registered: Run says so, and the handle.
func TestRefusals(t *testing.T) {
	for name, register := range map[string]func(*zloop.Loop) *zloop.Handle{
		"After":  func(l *zloop.Loop) *zloop.Handle { l.After(0, nil); return nil },
		"Every":  func(l *zloop.Loop) *zloop.Handle { l.Every(1, nil); return nil },
		"Times":  func(l *zloop.Loop) *zloop.Handle { l.Times(1, 2, nil); return nil },
		"Ticket": func(l *zloop.Loop) *zloop.Handle { l.Ticket(1, nil); return nil },
		"Reader": func(l *zloop.Loop) *zloop.Handle { return l.Reader(&nothing{}, nil) },
		"no Reader": func(l *zloop.Loop) *zloop.Handle {
			return l.Reader((*nothing)(nil), func(msg.Msg) error { return nil })
		},
		"Writer": func(l *zloop.Loop) *zloop.Handle { return l.Writer(nil, func() error { return nil }) },
		"Chan":   func(l *zloop.Loop) *zloop.Handle { return zloop.Chan[int](l, nil, func(int) error { return nil }) },
		"Conn":   func(l *zloop.Loop) *zloop.Handle { return l.Conn(nil, func([]byte) error { return nil }) },
		"Each":   func(l *zloop.Loop) *zloop.Handle { return zloop.Each[int](l, nil, func(int) error { return nil }) },
		"Stream": func(l *zloop.Loop) *zloop.Handle {
			c, other := net.Pipe()
			t.Cleanup(func() { _ = c.Close(); _ = other.Close() })
			return l.Stream(c, zloop.LengthPrefixed(9, 10), func([]byte) error { return nil }).Handle
		},
	} {
		l := newLoop()
		h := register(l)
		if err := l.Run(context.Background()); !errors.Is(err, zloop.ErrHandler) {
			t.Errorf("%s: Run = %v", name, err)
		}
		if h != nil && !errors.Is(h.Err(), zloop.ErrHandler) {
			t.Errorf("%s: Err = %v", name, h.Err())
		}
	}
	if err := newLoop().Post(nil); err != zloop.ErrHandler {
		t.Errorf("Post(nil) = %v", err)
	}
	for _, o := range []zloop.Option{zloop.WithPostLimit(0), zloop.WithOnEnd(nil)} {
		if _, err := zloop.New(o); !errors.Is(err, zloop.ErrOption) {
			t.Errorf("New = %v", err)
		}
	}
}

// One goroutine can wait for so many channels, and not for one more.
func TestTooManyChannels(t *testing.T) {
	if testing.Short() {
		t.Skip("65,533 channels")
	}
	l := newLoop()
	c := make(chan int)
	var last *zloop.Handle
	for range 65533 {
		last = zloop.Chan(l, c, func(int) error { return nil })
	}
	if last.Err() != nil {
		t.Fatalf("the last that can be waited for: %v", last.Err())
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.Every(1, func() error { cancel(); return nil })
	if err := l.Run(ctx); err != context.Canceled {
		t.Fatalf("Run with as many as can be = %v", err)
	}
	if err := zloop.Chan(l, c, func(int) error { return nil }).Err(); !errors.Is(err, zloop.ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	if err := l.Run(context.Background()); !errors.Is(err, zloop.ErrTooMany) {
		t.Errorf("Run = %v", err)
	}
}

// upTo is a sequence that ends with ctx, or at n.
func upTo(ctx context.Context, n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if ctx.Err() != nil || !yield(i) {
				return
			}
		}
	}
}

func TestEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var got []int
		h := zloop.Each(l, upTo(context.Background(), 3), func(i int) error {
			got = append(got, i)
			if i == 1 {
				return zloop.ErrStop // a Run ends; the rest is for the next
			}
			return nil
		}).OnEnd(func(err error) error { return fmt.Errorf("over: %w", err) })
		if err := l.Run(context.Background()); err != nil {
			t.Errorf("Run = %v", err)
		}
		if err := l.Run(context.Background()); !errors.Is(err, zloop.ErrClosed) {
			t.Errorf("the next Run = %v", err)
		}
		if fmt.Sprint(got) != "[0 1 2]" || h.Err() != zloop.ErrClosed {
			t.Errorf("got %v, the handle's end is %v", got, h.Err())
		}
	})
}

// A stopped Each lets its goroutine go with the next value.
func TestEachStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		values := make(chan int)
		var h *zloop.Handle
		h = zloop.Each(l, func(yield func(int) bool) {
			for v := range values {
				if !yield(v) {
					return
				}
			}
		}, func(int) error { h.Stop(); return zloop.ErrStop })
		go func() { values <- 1 }()
		if err := l.Run(context.Background()); err != nil {
			t.Errorf("Run = %v", err)
		}
		close(values) // the bubble ends only if the goroutine does
	})
}

// What a sleep costs does not grow with the number of durations; that the order
// holds for many is what can be tested.
func TestTicketsOfManyDurations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		var fired []time.Duration
		const n = 500
		for i := range n {
			d := time.Duration((i*7919)%n+1) * time.Millisecond
			tk := l.Ticket(d, func() error {
				if fired = append(fired, d); len(fired) == n-n/5 {
					return zloop.ErrStop
				}
				return nil
			})
			switch i % 5 {
			case 0:
				tk.Stop()
			case 1:
				tk.Reset()
			}
		}
		if err := l.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(fired); i++ {
			if fired[i] < fired[i-1] {
				t.Fatalf("%v after %v", fired[i], fired[i-1])
			}
		}
	})
}
