package actor_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

func TestErrorsMatchTheCommonOnes(t *testing.T) {
	for _, c := range []struct{ err, general error }{
		{actor.ErrClosed, net.ErrClosed},
		{actor.ErrClosed, zmq.ErrClosed},
		{actor.ErrAgain, os.ErrDeadlineExceeded},
		{actor.ErrAgain, zmq.ErrAgain},
		{actor.ErrMailboxFull, zmq.ErrAgain},
	} {
		if !errors.Is(c.err, c.general) {
			t.Errorf("%q does not match %q", c.err, c.general)
		}
	}
}

func TestEcho(t *testing.T) {
	a := spawn(t, mirror)
	for _, s := range []string{"ECHO", "", "again"} {
		if err := a.Send(bg, text(s)); err != nil {
			t.Fatal(err)
		}
		if m, err := a.Recv(bg); err != nil || m.PopString() != s {
			t.Errorf("echo of %q: %v, %v", s, m, err)
		}
	}
	if _, err := a.TryRecv(); err != actor.ErrAgain {
		t.Errorf("TryRecv of nothing: %v", err)
	}
}

// TestFailedStartIsSpawnsError: zactor_new throws the status of the actor's
// signal away.
func TestFailedStartIsSpawnsError(t *testing.T) {
	mine := errors.New("port in use")
	a, err := actor.Spawn(bg, func(context.Context, *actor.Pipe) error { return mine })
	if a != nil || !errors.Is(err, mine) {
		t.Errorf("Spawn = %v, %v", a, err)
	}
	_, err = actor.Spawn(bg, func(context.Context, *actor.Pipe) error { panic(mine) })
	var p *actor.PanicError
	if !errors.As(err, &p) || !errors.Is(err, mine) {
		t.Errorf("Spawn of a function that panics = %v", err)
	}
}

// TestDeadBeforeReadyIsAnError: in czmq the signal of the exit passes for the
// ready one: you hold a dead actor, and zactor_destroy of it may hang.
func TestDeadBeforeReadyIsAnError(t *testing.T) {
	a, err := actor.Spawn(bg, func(context.Context, *actor.Pipe) error { return nil })
	if a != nil || !errors.Is(err, actor.ErrNotReady) {
		t.Errorf("Spawn = %v, %v, want ErrNotReady", a, err)
	}
}

func TestReadyAndAtItsEndIsNoError(t *testing.T) {
	mine := errors.New("mine")
	for range 200 { // whichever Spawn sees first
		a, err := actor.Spawn(bg, func(_ context.Context, p *actor.Pipe) error { p.Ready(); return mine })
		if err != nil {
			t.Fatal(err)
		}
		<-a.Done()
		if a.Err() != mine {
			t.Fatalf("Err = %v", a.Err())
		}
	}
}

// TestSpawnIsBounded: zactor_new never returns when the function neither signals
// nor returns.
func TestSpawnIsBounded(t *testing.T) {
	release := make(chan struct{})
	var deaf sync.WaitGroup
	deaf.Add(2)
	fn := func(context.Context, *actor.Pipe) error {
		defer deaf.Done()
		<-release
		return nil
	}
	ctx, cancel := context.WithTimeout(bg, time.Millisecond)
	defer cancel()
	if a, err := actor.Spawn(ctx, fn); a != nil || err != context.DeadlineExceeded {
		t.Errorf("by its context: %v, %v", a, err)
	}
	a, err := actor.Spawn(bg, fn, actor.WithReadyTimeout(time.Millisecond))
	if a != nil || !errors.Is(err, actor.ErrNotReady) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("by WithReadyTimeout: %v, %v", a, err)
	}
	close(release)
	deaf.Wait()
}

func TestReadyTimeoutEndsWithReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
			time.Sleep(time.Second)
			p.Ready()
			<-ctx.Done()
			return ctx.Err()
		}, actor.WithReadyTimeout(2*time.Second))
		time.Sleep(time.Minute)
		if isDone(a) {
			t.Errorf("ended by the timeout: %v", a.Err())
		}
	})
}

// TestActorThatDiedFirst: in czmq its exit signal looks like a message, a further
// send or receive blocks for ever.
func TestActorThatDiedFirst(t *testing.T) {
	mine := errors.New("mine")
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		_ = p.Send(ctx, text("last words"))
		p.Ready()
		return mine
	})
	<-a.Done()
	if a.Err() != mine {
		t.Errorf("Err = %v", a.Err())
	}
	if a.Poll() != zmq.PollIn|zmq.PollOut {
		t.Errorf("Poll = %v, want in|out", a.Poll())
	}
	if m, err := a.Recv(bg); err != nil || m.PopString() != "last words" {
		t.Errorf("Recv = %v, %v", m, err)
	}
	for name, call := range map[string]func() error{
		"Recv":    func() error { _, err := a.Recv(bg); return err },
		"TryRecv": func() error { _, err := a.TryRecv(); return err },
		"Send":    func() error { return a.Send(bg, text("x")) },
		"TrySend": func() error { return a.TrySend(text("x")) },
		"Ask":     func() error { _, err := a.Ask(bg, text("x")); return err },
	} {
		if err := call(); !errors.Is(err, actor.ErrClosed) || !errors.Is(err, mine) {
			t.Errorf("%s on the dead: %v, want ErrClosed and the actor's error", name, err)
		}
	}
	if err := a.Shutdown(ended); err != nil {
		t.Errorf("Stop of the dead = %v", err)
	}
}

// TestUnreadOutputSurvivesStop: zactor_destroy throws it away in silence.
func TestUnreadOutputSurvivesStop(t *testing.T) {
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		_ = p.Send(ctx, text("1"))
		p.Ready()
		<-ctx.Done()
		return p.Send(ctx, text("2")) // there is room: need not wait
	})
	stop(t, a)
	if a.Err() != nil {
		t.Errorf("Err = %v", a.Err())
	}
	if n := a.Stats().Output; n != 2 {
		t.Errorf("Stats.Output = %d, want 2", n)
	}
	var got []string
	for m, err := range a.Messages(bg) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m.PopString())
	}
	if !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("received %v", got)
	}
}

// TestStopWaitsForTheFunction: czmq's destroy took the answer to an earlier
// command for the exit signal, and returned in 0 ms while the actor ran for 500.
func TestStopWaitsForTheFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
			_ = echo(ctx, p)
			time.Sleep(500 * time.Millisecond) // closes what it has
			return nil
		})
		_ = a.Send(bg, text("command whose answer nobody reads"))
		synctest.Wait()
		begin := time.Now()
		stop(t, a)
		if took := time.Since(begin); took != 500*time.Millisecond {
			t.Errorf("Stop took %v", took)
		}
	})
}

// TestStopIsBounded: Close by the stop timeout, and Shutdown by its context, when
// the function does not return. They can be called again.
func TestStopIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		a := spawn(t, func(_ context.Context, p *actor.Pipe) error { p.Ready(); <-release; return nil },
			actor.WithStopTimeout(time.Minute))
		begin := time.Now()
		if err := a.Close(); !errors.Is(err, actor.ErrStuck) || time.Since(begin) != time.Minute {
			t.Errorf("Close = %v after %v", err, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if err := a.Shutdown(ctx); err != context.DeadlineExceeded {
			t.Errorf("Shutdown = %v", err)
		}
		if isDone(a) {
			t.Error("Done before the function has returned")
		}
		if err := a.Send(bg, text("x")); err != actor.ErrClosed {
			t.Errorf("Send to an actor that was told to end: %v", err)
		}
		close(release)
		stop(t, a)
	})
}

// TestStopOvertakesAFullMailbox: with 2000 unread commands, czmq's $TERM found no
// room; destroy returned at once, and the actor never saw it.
func TestStopOvertakesAFullMailbox(t *testing.T) {
	received := 0
	hold := make(chan struct{})
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		p.Ready()
		<-hold
		for {
			if _, err := p.Recv(ctx); err != nil {
				return err
			}
			received++
		}
	})
	n := 0
	for a.TrySend(text("x")) == nil {
		n++
	}
	if n != 2000 {
		t.Errorf("the mailbox takes %d, want 2000 as in czmq", n)
	}
	blocked := make(chan error)
	go func() { blocked <- a.Send(bg, text("x")) }()
	_ = a.Shutdown(ended) // told, and not waited for
	close(hold)
	stop(t, a)
	if received != 0 || a.Stats().Undelivered != n {
		t.Errorf("%d received after Stop, %d undelivered, want 0 and %d", received, a.Stats().Undelivered, n)
	}
	if err := <-blocked; !errors.Is(err, actor.ErrClosed) {
		t.Errorf("the blocked Send: %v", err)
	}
	if a.Err() != nil {
		t.Errorf("Err = %v", a.Err())
	}
}

// TestStopEndsABlockedSend: a czmq proxy without a peer cannot be destroyed.
func TestStopEndsABlockedSend(t *testing.T) {
	for name, of := range map[string]func(ctx context.Context) context.Context{
		"its context":     func(ctx context.Context) context.Context { return ctx },
		"another context": func(context.Context) context.Context { return bg },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent int
				a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
					p.Ready()
					for {
						if err := p.Send(of(ctx), text("x")); err != nil {
							return err
						}
						sent++
					}
				}, actor.WithOutput(7))
				synctest.Wait()
				stop(t, a)
				if sent != 7 || a.Err() != nil {
					t.Errorf("%d sent, Err %v", sent, a.Err())
				}
			})
		})
	}
}

func TestStopEndsABlockedReceive(t *testing.T) {
	for name, of := range map[string]func(ctx context.Context) context.Context{
		"its context":     func(ctx context.Context) context.Context { return ctx },
		"another context": func(context.Context) context.Context { return bg },
	} {
		t.Run(name, func(t *testing.T) {
			a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
				_, err := p.Recv(of(ctx))
				if err != actor.ErrClosed {
					t.Errorf("Recv = %v", err)
				}
				return err
			})
			stop(t, a)
		})
	}
}

// TestParentsEndStopsTheActor: the context given to Spawn is its life.
func TestParentsEndStopsTheActor(t *testing.T) {
	for name, fn := range map[string]actor.Func{"receiving": echo, "waiting": idle} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(bg)
			a, err := actor.Spawn(ctx, fn)
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			<-a.Done()
			if a.Err() != nil {
				t.Errorf("Err = %v", a.Err())
			}
		})
	}
}

func TestLeftoversCanBeTakenAfterStop(t *testing.T) {
	var got []string
	hold := make(chan struct{})
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		p.Ready()
		<-hold
		if _, err := p.Recv(ctx); err != actor.ErrClosed {
			t.Errorf("Recv after Stop = %v", err)
		}
		for {
			m, err := p.TryRecv()
			if err != nil {
				return nil
			}
			got = append(got, m.PopString())
		}
	})
	for _, s := range []string{"1", "2"} {
		_ = a.Send(bg, text(s))
	}
	_ = a.Shutdown(ended)
	close(hold)
	stop(t, a)
	if !slices.Equal(got, []string{"1", "2"}) || a.Stats().Undelivered != 0 {
		t.Errorf("took %v, %d undelivered", got, a.Stats().Undelivered)
	}
}

// TestShutdownLetsTheActorFinish, and gives up with its context.
func TestShutdownLetsTheActorFinish(t *testing.T) {
	for _, inTime := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var got []string
			hold := make(chan struct{})
			a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
				p.Ready()
				<-hold
				for m, err := range p.Messages(ctx) {
					if err != nil {
						return err
					}
					got = append(got, m.PopString())
				}
				return ctx.Err() // nil: it was not stopped
			})
			for _, s := range []string{"1", "2", "3"} {
				_ = a.Send(bg, text(s))
			}
			ctx, cancel := context.WithCancel(bg)
			defer cancel()
			down := make(chan error)
			go func() { down <- a.Shutdown(ctx) }()
			synctest.Wait()
			if err := a.Send(bg, text("4")); err != actor.ErrClosed {
				t.Errorf("Send after Shutdown: %v", err)
			}
			want, wantErr, again := []string{"1", "2", "3"}, error(nil), "<nil>"
			if !inTime {
				cancel()
				synctest.Wait()
				want, wantErr, again = nil, context.Canceled, fmt.Sprintf("actor: 3 messages not delivered (3 for %q: it was told to end)", a.Name())
			}
			close(hold)
			if err := <-down; err != wantErr {
				t.Errorf("Shutdown = %v, want %v", err, wantErr)
			}
			if err := a.Shutdown(bg); fmt.Sprint(err) != again {
				t.Errorf("Shutdown again = %v, want %v", err, again)
			}
			if !slices.Equal(got, want) || a.Err() != nil {
				t.Errorf("received %v, Err %v", got, a.Err())
			}
		})
	}
}

func TestPanicIsTheActorsError(t *testing.T) {
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		_, _ = p.Recv(ctx)
		explode()
		return nil
	})
	_ = a.Send(bg, text("x"))
	<-a.Done()
	var p *actor.PanicError
	if !errors.As(a.Err(), &p) {
		t.Fatalf("Err = %v", a.Err())
	}
	if p.Value != "boom" || !strings.Contains(p.Stack(), "explode") {
		t.Errorf("PanicError of %v, with the stack:\n%s", p.Value, p.Stack())
	}
}

func explode() { panic("boom") }

// TestGoexitEndsTheActor: as t.FailNow in an actor does.
func TestGoexitEndsTheActor(t *testing.T) {
	a := spawn(t, func(_ context.Context, p *actor.Pipe) error {
		p.Ready()
		runtime.Goexit()
		return nil
	})
	<-a.Done()
	if a.Err() == nil {
		t.Error("Err = nil")
	}
}

func TestErrorWhileStoppingIsKept(t *testing.T) {
	mine := errors.New("could not save")
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		_ = idle(ctx, p)
		return mine
	})
	stop(t, a)
	if a.Err() != mine {
		t.Errorf("Err = %v", a.Err())
	}
}

// TestClosedSocketsWhileStoppingAreNoFailure: what an actor made with its context
// closes with it, and the next call on that says so.
func TestClosedSocketsWhileStoppingAreNoFailure(t *testing.T) {
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		_ = idle(ctx, p)
		return fmt.Errorf("send: %w", net.ErrClosed)
	})
	stop(t, a)
	if a.Err() != nil {
		t.Errorf("Err = %v", a.Err())
	}
}

// TestStoppedByAnothersEndIsAFailure: ErrClosed of another actor does not say
// that this one was told to end.
func TestStoppedByAnothersEndIsAFailure(t *testing.T) {
	other := spawn(t, echo)
	stop(t, other)
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		p.Ready()
		return other.Send(ctx, text("x"))
	})
	<-a.Done()
	if !errors.Is(a.Err(), actor.ErrClosed) {
		t.Errorf("Err = %v", a.Err())
	}
}

func TestOverflow(t *testing.T) {
	hold := func(ctx context.Context, p *actor.Pipe) error { return idle(ctx, p) }
	t.Run("Block", func(t *testing.T) {
		a := spawn(t, hold, actor.WithMailbox(2))
		_, _ = a.Send(bg, text("1")), a.Send(bg, text("2"))
		if err := a.Send(ended, text("3")); err != context.Canceled {
			t.Errorf("Send = %v", err)
		}
		if err := a.TrySend(text("3")); err != actor.ErrAgain {
			t.Errorf("TrySend = %v", err)
		}
		if s := a.Stats(); s.Mailbox != 2 || s.Dropped != 0 {
			t.Errorf("Stats = %+v", s)
		}
	})
	t.Run("DropNew", func(t *testing.T) {
		a := spawn(t, hold, actor.WithMailbox(2), actor.WithOverflow(actor.DropNew))
		for range 5 {
			if err := a.Send(bg, text("x")); err != nil {
				t.Errorf("Send = %v", err)
			}
		}
		if err := a.TrySend(text("x")); err != nil {
			t.Errorf("TrySend = %v", err)
		}
		if _, err := a.Ask(bg, text("x")); err != actor.ErrMailboxFull {
			t.Errorf("Ask = %v: it must not wait for an answer to what was dropped", err)
		}
		if s := a.Stats(); s.Mailbox != 2 || s.Dropped != 4 {
			t.Errorf("Stats = %+v, want 2 in the mailbox, 4 dropped", s)
		}
	})
	t.Run("Fail", func(t *testing.T) {
		a := spawn(t, hold, actor.WithMailbox(1), actor.WithOverflow(actor.Fail))
		_ = a.Send(bg, text("1"))
		if err := a.Send(bg, text("2")); err != actor.ErrMailboxFull {
			t.Errorf("Send = %v", err)
		}
		stop(t, a)
		if err := a.Send(bg, text("2")); err != actor.ErrClosed {
			t.Errorf("Send after Stop = %v", err)
		}
	})
}

func TestNames(t *testing.T) {
	a, b := spawn(t, echo), spawn(t, echo)
	if again := a.Name(); again == "" || again == b.Name() || again != a.Name() {
		t.Errorf("made-up names %q and %q", a.Name(), b.Name())
	}
	var inside string
	c := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		inside = p.Name()
		return idle(ctx, p)
	}, actor.WithName("cache"))
	if c.Name() != "cache" || inside != "cache" {
		t.Errorf("Name = %q, and %q inside", c.Name(), inside)
	}
}

func TestRegistry(t *testing.T) {
	r := actor.NewRegistry()
	a := spawn(t, echo, actor.WithName("a"), actor.WithRegistry(r))
	spawn(t, echo, actor.WithName("b"), actor.WithRegistry(r))
	if got, ok := r.Lookup("a"); got != a || !ok {
		t.Errorf("Lookup = %v, %v", got, ok)
	}
	if _, err := actor.Spawn(bg, echo, actor.WithName("a"), actor.WithRegistry(r)); !errors.Is(err, actor.ErrNameTaken) {
		t.Errorf("the same name again: %v", err)
	}
	if _, err := actor.Spawn(bg, echo, actor.WithRegistry(r)); err != actor.ErrNoName {
		t.Errorf("without a name: %v", err)
	}
	stop(t, a)
	if _, ok := r.Lookup("a"); ok {
		t.Error("an actor that has ended is found")
	}
	if names := r.Names(); !slices.Equal(names, []string{"b"}) {
		t.Errorf("Names = %v", names)
	}
	spawn(t, echo, actor.WithName("a"), actor.WithRegistry(r))
}

// TestActorInALoop: in czmq an actor can't be given to zloop_reader.
func TestActorInALoop(t *testing.T) {
	a := spawn(t, mirror)
	l, _ := zloop.New()
	sent := 0
	var h *zloop.Handle
	h = l.Writer(a, func() error {
		if sent++; sent == 100 {
			h.Stop()
		}
		return a.TrySend(text("x"))
	})
	got := 0
	l.Reader(a, func(msg.Msg) error {
		if got++; got == 100 {
			return zloop.ErrStop
		}
		return nil
	})
	if err := l.Run(t.Context()); err != nil || got != 100 {
		t.Errorf("Run = %v, %d received", err, got)
	}
}

// TestActorMadeOfALoop: the actor's own loop, with its pipe and timers.
func TestActorMadeOfALoop(t *testing.T) {
	for name, end := range map[string]func(*actor.Actor) error{
		"Stop":  func(a *actor.Actor) error { return a.Close() },
		"Drain": func(a *actor.Actor) error { return a.Shutdown(bg) },
	} {
		synctest.Test(t, func(t *testing.T) {
			ticks := 0
			a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
				p.Loop().Reader(p, func(m msg.Msg) error { return p.Reply(ctx, m) })
				p.Loop().Every(time.Second, func() error { ticks++; return nil })
				p.Ready()
				return p.Loop().Run(ctx)
			})
			m, err := a.Ask(bg, text("hello"))
			if err != nil || m.PopString() != "hello" {
				t.Errorf("%s: Ask = %v, %v", name, m, err)
			}
			time.Sleep(3500 * time.Millisecond)
			if err := end(a); err != nil || a.Err() != nil {
				t.Errorf("%s = %v, Err %v", name, err, a.Err())
			}
			if ticks != 3 {
				t.Errorf("%s: %d ticks", name, ticks)
			}
		})
	}
}

// TestManyLivesAndDeaths: 10^5 actors start and stop, and goleak finds nothing.
func TestManyLivesAndDeaths(t *testing.T) {
	n := 100_000
	if testing.Short() || raceDetector {
		n = 5_000
	}
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			var batch []*actor.Actor
			for range n / 8 / 50 {
				batch = batch[:0]
				for range 50 {
					a, err := actor.Spawn(ctx, echo)
					if err != nil {
						t.Error(err)
						return
					}
					batch = append(batch, a)
				}
				for i, a := range batch {
					if i%2 == 0 {
						_ = a.Send(bg, text("x"))
					}
					var unsent *actor.UnsentError
					if err := a.Close(); err != nil && !errors.As(err, &unsent) {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
}

// TestPipeOfADeadLifeIsOfNoUse: a goroutine that the function has left behind
// must not take messages.
func TestPipeOfADeadLifeIsOfNoUse(t *testing.T) {
	var pipe *actor.Pipe
	a := spawn(t, func(_ context.Context, p *actor.Pipe) error {
		pipe = p
		p.Ready()
		return nil
	})
	<-a.Done()
	for name, call := range map[string]func() error{
		"Recv":    func() error { _, err := pipe.Recv(bg); return err },
		"TryRecv": func() error { _, err := pipe.TryRecv(); return err },
		"Send":    func() error { return pipe.Send(bg, text("x")) },
		"TrySend": func() error { return pipe.TrySend(text("x")) },
		"Reply":   func() error { return pipe.Reply(bg, text("x")) },
	} {
		if err := call(); err != actor.ErrClosed {
			t.Errorf("%s = %v", name, err)
		}
	}
}
