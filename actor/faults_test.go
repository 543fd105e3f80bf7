package actor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// Faults that actors had, each by its kind.

// watched is a source of a loop that counts who waits for it.
type watched struct{ watchers atomic.Int64 }

func (*watched) TryRecv() (msg.Msg, error)   { return msg.Msg{}, actor.ErrAgain }
func (*watched) Poll() (none zmq.PollEvents) { return }
func (w *watched) Notify(chan<- struct{}) (stop func()) {
	w.watchers.Add(1)
	return func() { w.watchers.Add(-1) }
}

// The loop of a life ends with it: nothing of 100 lives is left at their sources.
func TestLoopEndsWithItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w watched
		var loops []*zloop.Loop
		sup := supervisor(actor.OneForOne, actor.WithIntensity(1000, time.Second))
		a, _ := sup.Add("a", func(ctx context.Context, p *actor.Pipe) error {
			loops = append(loops, p.Loop())
			p.Loop().Reader(&w, func(msg.Msg) error { return nil })
			p.Loop().Reader(p, func(msg.Msg) error { return errBoom })
			return p.Loop().Run(ctx)
		}, actor.Permanent)
		end := running(t, sup)
		for range 100 {
			_ = a.Send(bg, text("x"))
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := w.watchers.Load(); n != 1 || len(loops) != 101 {
			t.Errorf("%d watchers after %d lives", n, len(loops))
		}
		_ = end()
		if n := w.watchers.Load(); n != 0 {
			t.Errorf("%d watchers after the end", n)
		}
		if err := loops[100].Run(bg); err != zloop.ErrClosed {
			t.Errorf("Run of a loop whose life has ended = %v", err)
		}
	})
}

// The end of a source of an actor's loop is the life's, unless its handle says
// otherwise.
func TestLoopTellsOfTheEndOfASource(t *testing.T) {
	for _, onEnd := range []func(error) error{nil, func(error) error { return nil }} {
		synctest.Test(t, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer ours.Close()
			a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
				h := p.Loop().Conn(ours, func([]byte) error { return nil })
				if onEnd != nil {
					h.OnEnd(onEnd)
				}
				p.Loop().Reader(p, func(m msg.Msg) error { return p.Reply(ctx, m) })
				p.Ready()
				return p.Loop().Run(ctx)
			})
			_ = theirs.Close()
			synctest.Wait()
			if onEnd == nil {
				if !isDone(a) || !errors.Is(a.Err(), io.EOF) {
					t.Errorf("the session does not know: Err %v", a.Err())
				}
			} else if _, err := a.Ask(bg, text("x")); err != nil {
				t.Errorf("the session went on: %v", err)
			}
		})
	}
}

// A life that is restarted can use its children's names again; a parent has not ended
// before they have; and they are of either kind.
func TestChildrenEndWithTheirParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var alive atomic.Int64
		idleFrames := func(ctx context.Context, p *actor.Pipe) error {
			alive.Add(1)
			defer alive.Add(-1)
			p.Ready()
			<-ctx.Done()
			time.Sleep(time.Second) // it takes its time
			return nil
		}
		idleTyped := func(c *actor.Context[int]) (actor.Handler[int], error) {
			return func(c *actor.Context[int], n int) error {
				alive.Add(1)
				defer alive.Add(-1)
				<-c.Done()
				time.Sleep(time.Second)
				return nil
			}, nil
		}
		brood := func(s *actor.Supervisor) error {
			_, err := s.Add("frames", idleFrames, actor.Permanent)
			typed, err2 := actor.Supervise(s, "typed", idleTyped, actor.Permanent)
			if err2 == nil {
				err2 = typed.Tell(bg, 1)
			}
			return errors.Join(err, err2)
		}
		sup := supervisor(actor.OneForOne)
		running(t, sup)
		frames, _ := sup.Add("p", func(ctx context.Context, p *actor.Pipe) error {
			if err := brood(p.Children()); err != nil {
				return err
			}
			return obey(ctx, p)
		}, actor.Permanent)
		typed, _ := actor.Supervise(sup, "q", func(c *actor.Context[string]) (actor.Handler[string], error) {
			_, err := actor.Child(c, "extra", idleTyped, actor.Permanent)
			if err := errors.Join(err, brood(c.Children())); err != nil {
				return nil, err
			}
			return func(_ *actor.Context[string], m string) error { return failAs(m) }, nil
		}, actor.Permanent)
		synctest.Wait()
		if n := alive.Load(); n != 4 {
			t.Fatalf("%d children are there, want 4", n)
		}
		_ = frames.Send(bg, text("fail"))
		tellAll(t, typed, "panic")
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := alive.Load(); n != 4 || frames.Stats().Restarts != 1 || typed.Stats().Restarts != 1 {
			t.Errorf("%d children after a restart, %+v, %+v", n, frames.Stats(), typed.Stats())
		}
		for _, u := range []actor.Unit{frames, typed} {
			if err := u.Close(); err != nil {
				t.Error(err)
			}
		}
		if n := alive.Load(); n != 0 {
			t.Errorf("%d children outlive their parents", n)
		}
	})
}

// When the children of a life fail too often, it fails with them.
func TestChildrensFailureIsTheParents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := func(*actor.Context[int]) (actor.Handler[int], error) { return nil, errBoom }
		typed := open(t, func(c *actor.Context[int]) (actor.Handler[int], error) {
			_, err := actor.Child(c, "c", broken, actor.Permanent)
			return func(*actor.Context[int], int) error { return nil }, err
		})
		frames := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
			if _, err := actor.Supervise(p.Children(), "c", broken, actor.Permanent); err != nil {
				return err
			}
			return idle(ctx, p)
		})
		for _, u := range []actor.Unit{typed, frames} {
			<-u.Done()
			if !errors.Is(u.Err(), actor.ErrGaveUp) || !errors.Is(u.Err(), errBoom) {
				t.Errorf("Err of %T = %v", u, u.Err())
			}
		}
	})
}

// A child that is never ready is told of, and does not hold up those after it for
// longer than its time; not even when it does not return either.
func TestNeverReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		sup := supervisor(actor.OneForOne)
		_, _ = sup.Add("deaf", func(context.Context, *actor.Pipe) error { <-release; return nil }, actor.Temporary)
		_, _ = actor.Supervise(sup, "never", func(c *actor.Context[int]) (actor.Handler[int], error) {
			<-c.Done()
			return nil, c.Err()
		}, actor.Temporary)
		last, _ := sup.Add("last", echo, actor.Permanent)
		events := sup.Events(bg)
		begin := time.Now()
		end := running(t, sup)
		if _, err := last.Ask(bg, text("x")); err != nil {
			t.Error(err)
		}
		if d := time.Since(begin); d != 25*time.Second { // 10 s and a stop timeout of 5 s, and 10 s
			t.Errorf("the last was ready after %v", d)
		}
		close(release)
		_ = end()
		var late []string
		for e := range events {
			if e.Kind == actor.NotReady || e.Kind == actor.Stuck {
				late = append(late, e.String())
			}
		}
		want := []string{`NotReady "deaf"`, `Stuck "deaf": ` + errors.Join(actor.ErrNotReady).Error() + ": i/o timeout", `NotReady "never"`}
		if !slices.Equal(late, want) {
			t.Errorf("told %q, want %q", late, want)
		}
	})
}

// The failures of independent children are counted each by itself: one of each of a
// thousand is no reason to give up.
func TestIntensityOfEachChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup := supervisor(actor.OneForOne, actor.WithIntensity(1, time.Minute))
		end := running(t, sup)
		var all []*actor.Ref[accountMsg]
		for i := range 1000 {
			a, _ := actor.Supervise(sup, strconv.Itoa(i), account, actor.Permanent)
			all = append(all, a)
			tellAll[accountMsg](t, a, fail{}, deposit{1})
		}
		synctest.Wait()
		for _, a := range all {
			if _, err := actor.Ask(bg, a, &withdraw{amount: 1}); err != nil {
				t.Fatalf("%s: %v", a.Name(), err)
			}
		}
		tellAll[accountMsg](t, all[7], fail{})
		synctest.Wait()
		if err := end(); !errors.Is(err, actor.ErrGaveUp) {
			t.Errorf("Run after the second failure of one = %v", err)
		}
	})
	for _, o := range []actor.Option{actor.WithIntensity(-1, 1), actor.WithIntensity(1, 0), actor.WithBackoff(0, 1), actor.WithBackoff(2, 1), actor.WithMailbox(1)} {
		if _, err := actor.NewSupervisor(actor.OneForOne, o); !errors.Is(err, actor.ErrOption) {
			t.Errorf("NewSupervisor = %v", err)
		}
	}
	if _, err := actor.NewSupervisor(actor.RestForOne + 1); !errors.Is(err, actor.ErrOption) {
		t.Errorf("NewSupervisor of an unknown strategy = %v", err)
	}
}

// An answer after the life has ended is ErrClosed, and not ErrReplied.
func TestReplyAfterTheEnd(t *testing.T) {
	var pipe *actor.Pipe
	var later *actor.Request
	a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
		pipe = p
		_, _ = p.Recv(ctx)
		later = p.Defer()
		_, _ = p.Recv(ctx)
		return errBoom
	})
	asked := make(chan error)
	for range 2 {
		go func() {
			_, err := a.Ask(bg, text("x"))
			asked <- err
		}()
	}
	for range 2 {
		if err := <-asked; !errors.Is(err, actor.ErrNoReply) || !errors.Is(err, errBoom) {
			t.Errorf("Ask = %v", err)
		}
	}
	<-a.Done()
	if err := later.Reply(bg, text("x")); err != actor.ErrClosed {
		t.Errorf("Reply to the request = %v", err)
	}
	if err := pipe.Reply(bg, text("x")); err != actor.ErrClosed {
		t.Errorf("Reply = %v", err)
	}
}

// However many children are stuck, the supervisor ends within two stop timeouts, and
// those that are not stuck do not wait for them to be told.
func TestManyStuckChildren(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		sup := supervisor(actor.OneForOne, actor.WithStopTimeout(time.Second))
		ctx, cancel := context.WithCancel(bg)
		done := make(chan error)
		go func() { done <- sup.Run(ctx) }()
		var units []actor.Unit
		for i := range 50 {
			a, _ := sup.Add(fmt.Sprint("stuck", i), func(_ context.Context, p *actor.Pipe) error {
				p.Ready()
				<-release
				return nil
			}, actor.Permanent)
			b, _ := sup.Add(fmt.Sprint("good", i), idle, actor.Permanent)
			units = append(units, a, b)
		}
		synctest.Wait()
		begin := time.Now()
		cancel()
		err := <-done
		if d := time.Since(begin); !errors.Is(err, actor.ErrStuck) || d != 2*time.Second {
			t.Errorf("Run = %.60v after %v", err, d)
		}
		for _, u := range units {
			if done := isDone(u); done == (u.Name()[0] == 's') {
				t.Errorf("%s: done %v", u.Name(), done)
			}
		}
		close(release)
		for _, u := range units {
			<-u.Done()
		}
	})
}

// Close of a supervisor ends Run, Shutdown lets the children finish first.
func TestSupervisorShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var got []string
		slow := handler(func(c *actor.Context[int], n int) error {
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			got = append(got, fmt.Sprint(c.Name(), n))
			return nil
		})
		sup := supervisor(actor.OneForOne)
		done := make(chan error)
		go func() { done <- sup.Run(bg) }()
		for _, name := range []string{"a", "b"} {
			r, _ := actor.Supervise(sup, name, slow, actor.Permanent)
			tellAll(t, r, 1, 2)
		}
		synctest.Wait()
		if err := sup.Shutdown(bg); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
		slices.Sort(got)
		if fmt.Sprint(got) != "[a1 a2 b1 b2]" {
			t.Errorf("worked off %v", got)
		}
		if err := sup.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
		if err := sup.Run(bg); err != actor.ErrClosed {
			t.Errorf("Run = %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		sup := supervisor(actor.RestForOne)
		done := make(chan error)
		go func() { done <- sup.Run(bg) }()
		r, _ := actor.Supervise(sup, "a", handler(func(c *actor.Context[int], _ int) error { <-c.Done(); return nil }), actor.Permanent)
		tellAll(t, r, 1, 2)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if err := sup.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown = %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// Close and Shutdown name the children that do not return, and tell of the messages
// that nobody gets, however often they are called and whoever else ends the supervisor.
func TestSupervisorCloseTellsWhatIsLeft(t *testing.T) {
	ends := map[string]func(*actor.Supervisor, context.CancelFunc) error{
		"Close": func(s *actor.Supervisor, _ context.CancelFunc) error { return s.Close() },
		"Shutdown": func(s *actor.Supervisor, _ context.CancelFunc) error {
			ctx, cancel := context.WithTimeout(bg, time.Second)
			defer cancel()
			return s.Shutdown(ctx)
		},
		"the context, and then Close": func(s *actor.Supervisor, cancel context.CancelFunc) error {
			cancel()
			return s.Close()
		},
	}
	for how, end := range ends {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			sup := supervisor(actor.OneForOne, actor.WithStopTimeout(time.Second))
			ctx, cancel := context.WithCancel(bg)
			defer cancel()
			done := make(chan error)
			go func() { done <- sup.Run(ctx) }()
			deaf, _ := actor.Supervise(sup, "deaf", handler(func(*actor.Context[int], int) error { <-release; return nil }), actor.Permanent)
			busy, _ := actor.Supervise(sup, "busy", handler(func(c *actor.Context[int], _ int) error { <-c.Done(); return nil }), actor.Permanent)
			pool, _ := actor.Pool(sup, "pool", 2, actor.Shared[int](), handler(func(c *actor.Context[int], _ int) error { <-c.Done(); return nil }))
			tellAll(t, deaf, 1)
			tellAll(t, busy, 1, 2, 3) // of which two are left
			tellAll(t, pool, 1, 2, 3) // of which one is
			synctest.Wait()
			for range 2 {
				err := end(sup, cancel)
				var unsent *actor.UnsentError
				if !errors.Is(err, actor.ErrStuck) || !strings.Contains(err.Error(), `"deaf"`) || !errors.As(err, &unsent) || unsent.N != 3 {
					t.Errorf("%s = %v, want deaf stuck and 3 messages left", how, err)
				}
				if text := `actor: 3 messages not delivered (2 for "busy": it was told to end; 1 for "pool": it was told to end)`; unsent != nil && unsent.Error() != text {
					t.Errorf("%s = %v, want %s", how, unsent, text)
				}
				if how == "Shutdown" && !errors.Is(err, context.DeadlineExceeded) && !isDone(busy) {
					t.Errorf("Shutdown = %v, want the context's error as well", err)
				}
			}
			if err := <-done; !errors.Is(err, actor.ErrStuck) {
				t.Errorf("%s: Run = %v", how, err)
			}
			close(release)
			<-deaf.Done()
			if err := sup.Close(); errors.Is(err, actor.ErrStuck) {
				t.Errorf("%s: when it has returned, Close = %v", how, err)
			}
		})
	}
}

// An actor that rests ends by the hand of whoever closes it: no goroutine, timer or
// channel is made, of which a million would be felt.
func TestCloseOfAnActorThatRests(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		all := make([]*actor.Ref[accountMsg], n+1) // AllocsPerRun warms up with one
		for i := range all {
			all[i] = open(t, account)
		}
		synctest.Wait() // they rest
		i := 0
		if per := testing.AllocsPerRun(n, func() { _ = all[i].Close(); i++ }); per > 1 {
			t.Errorf("Close makes %v allocations, want at most 1", per)
		}
		for _, a := range all {
			if !isDone(a) {
				t.Fatal("not done when Close has returned")
			}
		}
	})
}

// Readers of events who are slow, leave or never read cost the supervisor nothing.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup := supervisor(actor.OneForOne, actor.WithIntensity(1<<30, time.Second), actor.WithBackoff(1, 1))
		ctx, cancel := context.WithCancel(bg)
		unread := sup.Events(ctx)
		a, _ := actor.Supervise(sup, "a", account, actor.Permanent)
		end := running(t, sup)
		for range 5000 { // of four events each
			tellAll[accountMsg](t, a, fail{})
		}
		if _, err := actor.Ask(bg, a, &withdraw{}); err != nil {
			t.Error(err)
		}
		seen, missed := 0, uint64(0)
		for e := range unread {
			if e.Kind == actor.Missed {
				missed = e.N
				break
			}
			seen++
		}
		if seen != 10000 || missed == 0 {
			t.Errorf("%d events, and %d missed", seen, missed)
		}
		cancel()
		for range unread {
			t.Error("an event after the end of the subscription")
		}
		for range sup.Events(ended) {
			t.Error("an event of a subscription that had ended")
		}
		_ = end()
	})
}

// A typed actor tells of a full mailbox and of slow work.
func TestFullAndSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup := supervisor(actor.OneForOne)
		events := sup.Events(bg)
		end := running(t, sup)
		a, _ := actor.Supervise(sup, "a", handler(func(_ *actor.Context[int], _ int) error {
			time.Sleep(2 * time.Second)
			return nil
		}), actor.Permanent, actor.WithMailbox(1), actor.WithSlow(time.Second))
		tellAll(t, a, 1)
		synctest.Wait()
		tellAll(t, a, 2, 3)
		_ = a.Shutdown(bg)
		_ = end()
		counts := map[actor.EventKind]int{}
		for e := range events {
			counts[e.Kind]++
			if e.Kind == actor.Slow && e.Type != "int" {
				t.Errorf("%v", e)
			}
		}
		if counts[actor.Slow] != 3 || counts[actor.Full] == 0 {
			t.Errorf("%v", counts)
		}
	})
}

func TestRegistryGroups(t *testing.T) {
	reg := actor.NewRegistry()
	a := open(t, account, actor.WithName("a"), actor.WithRegistry(reg), actor.WithGroup("money", "all"))
	b := spawn(t, echo, actor.WithName("b"), actor.WithRegistry(reg), actor.WithGroup("all"))
	names := func(group string) (list []string) {
		for name, u := range reg.Group(group) {
			if u.Name() != name {
				t.Errorf("%s is %s", name, u.Name())
			}
			list = append(list, name)
		}
		return list
	}
	if fmt.Sprint(names("all"), names("money"), names("none")) != "[a b] [a] []" {
		t.Errorf("groups %v %v", names("all"), names("money"))
	}
	if r, err := actor.Find[accountMsg](reg, "a"); r != a || err != nil {
		t.Errorf("Find = %v, %v", r, err)
	}
	if _, err := actor.Find[int](reg, "a"); !errors.Is(err, actor.ErrType) {
		t.Errorf("Find of another type = %v", err)
	}
	if _, err := actor.Find[int](reg, "x"); !errors.Is(err, actor.ErrNotFound) {
		t.Errorf("Find of nobody = %v", err)
	}
	stop(t, a)
	stop(t, b)
	for name := range reg.All() {
		t.Errorf("%s is registered still", name)
	}
	if len(names("all")) != 0 {
		t.Error("groups outlive their members")
	}
}

// A setup that makes no handler is refused with what to do.
func TestSetupWithoutAHandler(t *testing.T) {
	_, err := actor.New(t.Context(), func(*actor.Context[int]) (actor.Handler[int], error) { return nil, nil })
	if !errors.Is(err, actor.ErrOption) || !strings.Contains(err.Error(), "call Become") {
		t.Errorf("New = %v", err)
	}
}
