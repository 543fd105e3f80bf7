package feed

import (
	"context"
	"math/rand/v2"
	"testing"
)

// said is the n-th event of one; a note says how many are missing.
type said struct {
	of      byte
	n       int
	size    int
	kept    bool
	missing uint64
}

func conversation(limit, bytes int) *Queue[said] {
	return NewQueue(Config[said]{
		Limit: limit, MaxBytes: bytes,
		Size:   func(s said) int { return s.size },
		Keep:   func(s said) bool { return s.kept },
		Missed: func(n uint64) said { return said{missing: n} },
		Of:     func(s said) Key { return Key{s.of} },
	})
}

// Of many events of one, and a few of others that come when there is no room any more, the
// others' are told, in turn with the first one's, which loses its newest; at that place it
// is said how many.
func TestNobodyTakesAnothersPlaces(t *testing.T) {
	q := conversation(100, 0)
	all := q.Chan(t.Context())
	for i := range 1000 {
		q.Publish(said{of: 1, n: i})
	}
	for i := range 20 {
		q.Publish(said{of: 2, n: i})
		q.Publish(said{of: 3, n: i, kept: true})
	}
	q.Close()
	next, missing, two, first := 0, 0, 0, 0
	for s := range all {
		switch {
		case s.missing > 0:
			missing += int(s.missing)
		case s.of == 1:
			if s.n != next {
				t.Fatalf("%d came, want %d", s.n, next)
			}
			next++
		case s.of == 2:
			if s.n != two {
				t.Fatalf("%d of the second came, want %d", s.n, two)
			}
			if two++; two == 10 {
				first = next
			}
		}
	}
	if two != 20 || next+missing != 1000 || uint64(missing) != q.Lost() || first > 12 {
		t.Errorf("%d of the second, %d of the first and %d missing, %d lost; before ten of the second %d came", two, next, missing, q.Lost(), first)
	}
}

// Bytes are shared as places are.
func TestNobodyTakesAnothersBytes(t *testing.T) {
	q := conversation(1000, 10_000)
	all := q.Chan(t.Context())
	for i := range 100 {
		q.Publish(said{of: 1, n: i, size: 1000})
	}
	q.Publish(said{of: 2, n: 7, size: 3000})
	q.Close()
	heard := false
	for s := range all {
		heard = heard || s.of == 2
	}
	if !heard {
		t.Error("the second one was not heard")
	}
}

// Whatever is published and read, by whom ever: the events of one come in order, what is
// missing is said and counted, and the bounds hold.
func TestLinesModel(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		q := conversation(1+rnd.IntN(20), 500)
		ctx, cancel := context.WithCancel(t.Context())
		r := q.hub.subscribe(ctx, All, q.filler(All))
		published, told, missing := map[byte]int{}, map[byte]int{}, uint64(0)
		read := func() bool {
			q.hub.mu.Lock()
			defer q.hub.mu.Unlock()
			w := r.backlog
			s, ok, more := w.take()
			if more != (w.turn.length > 0) || w.length > 2*q.config.Limit || w.turn.length != len(w.lines) {
				t.Fatalf("seed %d: %d wait of %d, %d lines, %d in turn, more is %v", seed, w.length, q.config.Limit, len(w.lines), w.turn.length, more)
			}
			if s.missing > 0 {
				missing += s.missing
			} else if ok {
				if s.n < told[s.of] {
					t.Fatalf("seed %d: %d of %d came after %d", seed, s.n, s.of, told[s.of]-1)
				}
				missing -= uint64(s.n - told[s.of]) // what is counted twice
				told[s.of] = s.n + 1
			}
			return ok
		}
		for range 2000 {
			if of := byte(rnd.IntN(5)); rnd.IntN(5) > 1 {
				if rnd.IntN(3) > 0 {
					of = 0
				}
				q.Publish(said{of: of, n: published[of], size: rnd.IntN(100), kept: rnd.IntN(10) == 0})
				published[of]++
			} else {
				read()
			}
		}
		for read() {
		}
		lacking := uint64(0)
		for of, n := range published {
			lacking += uint64(n - told[of])
		}
		if missing != lacking {
			t.Fatalf("seed %d: %d are said to be missing besides gaps, %d are", seed, missing, lacking)
		}
		if w := r.backlog; w.length != 0 || w.bytes != 0 {
			t.Fatalf("seed %d: %d events, %d bytes are left", seed, w.length, w.bytes)
		}
		cancel()
	}
}
