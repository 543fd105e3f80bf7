package clone_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/pattern/clone"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

const at = "tcp://10.0.0.1:5556"

// world is a bubble with a network in memory: what runs in it ends with it.
type world struct {
	*testing.T
	net *zmqtest.Network
	ctx *zmq.Context
	all context.Context
	wg  sync.WaitGroup
}

func simulate(t *testing.T, f zmqtest.Faults, fn func(w *world)) {
	t.Helper()
	seed := zmqtest.Seed(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, net: zmqtest.NewNetwork(seed, f)}
		w.ctx = zmq.NewContext(context.Background(), zmq.WithNetwork(w.net))
		all, end := context.WithCancel(w.ctx)
		w.all = all
		defer func() {
			w.net.Heal()
			end()
			w.wg.Wait()
			w.ctx.Close()
		}()
		fn(w)
	})
}

func (w *world) serve(endpoint string, opts ...clone.Option) (s *clone.Server, stop func()) {
	w.Helper()
	s, err := clone.NewServer(append([]clone.Option{clone.WithBind(endpoint)}, opts...)...)
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.all)
	ended := make(chan struct{})
	w.wg.Go(func() {
		defer close(ended)
		if err := s.Run(ctx); err != nil {
			w.Errorf("the server ended with %v", err)
		}
	})
	return s, func() { cancel(); <-ended }
}

func (w *world) client(servers []string, opts ...clone.Option) *clone.Client {
	w.Helper()
	c, err := clone.NewClient(w.ctx, servers, opts...)
	if err != nil {
		w.Fatal(err)
	}
	w.wg.Add(1)
	context.AfterFunc(w.all, func() { c.Close(); w.wg.Done() })
	return c
}

func (w *world) set(c *clone.Client, key, value string) {
	w.Helper()
	if err := c.Set(w.all, key, []byte(value)); err != nil {
		w.Errorf("set %s: %v", key, err)
	}
}

// has waits until a client's table is as wanted: its events say when. A key that is found
// and lost before its events were read has none, so that has looks by itself, too.
func (w *world) has(c *clone.Client, want map[string]string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.all, time.Hour) // of the bubble
	defer cancel()
	events := c.Chan(ctx)
	for {
		got := map[string]string{}
		for key, value := range c.All() {
			got[key] = string(value)
		}
		if maps.Equal(got, want) {
			return
		}
		select {
		case _, ok := <-events:
			if !ok {
				w.Errorf("the table is %v, not %v", got, want)
				return
			}
		case <-time.After(time.Second):
		}
	}
}

// Who comes late gets the table, and all hear of every change.
func TestTable(t *testing.T) {
	simulate(t, zmqtest.Faults{Delay: 3 * time.Millisecond, Slice: 1}, func(w *world) {
		s, _ := w.serve(at)
		ann := w.client([]string{at})
		w.set(ann, "/a/1", "one")
		w.set(ann, "/a/2", "two")
		w.set(ann, "/b/1", "three")
		bob := w.client([]string{at})
		sub := w.client([]string{at}, clone.WithSubtree("/b/"))
		w.has(bob, map[string]string{"/a/1": "one", "/a/2": "two", "/b/1": "three"})
		w.has(sub, map[string]string{"/b/1": "three"})
		w.set(bob, "/a/1", "new")
		w.set(sub, "/b/2", "four")
		if err := bob.Delete(w.all, "/a/2"); err != nil {
			t.Error(err)
		}
		w.has(ann, map[string]string{"/a/1": "new", "/b/1": "three", "/b/2": "four"})
		w.has(sub, map[string]string{"/b/1": "three", "/b/2": "four"})
		if v, ok := ann.Get("/a/1"); !ok || string(v) != "new" {
			t.Errorf("get: %q, %v", v, ok)
		}
		if err := ann.SetTTL(w.all, "/a/3", []byte("short"), 1500*time.Millisecond); err != nil {
			t.Error(err)
		}
		w.has(bob, map[string]string{"/a/1": "new", "/b/1": "three", "/b/2": "four", "/a/3": "short"})
		start := time.Now()
		w.has(bob, map[string]string{"/a/1": "new", "/b/1": "three", "/b/2": "four"})
		if d := time.Since(start); d < time.Second || d > 4*time.Second {
			t.Errorf("the key of 1.5 s lived for %v", d)
		}
		for _, c := range []struct {
			key string
			c   *clone.Client
		}{{"", ann}, {"HUGZ", ann}, {"/a/9", sub}} {
			if err := c.c.Set(w.all, c.key, []byte("x")); !errors.Is(err, clone.ErrKey) {
				t.Errorf("%q: %v", c.key, err)
			}
		}
		if st := s.Stats(); st.Keys != 3 || st.Expired != 1 || st.Snapshots != 3 {
			t.Errorf("%v", st)
		}
	})
}

// Connections break all the time: what Set says holds, and all tables are the same at last.
func TestLossyNetwork(t *testing.T) {
	simulate(t, zmqtest.Faults{Delay: time.Millisecond, Jitter: 20 * time.Millisecond, Slice: 9, Loss: 6000}, func(w *world) {
		w.serve(at)
		want := map[string]string{}
		var clients []*clone.Client
		var all sync.WaitGroup
		var mu sync.Mutex
		for g := range 3 {
			c := w.client([]string{at})
			clients = append(clients, c)
			all.Go(func() {
				for i := range 20 {
					key, value := fmt.Sprint("/", g, "/", i%7), fmt.Sprint(i)
					w.set(c, key, value)
					mu.Lock()
					want[key] = value
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for _, c := range clients {
			w.has(c, want)
		}
		t.Log(clients[0].Stats())
	})
}

// A server that is restarted, is cut off, or hangs: clients find out, and go on, with the
// next one where there is one.
func TestServersLost(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		const second = "tcp://10.0.0.2:5556"
		_, stop := w.serve(at)
		w.serve(second)
		c := w.client([]string{at, second})
		lone := w.client([]string{at})
		w.set(c, "k", "first")
		w.has(lone, map[string]string{"k": "first"})
		stop()
		w.set(c, "k", "second") // at the second
		w.has(lone, map[string]string{"k": "first"})
		w.serve(at)
		w.has(lone, nil)
		w.set(lone, "l", "again")
		w.net.Partition("10.0.0.1", "10.0.0.2") // nobody is told
		if err := lone.WaitSynced(w.all); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(w.all, 20*time.Second)
		defer cancel()
		if err := lone.Set(ctx, "l", []byte("lost")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cut off: %v", err)
		}
		if lone.Synced() {
			t.Error("it does not know that its server is cut off")
		}
		w.net.Heal()
		w.set(lone, "l", "found")
		w.has(lone, map[string]string{"l": "found"})
	})
}

// A table has bounds, and what is beyond is said.
func TestBounds(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		s, _ := w.serve(at, clone.WithLimits(3, 1000))
		events := s.Events(w.all)
		c := w.client([]string{at})
		for i := range 3 {
			w.set(c, fmt.Sprint(i), "x")
		}
		ctx, cancel := context.WithTimeout(w.all, 10*time.Second)
		defer cancel()
		if err := c.Set(ctx, "3", []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a key too many: %v", err)
		}
		for e := range events {
			if e.Key != "3" || !errors.Is(e.Err, clone.ErrFull) {
				t.Errorf("refused: %v", e)
			}
			break
		}
		w.set(c, "0", "y") // one that is there
		if err := c.Delete(w.all, "1"); err != nil {
			t.Error(err)
		}
		w.set(c, "3", "x")
		if st := s.Stats(); st.Keys != 3 || st.Bytes != 6 {
			t.Errorf("%v", st)
		}
	})
}

// A snapshot that is larger than a client's queue comes whole, while changes come.
func TestLargeSnapshot(t *testing.T) {
	simulate(t, zmqtest.Faults{Buffer: 4 << 10}, func(w *world) {
		w.serve(at)
		ann := w.client([]string{at})
		want := map[string]string{}
		for i := range 3000 {
			key := fmt.Sprint("/", i)
			w.set(ann, key, "value")
			want[key] = "value"
		}
		bob := w.client([]string{at})
		for i := range 100 {
			key := fmt.Sprint("/", i)
			w.set(ann, key, "changed")
			want[key] = "changed"
		}
		w.has(bob, want)
	})
}

// What is closed says so, once and for all.
func TestClosed(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		c := w.client([]string{at})
		w.wg.Go(func() {
			if err := c.Set(w.all, "k", nil); !errors.Is(err, clone.ErrClosed) {
				t.Errorf("closed under a Set: %v", err)
			}
		})
		synctest.Wait()
		for range 2 {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := c.WaitSynced(w.all); !errors.Is(err, clone.ErrClosed) {
			t.Error(err)
		}
	})
	for name, err := range map[string]error{
		"no bind":   second(clone.NewServer()),
		"no port":   second(clone.NewServer(clone.WithBind("tcp://*"))),
		"last port": second(clone.NewServer(clone.WithBind("tcp://*:65535"))),
		"ipc":       second(clone.NewClient(t.Context(), []string{"ipc:///tmp/x"})),
		"none":      second(clone.NewClient(t.Context(), nil)),
		"server's":  second(clone.NewClient(t.Context(), []string{at}, clone.WithLimits(1, 1))),
	} {
		if !errors.Is(err, clone.ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
