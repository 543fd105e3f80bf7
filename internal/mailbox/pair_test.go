package mailbox_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/internal/ready"
	"github.com/go-zactor/zactor/msg"
)

var bg = context.Background()

func TestErrorsMatchTheStandardOnes(t *testing.T) {
	if !errors.Is(mailbox.ErrClosed, net.ErrClosed) {
		t.Error("ErrClosed does not match net.ErrClosed")
	}
	if !errors.Is(mailbox.ErrAgain, os.ErrDeadlineExceeded) {
		t.Error("ErrAgain does not match os.ErrDeadlineExceeded")
	}
}

// TestModel runs random operations on both ends beside two plain slices.
func TestModel(t *testing.T) {
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		limits := [2]int{1 + rnd.IntN(5), 1 + rnd.IntN(600)}
		a, b := newPair(limits[0], limits[1])
		ends := [2]numbers{a, b}
		var queues [2][]int // queues[i] is what end i has sent and the other not received
		for step := range 1500 {
			i := rnd.IntN(2)
			e, sent, coming := ends[i], &queues[i], &queues[1-i]
			for range 1 + rnd.IntN(20) {
				if rnd.IntN(2) == 0 {
					err := e.TrySend(step)
					if full := len(*sent) == limits[i]; full != (err == mailbox.ErrAgain) || !full && err != nil {
						t.Fatalf("seed %d step %d: TrySend with %d of %d queued: %v", seed, step, len(*sent), limits[i], err)
					}
					if err == nil {
						*sent = append(*sent, step)
					}
					continue
				}
				v, err := e.TryRecv()
				switch {
				case len(*coming) == 0:
					if err != mailbox.ErrAgain {
						t.Fatalf("seed %d step %d: TryRecv of nothing: %v", seed, step, err)
					}
				case err != nil || v != (*coming)[0]:
					t.Fatalf("seed %d step %d: TryRecv = %d, %v, want %d", seed, step, v, err, (*coming)[0])
				default:
					*coming = (*coming)[1:]
				}
			}
			if e.Len() != len(*coming) {
				t.Fatalf("seed %d step %d: Len %d, want %d", seed, step, e.Len(), len(*coming))
			}
			var want ready.Events
			if len(*coming) > 0 {
				want |= ready.In
			}
			if len(*sent) < limits[i] {
				want |= ready.Out
			}
			if got := e.Poll(); got != want {
				t.Fatalf("seed %d step %d: Poll %v, want %v", seed, step, got, want)
			}
		}
	}
}

func TestDefaultLimitAddsBothSides(t *testing.T) {
	a, _ := newPair(0, -1)
	n := 0
	for a.TrySend(n) == nil {
		n++
	}
	if n != 2000 {
		t.Errorf("%d values fit, want 2000 as in libzmq", n)
	}
}

func TestReadyBeatsEndedContext(t *testing.T) {
	a, b := newPair(1, 1)
	ended, cancel := context.WithCancel(bg)
	cancel()
	if err := a.Send(ended, 1); err != nil {
		t.Errorf("Send with room: %v", err)
	}
	if err := a.Send(ended, 2); err != context.Canceled {
		t.Errorf("Send without room: %v, want context.Canceled", err)
	}
	if v, err := b.Recv(ended); v != 1 || err != nil {
		t.Errorf("Recv = %d, %v, want 1", v, err)
	}
	if _, err := b.Recv(ended); err != context.Canceled {
		t.Errorf("Recv of nothing: %v, want context.Canceled (2 must not have been sent)", err)
	}
}

func TestCloseLetsTheOtherSideDrain(t *testing.T) {
	a, b := newPair(4, 4)
	for i := range 3 {
		_ = a.TrySend(i)
	}
	_ = b.TrySend(7)
	_ = b.TrySend(8)
	if n := a.Close(); n != 2 {
		t.Errorf("Close threw %d away, want 2", n)
	}
	if n := a.Close(); n != 0 {
		t.Errorf("second Close threw %d away", n)
	}
	if err := b.TrySend(1); err != mailbox.ErrClosed {
		t.Errorf("TrySend to a closed end: %v", err)
	}
	if err := a.Send(bg, 1); err != mailbox.ErrClosed {
		t.Errorf("Send on a closed end: %v", err)
	}
	if _, err := a.Recv(bg); err != mailbox.ErrClosed {
		t.Errorf("Recv on a closed end: %v", err)
	}
	for i := range 3 {
		if v, err := b.Recv(bg); v != i || err != nil {
			t.Errorf("Recv = %d, %v, want %d", v, err, i)
		}
	}
	if _, err := b.TryRecv(); err != mailbox.ErrClosed {
		t.Errorf("TryRecv after the last: %v", err)
	}
	if got := b.Poll(); got != ready.In|ready.Out {
		t.Errorf("Poll of a closed pair: %v, want in|out", got)
	}
}

func TestCloseSendLeavesTheOtherDirection(t *testing.T) {
	a, b := newPair(4, 4)
	_ = a.TrySend(1)
	a.CloseSend()
	if err := a.TrySend(2); err != mailbox.ErrClosed {
		t.Errorf("TrySend after CloseSend: %v", err)
	}
	if v, err := b.Recv(bg); v != 1 || err != nil {
		t.Errorf("Recv = %d, %v", v, err)
	}
	if _, err := b.Recv(bg); err != mailbox.ErrClosed {
		t.Errorf("Recv after the last: %v", err)
	}
	if err := b.TrySend(3); err != nil {
		t.Errorf("TrySend the other way: %v", err)
	}
	if v, err := a.Recv(bg); v != 3 || err != nil {
		t.Errorf("Recv the other way = %d, %v", v, err)
	}
}

// blocked starts f, and returns its result once it has one; inside a bubble.
func blocked(t *testing.T, f func() error) (result func() error) {
	t.Helper()
	c := make(chan error, 1)
	go func() { c <- f() }()
	synctest.Wait()
	if len(c) > 0 {
		t.Fatalf("did not block: %v", <-c)
	}
	return func() error {
		synctest.Wait()
		select {
		case err := <-c:
			return err
		default:
			return errors.New("still blocked")
		}
	}
}

func TestCloseEndsBlockedCallsOnBothSides(t *testing.T) {
	for name, closing := range map[string]int{"own": 0, "other": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := newPair(1, 1)
				_ = a.TrySend(0)
				var results []func() error
				for range 3 {
					results = append(results,
						blocked(t, func() error { return a.Send(bg, 1) }),
						blocked(t, func() error { _, err := a.Recv(bg); return err }))
				}
				if closing == 0 {
					a.Close()
				} else {
					b.Close()
				}
				for i, r := range results {
					if err := r(); err != mailbox.ErrClosed {
						t.Errorf("call %d: %v, want ErrClosed", i, err)
					}
				}
			})
		})
	}
}

func TestInterruptEndsWaitingUntilResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newPair(1, 1)
		_ = a.TrySend(0)
		send := blocked(t, func() error { return a.Send(bg, 1) })
		recv := blocked(t, func() error { _, err := a.Recv(bg); return err })
		a.Interrupt()
		if err := send(); err != mailbox.ErrInterrupted {
			t.Errorf("Send: %v", err)
		}
		if err := recv(); err != mailbox.ErrInterrupted {
			t.Errorf("Recv: %v", err)
		}
		if _, err := a.Recv(bg); err != mailbox.ErrInterrupted {
			t.Errorf("a Recv that came later: %v", err)
		}
		_ = b.TrySend(5)
		if v, err := a.Recv(bg); v != 5 || err != nil {
			t.Errorf("Recv of what is there = %d, %v", v, err)
		}
		if v, err := b.Recv(bg); v != 0 || err != nil {
			t.Errorf("the other end: Recv = %d, %v", v, err)
		}
		if _, err := b.TryRecv(); err != mailbox.ErrAgain {
			t.Errorf("an interrupted Send has sent: %v", err)
		}
		a.Resume()
		recv = blocked(t, func() error { _, err := a.Recv(bg); return err })
		_ = b.TrySend(6)
		if err := recv(); err != nil {
			t.Errorf("Recv after Resume: %v", err)
		}
	})
}

func TestWaitingCallsAreServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newPair(1, 1)
		var got [3]int
		var results []func() error
		for i := range got {
			results = append(results, blocked(t, func() (err error) { got[i], err = b.Recv(bg); return err }))
		}
		for i := range got {
			if err := a.Send(bg, i); err != nil { // three at once into a queue of one: all go hand to hand
				t.Fatal(err)
			}
		}
		for i, r := range results {
			if err := r(); err != nil || got[i] != i {
				t.Errorf("receiver %d got %d, %v", i, got[i], err)
			}
		}
		_ = a.TrySend(10)
		for i := range 3 {
			results[i] = blocked(t, func() error { return a.Send(bg, 11+i) })
		}
		for i := range 4 {
			if v, err := b.Recv(bg); v != 10+i || err != nil {
				t.Errorf("Recv = %d, %v, want %d", v, err, 10+i)
			}
		}
		for i, r := range results {
			if err := r(); err != nil {
				t.Errorf("sender %d: %v", i, err)
			}
		}
	})
}

func TestCancelledWaitersLeaveTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newPair(1, 1)
		_ = a.TrySend(0)
		cancels := make([]context.CancelFunc, 3)
		results := make([]func() error, 3)
		for i := range 3 {
			var ctx context.Context
			ctx, cancels[i] = context.WithCancel(bg)
			results[i] = blocked(t, func() error { return a.Send(ctx, i+1) })
		}
		for _, i := range []int{1, 2} { // from the middle, and the last
			cancels[i]()
			if err := results[i](); err != context.Canceled {
				t.Errorf("sender %d: %v", i, err)
			}
		}
		var got []int
		for range 2 {
			v, _ := b.Recv(bg)
			got = append(got, v)
		}
		if !slices.Equal(got, []int{0, 1}) {
			t.Errorf("received %v, want [0 1]", got)
		}
		if err := results[0](); err != nil {
			t.Errorf("sender 0: %v", err)
		}
		cancels[0]()
		if _, err := b.TryRecv(); err != mailbox.ErrAgain {
			t.Errorf("a cancelled Send has sent: %v", err)
		}
	})
}

func TestWatchTellsWhenPollMayHaveGrown(t *testing.T) {
	a, b := newPair(2, 2)
	c := make(chan struct{}, 1)
	stop := a.Notify(c)
	expect := func(what string, want int) {
		t.Helper()
		if len(c) != want {
			t.Errorf("%s: %d tokens, want %d", what, len(c), want)
		}
		for len(c) > 0 {
			<-c
		}
	}
	_ = b.TrySend(1)
	expect("first value in", 1)
	_ = a.TrySend(1)
	_ = a.TrySend(2)
	if a.Poll() != ready.In {
		t.Fatalf("Poll = %v, want in", a.Poll())
	}
	expect("queue out filled", 0)
	_, _ = b.TryRecv()
	expect("room again", 1)
	if a.Poll() != ready.In|ready.Out {
		t.Errorf("Poll = %v, want in|out", a.Poll())
	}
	b.Close()
	expect("closed", 1)
	stop()
	stop()
	a.Close()
	expect("after stop", 0)
}

func TestABurstDoesNotHoldItsMemory(t *testing.T) {
	a, b := mailbox.New(0, 0)
	m := msg.NewString("x")
	fill := func(n int) {
		for range n {
			_ = a.TrySend(m)
		}
		for range n {
			_, _ = b.TryRecv()
		}
	}
	burst := func() { // all slots, then calm
		fill(mailbox.DefaultLimit)
		for range 8 {
			fill(1)
		}
	}
	for range 4 { // so that both slices have been big
		burst()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	burst()
	runtime.ReadMemStats(&after)
	got, want := after.TotalAlloc-before.TotalAlloc, uint64(mailbox.DefaultLimit*32)
	if got < want {
		t.Errorf("a burst after calm allocates %d bytes, so less than %d were given back", got, want)
	}
}

// TestTagsStayWithTheirMessages: queued, handed over, and moved in from a waiting
// sender.
func TestTagsStayWithTheirMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mailbox.New(3, 3)
		check := func(what string, want int, m msg.Msg, tag *mailbox.Tag, err error) {
			t.Helper()
			if err != nil || m.String() != number(want).String() {
				t.Fatalf("%s: message %v, %v, want %d", what, m, err, want)
			}
			if want%3 == 0 && tag != nil {
				t.Fatalf("%s: message %d has the tag %v", what, want, tag.Value)
			}
			if want%3 != 0 && (tag == nil || tag.Value != want) {
				t.Fatalf("%s: message %d has the tag %v", what, want, tag)
			}
		}
		tagged := func(i int) *mailbox.Tag {
			if i%3 == 0 {
				return nil
			}
			return &mailbox.Tag{Value: i}
		}
		for i := range 3 {
			if err := a.TrySendTagged(number(i), tagged(i)); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 20 { // each waits, and is moved in by the receive of the i-th
			send := blocked(t, func() error { return a.SendTagged(bg, number(i+3), tagged(i+3)) })
			m, tag, err := b.RecvTagged(bg)
			check("queued", i, m, tag, err)
			if err := send(); err != nil {
				t.Fatal(err)
			}
		}
		for i := 20; i < 23; i++ {
			m, tag, err := b.TryRecvTagged()
			check("left", i, m, tag, err)
		}
		for i := range 4 {
			var m msg.Msg
			var tag *mailbox.Tag
			recv := blocked(t, func() (err error) { m, tag, err = b.RecvTagged(bg); return err })
			_ = a.SendTagged(bg, number(i), tagged(i))
			err := recv()
			check("handed over", i, m, tag, err)
		}
	})
}
