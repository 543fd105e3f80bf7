package feed

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type set = Keyed[string, int, Change[string, int]]

func newFeed() *set {
	return NewKeyed(func(a, b int) bool { return a == b }, AsChange[string, int])
}

func (f *Keyed[K, V, E]) open(t *testing.T) *reader[E, *changes[K, V, E]] {
	return f.hub.subscribe(t.Context(), All, f.fill)
}

func puller(t *testing.T, f *set) func() string {
	next, stop := iter.Pull(f.Events(t.Context()))
	t.Cleanup(stop)
	return func() string {
		c, ok := next()
		if !ok {
			return "end"
		}
		return fmt.Sprint(c.Kind, c.Key, c.Value)
	}
}

func expect(t *testing.T, next func() string, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := next(); got != w {
			t.Fatalf("told %q, want %q", got, w)
		}
	}
}

func TestWhatAReaderIsTold(t *testing.T) {
	f := newFeed()
	f.Set("a", 1)
	f.Set("b", 1)
	f.Set("a", 1)
	next := puller(t, f)
	expect(t, next, "1a1", "1b1") // what is there, in its order
	f.Set("b", 2)
	f.Set("c", 1)
	f.Set("b", 3) // a step that nobody has seen
	f.Delete("a")
	f.Delete("x")
	expect(t, next, "2b3", "1c1", "3a1")
	f.Set("c", 5)
	f.Set("c", 1) // back to what was told: nothing
	f.Set("d", 1)
	f.Delete("d") // never seen: nothing
	f.Delete("b")
	f.Set("b", 3) // gone and back between two looks: nothing
	f.Delete("c")
	expect(t, next, "3c1")
	f.Set("b", 4)
	f.Close()
	f.Close()
	f.Set("b", 5)
	f.Delete("b")
	expect(t, next, "2b4", "end") // what was there before the end
	if got := f.Values(); !slices.Equal(got, []int{4}) || f.Len() != 1 {
		t.Errorf("after the end the values are %v", got)
	}
	if v, ok := f.Value("b"); v != 4 || !ok {
		t.Errorf("b is %d, %v", v, ok)
	}
}

// A reader that never reads holds one mark a key, however often values change.
func TestSlowReaderIsBounded(t *testing.T) {
	f := newFeed()
	r := f.open(t)
	for i := range 100_000 {
		f.Set(fmt.Sprint(i%10), i)
	}
	if r.backlog.dirty.length != 10 || len(r.backlog.marked) != 10 {
		t.Errorf("%d marks for ten keys", r.backlog.dirty.length)
	}
}

func TestEndOfContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan int, 1)
		go func() {
			n := 0
			for range f.Events(ctx) {
				n++
			}
			ended <- n
		}()
		f.Set("a", 1)
		synctest.Wait()
		cancel()
		synctest.Wait()
		if n := <-ended; n != 1 || len(f.hub.readers) != 0 {
			t.Errorf("%d changes told, %d readers left", n, len(f.hub.readers))
		}
		f.Set("a", 2)
		for range f.Events(ctx) {
			t.Error("an ended context is told something")
		}
	})
}

// Whatever happens between its looks, a reader that applies what it is told ends
// with what is there.
func TestReadersConverge(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	f := newFeed()
	readers := []*reader[Change[string, int], *changes[string, int, Change[string, int]]]{f.open(t), f.open(t), f.open(t)}
	known := make([]map[string]int, len(readers))
	for i := range known {
		known[i] = map[string]int{}
	}
	read := func(i int) bool {
		c, ok, _ := readers[i].take()
		if !ok {
			return false
		}
		_, had := known[i][c.Key]
		if had == (c.Kind == Found) {
			t.Fatalf("reader %d: kind %d for a key that it knew: %v", i, c.Kind, had)
		}
		if known[i][c.Key] = c.Value; c.Kind == Lost {
			delete(known[i], c.Key)
		}
		return true
	}
	for range 20_000 {
		key := fmt.Sprint(random.IntN(8))
		if random.IntN(3) == 0 {
			f.Delete(key)
		} else {
			f.Set(key, random.IntN(3))
		}
		read(random.IntN(len(readers)))
	}
	now := map[string]int{}
	for key, it := range f.now {
		now[key] = it.value
	}
	for i := range readers {
		for read(i) {
		}
		if fmt.Sprint(known[i]) != fmt.Sprint(now) {
			t.Errorf("reader %d believes %v, but it is %v", i, known[i], now)
		}
	}
}

func TestRangingAgainGoesOn(t *testing.T) {
	f := newFeed()
	f.Set("a", 1)
	f.Set("b", 1)
	seq := f.Events(t.Context())
	f.Set("c", 1)
	for c := range seq {
		if c.Key != "a" {
			t.Errorf("told %v first", c)
		}
		break
	}
	f.Set("a", 2)
	f.Close()
	var got []string
	for c := range seq {
		got = append(got, fmt.Sprint(c.Kind, c.Key, c.Value))
	}
	same(t, "the second loop", got, "1b1", "1c1", "2a2")
}

// A value that is equal is not told, but it is what a new reader gets.
func TestEqualValueIsReplaced(t *testing.T) {
	type v struct{ told, untold int }
	f := NewKeyed(func(a, b v) bool { return a.told == b.told }, AsChange[int, v])
	f.Set(1, v{1, 1})
	seq := f.Events(t.Context())
	first(seq, 1)
	f.Set(1, v{1, 2})
	later := first(f.Events(t.Context()), 1)[0]
	f.Close()
	if later.Value != (v{1, 2}) || len(slices.Collect(seq)) != 0 {
		t.Errorf("a new reader is told %v", later)
	}
}

func TestKeyedChan(t *testing.T) {
	f := newFeed()
	c := f.Chan(t.Context())
	f.Set("a", 1)
	if f.Chan(t.Context()) != c {
		t.Error("another channel for the same context")
	}
	if got := <-c; got.Key != "a" {
		t.Errorf("received %v", got)
	}
	f.Close()
	if _, ok := <-c; ok {
		t.Error("open after the end")
	}
}

func BenchmarkDelete(b *testing.B) {
	f := NewKeyed(func(a, b int) bool { return a == b }, AsChange[int, int])
	for i := range 100_000 {
		f.Set(i, i)
	}
	i := 0
	for b.Loop() { // does not depend on how many there are
		f.Delete(i)
		f.Set(i, i)
		i = (i + 7919) % 100_000
	}
}

// Keys that come and go before a reader looks leave nothing behind.
func TestRotatingKeysAreForgotten(t *testing.T) {
	f := newFeed()
	f.Set("stays", 1)
	r := f.open(t)
	for i := range 10_000 {
		key := fmt.Sprint("junk", i)
		f.Set(key, i)
		f.Delete(key)
	}
	if n := r.backlog.dirty.length; n > spareLooks+4 {
		t.Errorf("%d looks wait for one key", n)
	}
	f.Set("late", 2)
	for _, want := range []string{"stays", "late"} {
		if c, ok, _ := r.backlog.take(); !ok || c.Key != want {
			t.Errorf("told %v, want %s", c, want)
		}
	}
}
