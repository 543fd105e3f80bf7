package actor_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
)

// TestOneOfTenThousandPanics (A20): the others do not notice, and the mailbox of
// the one is kept: what was in it when the one panicked is handled after that, in order.
func TestOneOfTenThousandPanics(t *testing.T) {
	n := 10_000
	if raceDetector {
		n = 2000
	}
	sup := supervisor(actor.OneForOne)
	var starts atomic.Int64
	var struck atomic.Bool
	free := make(chan struct{})
	actors := make([]*actor.Actor, n)
	for i := range actors {
		actors[i], _ = sup.Add(strconv.Itoa(i), func(ctx context.Context, p *actor.Pipe) error {
			starts.Add(1)
			if i == n/2 && struck.CompareAndSwap(false, true) {
				_, _ = p.Recv(ctx)
				<-free
				panic("boom")
			}
			return obey(ctx, p)
		}, actor.Permanent)
	}
	root := spawn(t, actor.ServiceFunc(sup))
	victim := actors[n/2]
	_ = victim.Send(bg, text("panic"))
	const kept = 10
	var answers [kept]func(context.Context) (msg.Msg, error)
	for i := range answers {
		var err error
		if answers[i], err = victim.AskAsync(bg, text("ask "+strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	close(free)
	var back time.Duration
	for i, wait := range answers {
		if m, err := wait(bg); err != nil || m.PopString() != "ask "+strconv.Itoa(i) {
			t.Errorf("question %d, asked before the panic: %v, %v", i, m, err)
		}
		if i == 0 {
			back = time.Since(begin)
		}
	}
	for _, a := range actors {
		if m, err := a.Ask(bg, text("x")); err != nil || m.PopString() != "x" {
			t.Fatalf("%s: %v, %v", a.Name(), m, err)
		}
	}
	if got := starts.Load(); got != int64(n+1) {
		t.Errorf("%d starts of %d actors, want one more", got, n)
	}
	if !t.Failed() {
		ztest.Record(t, "A20", "one panic", "of %d actors %d answered beside it; it was back after %v, with the %d messages that had waited", n, n-1, back, kept)
	}
	stop(t, root)
}

// TestChaos: children of every strategy fail at random while many send to them.
// Whatever happens, an actor lives one life at a time, messages arrive in order
// and at most once, and only those that were being handled at a failure are lost.
func TestChaos(t *testing.T) {
	for _, strategy := range []actor.Strategy{actor.OneForOne, actor.OneForAll, actor.RestForOne} {
		t.Run(strategy.String(), func(t *testing.T) { chaos(t, strategy) })
	}
}

const chaosChildren, chaosEach = 6, 2000

func chaos(t *testing.T, strategy actor.Strategy) {
	sup := supervisor(strategy, actor.WithIntensity(1<<30, time.Second),
		actor.WithBackoff(time.Microsecond, 100*time.Microsecond))
	var counts [chaosChildren]chaosCount
	var children [chaosChildren]*actor.Actor
	for i := range children {
		children[i], _ = sup.Add(strconv.Itoa(i), counts[i].run, actor.Permanent, actor.WithMailbox(50))
	}
	ctx, cancel := context.WithCancel(bg)
	served := make(chan error, 1)
	go func() { served <- sup.Run(ctx) }()
	var sending sync.WaitGroup
	for _, c := range children {
		sending.Go(func() {
			for i := range chaosEach {
				if err := c.Send(bg, text(strconv.Itoa(i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	for _, c := range children {
		_, _ = c.Ask(bg, text("last")) // everything before it has been received
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	failures := 0
	for i := range counts {
		failures += counts[i].check(t, i)
	}
	t.Logf("%d failures", failures)
}

// chaosCount is what one child sees. Its fields have no lock: that two lives never
// overlap is for the race detector to confirm.
type chaosCount struct {
	living   bool
	next     int
	received int
	failures int
}

func (c *chaosCount) run(ctx context.Context, p *actor.Pipe) (err error) {
	if c.living {
		return errors.Join(actor.ErrEscalate, errors.New("two lives at once"))
	}
	c.living = true
	defer func() { c.living = false }()
	for m, err := range p.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.take(ctx, p, m); err != nil {
			return err
		}
	}
	return nil
}

func (c *chaosCount) take(ctx context.Context, p *actor.Pipe, m msg.Msg) error {
	s := m.PopString()
	if s == "last" {
		return p.Reply(ctx, m)
	}
	n, _ := strconv.Atoi(s)
	if n < c.next {
		return errors.Join(actor.ErrEscalate, errors.New(s+" came late or twice"))
	}
	c.next = n + 1
	c.received++
	switch rand.IntN(200) {
	case 0:
		c.failures++
		return errBoom
	case 1:
		c.failures++
		panic(errBoom)
	}
	return nil
}

func (c *chaosCount) check(t *testing.T, i int) int {
	if c.received != chaosEach {
		t.Errorf("child %d received %d messages of %d", i, c.received, chaosEach)
	}
	return c.failures
}
