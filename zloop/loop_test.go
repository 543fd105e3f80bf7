package zloop_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/internal/ready"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
)

// collect returns a handler that notes each message, and stops at the n-th.
func collect(got *[]string, n int) func(msg.Msg) error {
	return func(m msg.Msg) error {
		*got = append(*got, m.PopString())
		if len(*got) == n {
			return zloop.ErrStop
		}
		return nil
	}
}

func run(t *testing.T, l *zloop.Loop) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Run(ctx); err != nil {
		t.Fatalf("Run = %v", err)
	}
}

func TestRunReturnsTheHandlersError(t *testing.T) {
	mine := errors.New("mine")
	for _, c := range []struct{ give, want error }{
		{zloop.ErrStop, nil},
		{errors.Join(errors.New("enough"), zloop.ErrStop), nil},
		{mine, mine},
	} {
		a, b := newPair()
		send(t, b, "x")
		for name, register := range map[string]func(l *zloop.Loop){
			"timer":  func(l *zloop.Loop) { l.After(0, func() error { return c.give }) },
			"ticket": func(l *zloop.Loop) { l.Ticket(0, func() error { return c.give }) },
			"post":   func(l *zloop.Loop) { _ = l.Post(func() error { return c.give }) },
			"writer": func(l *zloop.Loop) { l.Writer(a, func() error { return c.give }) },
			"reader": func(l *zloop.Loop) {
				send(t, b, "x")
				l.Reader(a, func(msg.Msg) error { return c.give })
			},
			"chan": func(l *zloop.Loop) {
				zloop.Chan(l, time.After(0), func(time.Time) error { return c.give })
			},
		} {
			l := newLoop()
			register(l)
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			if err := l.Run(ctx); err != c.want {
				t.Errorf("%s: handler returned %v, Run %v", name, c.give, err)
			}
			cancel()
		}
	}
}

func TestNothingRunsUnderAnEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l := newLoop()
	a, b := newPair()
	send(t, b, "x")
	called := 0
	l.After(0, count(&called))
	l.Ticket(0, count(&called))
	_ = l.Post(count(&called))
	l.Reader(a, func(msg.Msg) error { called++; return nil })
	if err := l.Run(ctx); err != context.Canceled {
		t.Errorf("Run = %v", err)
	}
	if called != 0 {
		t.Errorf("%d handlers were called", called)
	}
	if a.Len() != 1 {
		t.Error("the message was taken and not handled")
	}
}

func TestContextEndsRunBetweenTwoHandlers(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l := newLoop()
	a, b := newPair()
	send(t, b, "1", "2")
	var got []string
	l.Reader(a, func(m msg.Msg) error { got = append(got, m.PopString()); cancel(); return nil })
	c, d := newPair()
	send(t, d, "3")
	l.Reader(c, collect(&got, 9))
	if err := l.Run(ctx); err != context.Canceled {
		t.Errorf("Run = %v", err)
	}
	if len(got) != 1 {
		t.Errorf("handled %v after the context had ended", got)
	}
}

func TestRunTwiceAtOnce(t *testing.T) {
	l := newLoop()
	_ = l.Post(func() error {
		if err := l.Run(context.Background()); err != zloop.ErrRunning {
			t.Errorf("Run inside Run = %v", err)
		}
		return zloop.ErrStop
	})
	run(t, l)
}

// TestPassOrder has everything ready at once.
func TestPassOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		a, b := newPair()
		c, d := newPair()
		send(t, b, "a1", "a2")
		send(t, d, "c1", "c2")
		values := make(chan string, 2)
		values <- "v1"
		values <- "v2"
		var got []string
		note := func(s string) func() error {
			return func() error { got = append(got, s); return nil }
		}
		l.Reader(a, collect(&got, 0))
		zloop.Chan(l, values, func(s string) error { got = append(got, s); return nil })
		l.Reader(c, collect(&got, 0))
		_ = l.Post(note("post"))
		l.Ticket(10*ms, note("ticket"))
		l.After(10*ms, note("timer"))
		time.Sleep(20 * ms)
		runFor(t, l, 0)
		want := "timer ticket post a1 v1 c1 a2 v2 c2"
		if s := strings.Join(got, " "); s != want {
			t.Errorf("order %s\nwant  %s", s, want)
		}
	})
}

// TestFloodedSourceDoesNotHideAnother: zpoller serves 500 messages of the first
// socket before one of the second.
func TestFloodedSourceDoesNotHideAnother(t *testing.T) {
	l := newLoop()
	a, toA := newPair()
	b, toB := newPair()
	for range 500 {
		send(t, toA, "a")
	}
	send(t, toB, "b", "b", "b")
	var got []string
	l.Reader(a, collect(&got, 503))
	l.Reader(b, collect(&got, 503))
	run(t, l)
	if want := []string{"a", "b", "a", "b", "a", "b", "a"}; !slices.Equal(got[:7], want) {
		t.Errorf("served %v first, want %v", got[:7], want)
	}
}

// TestFloodDelaysNoTimer: a source that is always ready, and a timer that is due
// after 10 ms of handlers that take 1 ms each.
func TestFloodDelaysNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		a, b := newPair()
		l.Reader(a, func(msg.Msg) error { time.Sleep(ms); send(t, b, "more"); return nil })
		send(t, b, "more")
		var got []int
		l.Every(10*ms, ticks(&got))
		runFor(t, l, 35*ms)
		if want := []int{10, 20, 30}; !slices.Equal(got, want) {
			t.Errorf("ticks at %v, want %v", got, want)
		}
	})
}

func TestTimerThatIsAlwaysDueDelaysNoSource(t *testing.T) {
	l := newLoop()
	a, b := newPair()
	for range 100 {
		send(t, b, "x")
	}
	var got []string
	passes, posts := 0, 0
	l.Every(0, count(&passes))
	var again func() error
	again = func() error { posts++; return l.Post(again) }
	_ = l.Post(again)
	l.Reader(a, collect(&got, 100))
	run(t, l)
	if passes != 100 || posts != 100 {
		t.Errorf("100 messages took %d turns of the timer and %d of the post, want 100", passes, posts)
	}
}

// TestHandleStoppedInTheSamePassIsNotCalled: by a timer, and by another reader.
func TestHandleStoppedInTheSamePassIsNotCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		called := 0
		var victims []*zloop.Handle
		killer, toKiller := newPair()
		send(t, toKiller, "go")
		l.Reader(killer, func(msg.Msg) error {
			for _, h := range victims[1:] {
				h.Stop()
			}
			return nil
		})
		values := make(chan int, 1)
		values <- 1
		for range 2 {
			a, b := newPair()
			send(t, b, "x")
			victims = append(victims, l.Reader(a, func(msg.Msg) error { called++; return nil }))
		}
		victims = append(victims, zloop.Chan(l, values, func(int) error { called++; return nil }))
		l.After(0, func() error { victims[0].Stop(); return nil })
		runFor(t, l, 10*ms)
		if called != 0 {
			t.Errorf("%d stopped handlers were called", called)
		}
		if len(values) != 1 {
			t.Error("a value was taken for a stopped handle")
		}
		victims[0].Stop() // idempotent
		if err := victims[0].Err(); err != nil {
			t.Errorf("Err after Stop = %v", err)
		}
	})
}

// TestEveryMessageIsHandedOverOnce: in czmq the handler has to read, and one that
// does not is called again at once, for ever.
func TestEveryMessageIsHandedOverOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		a, b := newPair()
		send(t, b, "x")
		called := 0
		l.Reader(a, func(msg.Msg) error { called++; return nil })
		runFor(t, l, time.Second) // a spinning loop would never let the bubble's clock go on
		if called != 1 {
			t.Errorf("one message, %d calls", called)
		}
	})
}

// TestSourceRegisteredTwice: czmq calls both handlers for one event, and the
// second blocks when the first ate the only message.
func TestSourceRegisteredTwice(t *testing.T) {
	l := newLoop()
	a, b := newPair()
	var got [2][]string
	total := 0
	for i := range got {
		l.Reader(a, func(m msg.Msg) error {
			got[i] = append(got[i], m.PopString())
			if total++; total == 3 {
				return zloop.ErrStop
			}
			return nil
		})
	}
	send(t, b, "1", "2", "3")
	run(t, l)
	if !slices.Equal(got[0], []string{"1", "3"}) || !slices.Equal(got[1], []string{"2"}) {
		t.Errorf("handlers got %v and %v", got[0], got[1])
	}
}

// TestClosedSourceEndsItsHandleOnly: a destroyed socket makes zloop_start return
// 0 at once, and zpoller_wait NULL, without a word.
func TestClosedSourceEndsItsHandleOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended []*zloop.Handle
		var why []error
		l := newLoop(zloop.WithOnEnd(func(h *zloop.Handle, err error) error {
			ended, why = append(ended, h), append(why, err)
			return nil
		}))
		a, b := newPair()
		var got []string
		h := l.Reader(a, collect(&got, 9))
		values := make(chan int)
		hc := zloop.Chan(l, values, func(int) error { return nil })
		l.After(10*ms, func() error { send(t, b, "last"); b.Close(); return nil })
		l.After(20*ms, func() error { close(values); return nil })
		later := 0
		l.After(30*ms, count(&later))
		runFor(t, l, 50*ms)
		if !slices.Equal(got, []string{"last"}) {
			t.Errorf("received %v before the end", got)
		}
		if !slices.Equal(ended, []*zloop.Handle{h, hc}) {
			t.Fatalf("ended %v, want both handles, once each", ended)
		}
		if !errors.Is(why[0], mailbox.ErrClosed) || h.Err() != why[0] {
			t.Errorf("reader ended with %v, Err %v", why[0], h.Err())
		}
		if why[1] != zloop.ErrClosed || h.Source() != a {
			t.Errorf("channel ended with %v; Source %v", why[1], h.Source())
		}
		if later != 1 {
			t.Error("the loop did not go on")
		}
	})
}

func TestOnEndMayStopTheLoop(t *testing.T) {
	l := newLoop(zloop.WithOnEnd(func(*zloop.Handle, error) error { return zloop.ErrStop }))
	a, b := newPair()
	l.Reader(a, func(msg.Msg) error { return nil })
	b.Close()
	run(t, l)
}

// notNow is a Receiver as a REP that owes an answer: TryRecv fails, and Poll says
// that it is not the moment.
type notNow struct {
	*end
	owes bool
}

func (r *notNow) TryRecv() (msg.Msg, error) {
	if r.owes {
		return msg.Msg{}, errors.New("not in this state")
	}
	return r.end.TryRecv()
}

func (r *notNow) Poll() ready.Events {
	if r.owes {
		return ready.Out
	}
	return r.end.Poll()
}

func TestReceiverInTheWrongStateIsKept(t *testing.T) {
	a, b := newPair()
	r := &notNow{end: a, owes: true}
	l := newLoop()
	var got []string
	l.Reader(r, collect(&got, 1))
	send(t, b, "x")
	l.After(ms, func() error {
		if r.owes = false; len(got) > 0 {
			t.Error("received in the wrong state")
		}
		return l.Post(func() error { return nil }) // the wake-up that a socket gives
	})
	run(t, l)
	if len(got) != 1 {
		t.Errorf("received %v", got)
	}
}

func TestWriterRunsWhileThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mailbox.New(3, 3)
		l := newLoop()
		sent := 0
		var h *zloop.Handle
		h = l.Writer(a, func() error {
			if err := a.TrySend(msg.NewString("x")); err != nil {
				return err
			}
			if sent++; sent == 7 {
				h.Stop()
			}
			return nil
		})
		runFor(t, l, 10*ms)
		if sent != 3 {
			t.Fatalf("%d sent into a queue of 3", sent)
		}
		l.Every(ms, func() error { _, _ = b.TryRecv(); return nil })
		runFor(t, l, 20*ms)
		if sent != 7 {
			t.Errorf("%d sent, want 7", sent)
		}
	})
}

func TestPostFromOtherGoroutines(t *testing.T) {
	l := newLoop()
	const posters, each = 8, 500
	next := [posters]int{} // touched by handlers only: the race detector watches
	total := 0
	for p := range posters {
		go func() {
			for i := range each {
				err := l.Post(func() error {
					if next[p] != i {
						t.Errorf("poster %d: %d came when %d was next", p, i, next[p])
					}
					next[p]++
					if total++; total == posters*each {
						return zloop.ErrStop
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	run(t, l)
}

func TestPostIsBounded(t *testing.T) {
	l := newLoop(zloop.WithPostLimit(2))
	for i := range 2 {
		if err := l.Post(stop); err != nil {
			t.Fatalf("Post %d: %v", i, err)
		}
	}
	if err := l.Post(stop); err != zloop.ErrPostFull {
		t.Errorf("third Post = %v", err)
	}
	run(t, l)
	if err := l.Post(stop); err != nil {
		t.Errorf("Post when one was handled = %v", err)
	}
}

func TestChannelsWakeASleepingLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		numbers, errs := make(chan int), make(chan error)
		var got []int
		var gotErrs []error
		zloop.Chan(l, numbers, func(n int) error { got = append(got, n); return nil })
		zloop.Chan(l, errs, func(err error) error { gotErrs = append(gotErrs, err); return nil })
		go func() {
			for i := range 3 {
				time.Sleep(ms)
				numbers <- i
				errs <- nil // a nil interface is a value like any other
			}
		}()
		runFor(t, l, 10*ms)
		if !slices.Equal(got, []int{0, 1, 2}) || len(gotErrs) != 3 {
			t.Errorf("got %v and %v", got, gotErrs)
		}
	})
}

// TestStoppedChannelLosesNoValue: with a goroutine in between, one value would be
// in its hand.
func TestStoppedChannelLosesNoValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		c := make(chan int)
		go func() {
			for i := range 10 {
				c <- i
			}
		}()
		var got []int
		var h *zloop.Handle
		h = zloop.Chan(l, c, func(n int) error {
			got = append(got, n)
			if n == 4 {
				h.Stop()
			}
			return nil
		})
		runFor(t, l, 10*ms)
		for i := range 5 {
			got = append(got, <-c)
			if got[5+i] != 5+i {
				t.Fatalf("values %v: one is lost", got)
			}
		}
	})
}

func TestHandlersRegisterHandlers(t *testing.T) {
	l := newLoop()
	var got []string
	a, b := newPair()
	c, d := newPair()
	send(t, b, "1")
	send(t, d, "2")
	l.Reader(a, func(m msg.Msg) error {
		got = append(got, m.PopString())
		l.Reader(c, func(m msg.Msg) error {
			got = append(got, m.PopString())
			l.After(0, stop)
			return nil
		})
		return nil
	})
	run(t, l)
	if !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("got %v", got)
	}
}

// TestLoopOutlivesAPanic: what the loop held is still there for another Run.
func TestLoopOutlivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		fired := 0
		bad := l.After(0, func() error { panic("mine") })
		l.After(0, count(&fired))
		func() {
			defer func() {
				if recover() != "mine" {
					t.Error("the panic did not reach Run's caller")
				}
			}()
			_ = l.Run(t.Context())
		}()
		bad.Stop()
		runFor(t, l, 0)
		if fired != 1 {
			t.Errorf("the other timer fired %d times", fired)
		}
	})
}
