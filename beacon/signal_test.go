package beacon

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
)

func numbered(n int) Signal { return Signal{Data: fmt.Append(nil, n)} }

// The ring behaves as a plain slice of which the oldest is cut, for many random
// walks of puts and takes.
func TestStreamAgainstModel(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		limit := 1 + random.IntN(40)
		s := &stream{limit: limit, ready: make(chan struct{}, 1)}
		var model []string
		for i := range 500 {
			if random.IntN(5) < 3 {
				kept := s.put(numbered(i))
				if kept != (len(model) < limit) {
					t.Fatalf("seed %d: put says %v with %d of %d waiting", seed, kept, len(model), limit)
				}
				model = append(model, fmt.Sprint(i))
				model = model[max(0, len(model)-limit):]
				continue
			}
			got, ok := s.take()
			if ok != (len(model) > 0) || ok && string(got.Data) != model[0] {
				t.Fatalf("seed %d: took %q, %v; model %v", seed, got.Data, ok, model)
			}
			model = model[min(1, len(model)):]
		}
		if len(s.queue) > limit {
			t.Fatalf("seed %d: the ring has %d places, the limit is %d", seed, len(s.queue), limit)
		}
	}
}

// quiet is a Beacon without sockets, for what lies between handle and a reader.
func quiet(queue int) *Beacon {
	return &Beacon{config: config{queue: queue}, done: make(chan struct{})}
}

func texts(seq iter.Seq[Signal], n int) (list []string) {
	for s := range seq {
		if list = append(list, string(s.Data)); len(list) == n {
			break
		}
	}
	return list
}

func TestStreamStartsAtTheCall(t *testing.T) {
	b := quiet(3)
	b.streams.deliver(numbered(0))
	seq := b.Beacons(t.Context())
	lost := 0
	for i := 1; i <= 5; i++ {
		lost += b.streams.deliver(numbered(i))
	}
	if lost != 2 {
		t.Errorf("%d pushed out, want 2", lost)
	}
	if got := texts(seq, 2); !slices.Equal(got, []string{"3", "4"}) {
		t.Errorf("read %v, want the newest three from the oldest on", got)
	}
	if n := len(b.streams.set); n != 0 {
		t.Errorf("%d streams after the loop was left, want none", n)
	}
}

func TestRangingAgainStartsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := quiet(8)
		seq := b.Beacons(t.Context())
		b.streams.deliver(numbered(1))
		b.streams.deliver(numbered(2))
		if got := texts(seq, 1); !slices.Equal(got, []string{"1"}) {
			t.Errorf("read %v, want 1", got)
		}
		b.streams.deliver(numbered(3)) // nobody listens
		var second []string
		done := make(chan struct{})
		go func() { defer close(done); second = texts(seq, 1) }()
		synctest.Wait() // it waits for a signal now
		b.streams.deliver(numbered(4))
		<-done
		if !slices.Equal(second, []string{"4"}) {
			t.Errorf("read %v, want 4", second)
		}
	})
}

func TestIteratorEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := quiet(8)
		ctx, cancel := context.WithCancel(t.Context())
		unused := b.Beacons(ctx)
		ended := make(chan int)
		go func() {
			n := 0
			for range b.Beacons(ctx) {
				n++
			}
			ended <- n
		}()
		synctest.Wait()
		b.streams.deliver(numbered(1))
		synctest.Wait()
		cancel()
		if n := <-ended; n != 1 {
			t.Errorf("the iterator yielded %d, want 1", n)
		}
		b.streams.deliver(numbered(2))
		if n := len(b.streams.set); n != 0 {
			t.Errorf("%d streams are kept for an ended context", n)
		}
		for range unused {
			t.Error("an ended context delivers")
		}
	})
}

func TestIteratorEndsAtCloseWhateverWaits(t *testing.T) {
	b := quiet(8)
	seq := b.Beacons(t.Context())
	b.streams.deliver(numbered(1))
	close(b.done)
	for range seq {
		t.Error("a closed beacon delivers")
	}
}

func BenchmarkDeliver(b *testing.B) {
	beacon := quiet(DefaultQueue)
	beacon.Beacons(b.Context())
	s := Signal{Data: make([]byte, zreSize1)}
	b.ReportAllocs()
	for b.Loop() {
		beacon.streams.deliver(s)
	}
}
