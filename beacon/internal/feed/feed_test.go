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

func newFeed() *Feed[string, int] { return New[string](func(a, b int) bool { return a == b }) }

func puller(t *testing.T, f *Feed[string, int]) func() string {
	next, stop := iter.Pull(f.Watch(t.Context()))
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
	f.Close()
	f.Close()
	expect(t, next, "end")
	if got := f.Values(); !slices.Equal(got, []int{3}) || f.Len() != 1 {
		t.Errorf("after the end the values are %v", got)
	}
	if v, ok := f.Value("b"); v != 3 || !ok {
		t.Errorf("b is %d, %v", v, ok)
	}
}

// A reader that never reads holds one mark a key, however often values change.
func TestSlowReaderIsBounded(t *testing.T) {
	f := newFeed()
	r := f.open()
	for i := range 100_000 {
		f.Set(fmt.Sprint(i%10), i)
	}
	if len(r.dirty) != 10 || len(r.waiting) != 10 {
		t.Errorf("%d marks for ten keys", len(r.dirty))
	}
}

func TestEndOfContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan int)
		go func() {
			n := 0
			for range f.Watch(ctx) {
				n++
			}
			ended <- n
		}()
		f.Set("a", 1)
		synctest.Wait()
		cancel()
		if n := <-ended; n != 1 || len(f.readers) != 0 {
			t.Errorf("%d changes told, %d readers left", n, len(f.readers))
		}
		f.Set("a", 2)
		for range f.Watch(ctx) {
			t.Error("an ended context is told something")
		}
	})
}

// Whatever happens between its looks, a reader that applies what it is told ends
// with what is there.
func TestReadersConverge(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	f := newFeed()
	readers := []*reader[string, int]{f.open(), f.open(), f.open()}
	known := make([]map[string]int, len(readers))
	for i := range known {
		known[i] = map[string]int{}
	}
	read := func(i int) bool {
		c, ok := f.take(readers[i])
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
	for i := range readers {
		for read(i) {
		}
		if fmt.Sprint(known[i]) != fmt.Sprint(f.now) {
			t.Errorf("reader %d believes %v, but it is %v", i, known[i], f.now)
		}
	}
}
