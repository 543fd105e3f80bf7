package clone_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/pattern/clone"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// supervise lets a supervisor work; it ends with the world.
func (w *world) supervise() *actor.Supervisor {
	w.Helper()
	s, err := actor.NewSupervisor(actor.OneForOne)
	if err != nil {
		w.Fatal(err)
	}
	w.wg.Go(func() {
		if err := s.Run(w.all); err != nil {
			w.Errorf("the supervisor ended with %v", err)
		}
	})
	return s
}

// fragile is a server that fails when it is told to, and says how its runs ended.
type fragile struct {
	*clone.Server
	fail  chan error
	runs  atomic.Int32
	bound atomic.Int32 // runs that failed by themselves, which they do when they can't bind
}

func (f *fragile) Run(ctx context.Context) error {
	f.runs.Add(1)
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- f.Server.Run(run) }()
	select {
	case err := <-ended:
		if err != nil {
			f.bound.Add(1)
		}
		return err
	case err := <-f.fail:
		cancel()
		return errors.Join(err, <-ended)
	}
}

// A supervisor restarts a server that can't bind, until it can, and one that fails: its
// clients come again by themselves, to a table that is empty.
func TestServerSupervised(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		other, err := zmq.NewPub(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Bind("tcp://10.0.0.1:5558"); err != nil { // the third port, when two are bound
			t.Fatal(err)
		}
		s, err := clone.NewServer(clone.WithBind(at))
		if err != nil {
			t.Fatal(err)
		}
		f := &fragile{Server: s, fail: make(chan error)}
		if _, err := w.supervise().Add("table", actor.ServiceFunc(f), actor.Permanent); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if f.bound.Load() == 0 {
			t.Error("it did not fail while its port was another's")
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
		c, late := w.client([]string{at}), w.client([]string{at})
		for i := range 3 {
			key := fmt.Sprint("k", i)
			w.set(c, key, "v")
			w.has(late, map[string]string{key: "v"})
			time.Sleep(time.Minute) // so that it does not fail too often
			f.fail <- errors.New("bad luck")
			w.has(c, nil)
			w.has(late, nil)
		}
		w.set(late, "k", "last")
		w.has(c, map[string]string{"k": "last"})
		if runs, bound := f.runs.Load(), f.bound.Load(); runs != bound+4 {
			t.Errorf("%d runs, of which %d could not bind", runs, bound)
		}
	})
}

// put is what the actor of TestClientSupervised is asked: its answer is the whole table.
type put struct {
	key, value string
	actor.Answer[map[string]string]
}

// A client in an actor ends with a life of it; the next life has a client of its own, with
// the same table.
func TestClientSupervised(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		w.serve(at)
		w.set(w.client([]string{at}), "before", "x")
		hit, stop := contain.Disaster("clone: client", 1)
		defer stop()
		var lives []*clone.Client
		a, err := actor.Supervise(w.supervise(), "copy", func(c *actor.Context[*put]) (actor.Handler[*put], error) {
			k, err := clone.NewClient(c, []string{at})
			if err != nil {
				return nil, err
			}
			lives = append(lives, k)
			return func(c *actor.Context[*put], m *put) error {
				if err := k.Set(m.Context(), m.key, []byte(m.value)); err != nil {
					return errors.Join(err, m.Fail(err))
				}
				all := map[string]string{}
				for key, value := range k.All() {
					all[key] = string(value)
				}
				return m.Reply(all)
			}, nil
		}, actor.Permanent)
		if err != nil {
			t.Fatal(err)
		}
		<-hit // the first client has panicked
		if _, err := actor.Ask(w.all, a, &put{key: "k", value: "lost"}); !errors.Is(err, clone.ErrClosed) {
			t.Errorf("the client that panicked: %v", err)
		}
		got, err := actor.Ask(w.all, a, &put{key: "k", value: "v"})
		if err != nil || len(got) != 2 || got["before"] != "x" || got["k"] != "v" {
			t.Errorf("the next life: %v, %v", got, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		synctest.Wait() // what ends with a context ends beside who ends that
		if len(lives) != 2 {
			t.Fatalf("%d lives", len(lives))
		}
		for _, k := range lives {
			if err := k.WaitSynced(w.all); !errors.Is(err, clone.ErrClosed) {
				t.Errorf("a client has outlived its actor: %v", err)
			}
		}
	})
}

// The kinds of what a client tells, and of what a server does.
func TestEvents(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		s, _ := w.serve(at)
		ann := w.client([]string{at})
		w.set(ann, "a", "1")
		bob := w.client([]string{at})
		events := bob.Chan(w.all)
		expect := func(kind clone.EventKind, key, value string) {
			t.Helper()
			if e := <-events; e.Kind != kind || e.Key != key || string(e.Value) != value {
				t.Errorf("%v %q %q, want %v %q %q", e.Kind, e.Key, e.Value, kind, key, value)
			}
		}
		expect(clone.Found, "a", "1")
		w.set(ann, "a", "2")
		expect(clone.Changed, "a", "2")
		w.set(ann, "b", "3")
		expect(clone.Found, "b", "3")
		if err := ann.Delete(w.all, "a"); err != nil {
			t.Error(err)
		}
		expect(clone.Lost, "a", "2")

		const many = 1500 // more than wait for a slow reader
		refusals := s.Events(w.all)
		bad, err := zmq.NewDealer(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := bad.Connect(at); err != nil {
			t.Fatal(err)
		}
		for range many {
			if err := bad.SendString(w.all, "nonsense"); err != nil {
				t.Fatal(err)
			}
		}
		for s.Stats().Dropped < many {
			time.Sleep(time.Millisecond)
		}
		told, missed := 0, 0
		for r := range refusals {
			switch {
			case r.N > 0:
				missed += int(r.N)
			case !errors.Is(r.Err, clone.ErrProtocol):
				t.Errorf("refused: %v", r)
			default:
				told++
			}
			if told+missed == many {
				break
			}
		}
		if missed == 0 {
			t.Error("none were missed")
		}
	})
}
