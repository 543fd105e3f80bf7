package feed

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// numbers is a queue of numbers; a negative one says how many are missing.
func numbers(c Config[int]) *Queue[int] {
	c.Missed = func(n uint64) int { return -int(n) }
	return NewQueue(c)
}

func publish[T any](q *Queue[T], list ...T) {
	for _, v := range list {
		q.Publish(v)
	}
}

// first reads n events.
func first[T any](seq iter.Seq[T], n int) (list []T) {
	for v := range seq {
		if list = append(list, v); len(list) == n {
			break
		}
	}
	return list
}

func same[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestSubscriptionBeginsAtTheCall(t *testing.T) {
	q := numbers(Config[int]{Limit: 8})
	q.Publish(1)
	seq := q.Events(t.Context())
	publish(q, 2, 3, 4)
	same(t, "the first loop", first(seq, 2), 2, 3)
	q.Publish(5)
	same(t, "the second loop", first(seq, 2), 4, 5)
	q.Publish(6)
	q.Close(7)
	q.Close(8)
	q.Publish(9)
	same(t, "after Close", slices.Collect(seq), 6, 7)
	same(t, "once more", slices.Collect(seq))
	same(t, "a closed feed", slices.Collect(q.Events(t.Context())))
}

func TestSlowReaderIsToldHowManyAreMissing(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config[int]
		in     []int
		want   []int
	}{
		{"the newest go", Config[int]{Limit: 3}, []int{1, 2, 3, 4, 5}, []int{1, 2, 3, -2}},
		{"the oldest go", Config[int]{Limit: 3, DropOldest: true}, []int{1, 2, 3, 4, 5}, []int{-2, 3, 4, 5}},
		{"one place", Config[int]{Limit: 1, DropOldest: true}, []int{1, 2, 3}, []int{-2, 3}},
		{"bytes", Config[int]{Limit: 9, MaxBytes: 10, Size: func(v int) int { return v }}, []int{4, 6, 1, 1}, []int{4, 6, -2}},
		{"bytes, the oldest go", Config[int]{Limit: 9, MaxBytes: 10, Size: func(v int) int { return v }, DropOldest: true}, []int{4, 5, 6}, []int{-2, 6}},
		{"one above all bytes", Config[int]{Limit: 9, MaxBytes: 10, Size: func(v int) int { return v }}, []int{11, 1}, []int{11, -1}},
		{"those that matter", Config[int]{Limit: 2, Keep: even}, []int{1, 3, 5, 2, 7, 4, 6, 8}, []int{1, 3, -1, 2, -1, 4, -2}},
	} {
		q := numbers(c.config)
		seq := q.Events(t.Context())
		publish(q, c.in...)
		q.Close()
		got := slices.Collect(seq)
		same(t, c.name, got, c.want...)
		lost := 0
		for _, v := range got {
			lost -= min(0, v)
		}
		if q.Lost() != uint64(lost) {
			t.Errorf("%s: Lost is %d, the reader was told %d", c.name, q.Lost(), lost)
		}
	}
}

func even(v int) bool { return v%2 == 0 }

// After a gap was told, the stream goes on.
func TestGapInTheMiddle(t *testing.T) {
	q := numbers(Config[int]{Limit: 2})
	seq := q.Events(t.Context())
	publish(q, 1, 2, 3)
	same(t, "before", first(seq, 1), 1)
	publish(q, 4, 5)
	same(t, "all", first(seq, 4), 2, -1, 4, -1)
	publish(q, 6)
	same(t, "after", first(seq, 1), 6)
}

func TestMask(t *testing.T) {
	q := numbers(Config[int]{Limit: 4, Kind: func(v int) uint64 { return uint64(v) }})
	if q.Wanted(All) {
		t.Error("a queue without readers wants something")
	}
	ctx, cancel := context.WithCancel(t.Context())
	low, high := q.EventsOf(ctx, 1), q.EventsOf(t.Context(), 2)
	publish(q, 1, 2, 3, 4)
	if q.Wanted(4) || !q.Wanted(1) || !q.Wanted(6) {
		t.Error("what is wanted is not the sum of the masks")
	}
	same(t, "low", first(low, 2), 1, 3)
	cancel()
	for q.Wanted(1) { // AfterFunc has a goroutine of its own
		runtime.Gosched()
	}
	q.Close(2, 1)
	same(t, "high", slices.Collect(high), 2, 3, 2)
}

func TestOneCopyEachReader(t *testing.T) {
	copies := 0
	q := NewQueue(Config[[]byte]{Limit: 4, Copy: func(b []byte) []byte { copies++; return slices.Clone(b) }})
	one, two := q.Events(t.Context()), q.Events(t.Context())
	q.Publish([]byte("ab"))
	a, b := first(one, 1)[0], first(two, 1)[0]
	a[0] = 'x'
	if string(b) != "ab" || copies != 1 {
		t.Errorf("the other has %q, after %d copies", b, copies)
	}
}

func TestWhatIsThereComesFirst(t *testing.T) {
	there := []int{1, 2}
	q := numbers(Config[int]{Limit: 8, Now: func() []int { return there }})
	seq := q.Events(t.Context())
	q.Publish(3)
	same(t, "told", first(seq, 3), 1, 2, 3)
}

func TestEndOfContextUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := numbers(Config[int]{Limit: 8})
		ctx, cancel := context.WithCancel(t.Context())
		unread, seq := q.Events(ctx), q.Events(ctx)
		ended := make(chan int, 1)
		go func() { ended <- len(slices.Collect(seq)) }()
		q.Publish(1)
		synctest.Wait()
		cancel()
		synctest.Wait()
		if n := <-ended; n != 1 || len(q.hub.readers) != 0 || q.Wanted(All) {
			t.Errorf("%d events told, %d readers left", n, len(q.hub.readers))
		}
		same(t, "an ended context", slices.Collect(unread))
		same(t, "a new one", slices.Collect(q.Events(ctx)))
	})
}

func TestChanIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := numbers(Config[int]{Limit: 8})
		ctx, cancel := context.WithCancel(t.Context())
		c := q.Chan(ctx)
		for range 100 { // a loop that asks each time and often takes another case
			if q.Chan(ctx) != c {
				t.Fatal("another channel for the same context")
			}
		}
		if q.ChanOf(ctx, 1) == c {
			t.Error("the same channel for another mask")
		}
		publish(q, 1, 2)
		synctest.Wait()
		for _, want := range []int{1, 2} {
			timer := make(chan bool, 1)
			timer <- true
			<-timer // an abandoned select: the event stays on offer
			if got := <-q.Chan(ctx); got != want {
				t.Errorf("received %d, want %d", got, want)
			}
		}
		q.Publish(3) // stays with the pump
		synctest.Wait()
		cancel()
		synctest.Wait()
		if _, ok := <-c; ok {
			t.Error("the channel of an ended context is open")
		}
		if _, ok := <-q.Chan(ctx); ok || len(q.hub.chans) != 0 {
			t.Errorf("an ended context has a channel that is open; %d are kept", len(q.hub.chans))
		}
	})
}

func TestChanOfAClosedFeedIsEmptiedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := numbers(Config[int]{Limit: 8})
		c := q.Chan(context.Background()) // which never ends
		publish(q, 1, 2)
		q.Close(3)
		var got []int
		for v := range c {
			got = append(got, v)
		}
		same(t, "received", got, 1, 2, 3)
		synctest.Wait()
		if len(q.hub.chans) != 0 {
			t.Error("the channel is kept")
		}
	})
}

// uncomparable is a context that is no key of a map.
type uncomparable struct {
	context.Context
	_ []int
}

func TestChanOfAStrangeContext(t *testing.T) {
	q := numbers(Config[int]{Limit: 8})
	c := q.Chan(uncomparable{Context: t.Context()})
	q.Close(1)
	if v := <-c; v != 1 {
		t.Errorf("received %d", v)
	}
	if _, ok := <-c; ok {
		t.Error("open after the end")
	}
}

// Several loops over one subscription share its events, and all end.
func TestSharedSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := numbers(Config[int]{Limit: 1000})
		seq := q.Events(t.Context())
		var mu sync.Mutex
		var got []int
		var loops sync.WaitGroup
		for range 4 {
			loops.Go(func() {
				for v := range seq {
					mu.Lock()
					got = append(got, v)
					mu.Unlock()
				}
			})
		}
		synctest.Wait() // all wait
		want := make([]int, 500)
		for i := range want {
			want[i] = i
			q.Publish(i)
		}
		synctest.Wait()
		q.Close()
		loops.Wait()
		slices.Sort(got)
		same(t, "together", got, want...)
	})
}

// model is what a reader must see, in the plainest way: all events that there
// were, and which of them wait.
type model struct {
	all    []int
	waits  []bool
	at     int // how many are told, or told to be missing
	limit  int
	oldest bool
}

func (m *model) waiting() (list []int) {
	for i := m.at; i < len(m.all); i++ {
		if m.waits[i] {
			list = append(list, i)
		}
	}
	return list
}

func (m *model) put(v int) {
	w := m.waiting()
	room := len(w) < m.limit
	if !room && m.oldest {
		m.waits[w[0]], room = false, true
	}
	m.all = append(m.all, v)
	m.waits = append(m.waits, room || even(v) && !m.oldest && len(w) < 2*m.limit)
}

// read is what is told next, 0 for nothing.
func (m *model) read() (v int) {
	for ; m.at < len(m.all) && !m.waits[m.at]; m.at++ {
		v--
	}
	if v == 0 && m.at < len(m.all) {
		v = m.all[m.at]
		m.at++
	}
	return v
}

// checkModels lets two readers of different masks and the models of what they must
// see go through the steps together: 0 and 1 read, more is an event.
func checkModels(t *testing.T, limit int, oldest bool, steps []byte) {
	limit = max(1, limit%8)
	q := numbers(Config[int]{Limit: limit, DropOldest: oldest, Keep: even, Kind: func(v int) uint64 { return 1 << (v % 3) }})
	masks := []uint64{All, 3}
	var models []*model
	var readers []*reader[int, *waiting[int]]
	for _, mask := range masks {
		models = append(models, &model{limit: limit, oldest: oldest})
		readers = append(readers, q.hub.subscribe(t.Context(), mask, q.filler(mask)))
	}
	read := func(i int) bool {
		got, ok, _ := readers[i].take()
		if want := models[i].read(); ok != (want != 0) || got != want {
			t.Fatalf("reader %d is told %d, %v, want %d", i, got, ok, want)
		}
		return ok
	}
	for n, s := range steps {
		if s%8 < 2 {
			read(int(s % 8))
			continue
		}
		v := 6*n + int(s%8)
		q.Publish(v)
		for i, mask := range masks {
			if mask&q.kind(v) != 0 {
				models[i].put(v)
			}
		}
	}
	for i := range readers {
		for read(i) {
		}
	}
}

func TestReadersAgainstModel(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		steps := make([]byte, 300)
		for i := range steps {
			steps[i] = byte(random.IntN(256))
		}
		checkModels(t, random.IntN(256), seed%2 == 0, steps)
	}
}

func FuzzQueue(f *testing.F) {
	f.Add(2, false, []byte{2, 3, 4, 5, 6, 0, 0, 1, 7, 0})
	f.Add(1, true, []byte{2, 3, 4, 0, 5, 6, 1, 1, 0})
	f.Fuzz(func(t *testing.T, limit int, oldest bool, steps []byte) {
		checkModels(t, max(limit, 0), oldest, steps)
	})
}

// Many write, read, leave and close at once; -race looks on.
func TestCrowd(t *testing.T) {
	q := NewQueue(Config[string]{Limit: 16, Missed: func(n uint64) string { return fmt.Sprint("missed ", n) }})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 500 {
				q.Publish(fmt.Sprint(i))
			}
		})
		all.Go(func() {
			for range 50 {
				ctx, cancel := context.WithCancel(t.Context())
				seq, c := q.Events(ctx), q.Chan(ctx)
				go cancel()
				for range seq {
				}
				for range c {
				}
			}
		})
	}
	all.Wait()
	q.Close()
}

func BenchmarkPublishToNobody(b *testing.B) {
	q := NewQueue(Config[int]{Limit: 1})
	b.ReportAllocs()
	for b.Loop() {
		q.Publish(1)
	}
}

func BenchmarkPublish(b *testing.B) {
	q := NewQueue(Config[int]{Limit: 1024, DropOldest: true})
	q.Events(b.Context())
	b.ReportAllocs()
	for b.Loop() {
		q.Publish(1)
	}
}
