package pattern

import (
	"testing"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// message has so many frames of so many bytes.
func message(frames, bytes int) (m [][]byte) {
	for range frames {
		m = append(m, make([]byte, bytes))
	}
	return m
}

// fair has n peers' messages taken in turn: put fills a peer's queue.
type fair struct {
	*testing.T
	*FairQueue
	near, far []*queue.Pipe
	costs     []int64 // what was taken of each
	order     []int
}

func newFair(t *testing.T, n int) *fair {
	near, far := receivers(n, 10_000)
	return &fair{T: t, FairQueue: NewFairQueue(), near: near, far: far, costs: make([]int64, n)}
}

func (f *fair) put(peer, n int, frames [][]byte) {
	f.Helper()
	for range n {
		if s, _ := f.near[peer].Put(nil, frames, false); s != queue.OK {
			f.Fatalf("status %d", s)
		}
	}
	f.Add(f.far[peer])
}

func (f *fair) take(n int) {
	f.Helper()
	for range n {
		m, from, _ := f.Next(0)
		for i, p := range f.far {
			if p == from {
				f.costs[i] += cost(m)
				f.order = append(f.order, i)
			}
		}
	}
}

func (f *fair) taken(peer int) (n int) {
	for _, i := range f.order {
		if i == peer {
			n++
		}
	}
	return n
}

// What a peer sends in large messages, or in messages of many frames, it does not get more
// of than one of small ones.
func TestTurnsArePaid(t *testing.T) {
	for _, c := range []struct {
		name   string
		frames int
		bytes  int
	}{{"thousand frames", 1000, 1}, {"a MiB", 1, 1 << 20}, {"many of both", 100, 10_000}} {
		t.Run(c.name, func(t *testing.T) {
			f := newFair(t, 2)
			f.put(0, 50, message(c.frames, c.bytes))
			f.put(1, 5000, message(1, 7900)) // as much as a turn pays for
			f.take(1000)
			if f.taken(0) < 2 || f.costs[0] > f.costs[1]+2*int64(c.frames*(frameCost+c.bytes)) {
				t.Errorf("%d messages that cost %d, beside %d that cost %d", f.taken(0), f.costs[0], f.taken(1), f.costs[1])
			}
			if f.costs[0] < f.costs[1]/3 {
				t.Errorf("it gets less than its share: %d, and the other one %d", f.costs[0], f.costs[1])
			}
		})
	}
}

// Small messages, and large ones beside large ones, come one each in turn.
func TestOneEachInTurn(t *testing.T) {
	for name, m := range map[string][][]byte{"small": message(1, 10), "frames": message(20, 10), "large": message(1, 1<<20), "many frames": message(1000, 1)} {
		t.Run(name, func(t *testing.T) {
			f := newFair(t, 3)
			for i := range f.near {
				f.put(i, 10, m)
			}
			f.take(30)
			for i, peer := range f.order {
				if peer != i%3 {
					t.Fatalf("the order is %v", f.order)
				}
			}
		})
	}
}

// Who owes turns pays them only to others who have something, also while it has nothing.
func TestDebtOfOneAlone(t *testing.T) {
	f := newFair(t, 2)
	huge, small := message(1, 10<<20), message(1, 1)
	f.put(0, 1, huge)
	f.put(1, 100, small)
	f.take(11) // the huge one and ten
	f.put(0, 1, small)
	f.take(80)
	if f.taken(0) != 1 {
		t.Fatalf("a peer that owes 1280 turns has had the order %v", f.order)
	}
	f.take(11) // nobody else has anything
	if f.taken(0) != 2 || f.taken(1) != 100 {
		t.Fatalf("%d and %d are taken", f.taken(0), f.taken(1))
	}
	f.Remove(f.far[0])
	f.Remove(f.far[1])
	f.put(1, 10, small)
	f.put(0, 10, small)
	f.take(20)
	if last := f.order[len(f.order)-20:]; last[1] != 0 || last[3] != 0 {
		t.Errorf("what was owed when nobody waited is asked for: %v", last)
	}
}

// Turns pass also while who owes them is away.
func TestDebtWhileAway(t *testing.T) {
	f := newFair(t, 3)
	f.put(0, 1, message(1, 80<<13))
	f.put(1, 500, message(1, 1))
	f.put(2, 500, message(1, 1))
	f.take(204) // eighty turns of each of the others, and some
	f.put(0, 1, message(1, 1))
	f.take(4)
	if f.taken(0) != 2 {
		t.Errorf("it is taken %d times", f.taken(0))
	}
}

// A receiver pauses once after it has served one who had one thing, before it goes on with
// one who has more; and never when it has but one peer, or all have one thing, or all have
// much.
func TestPauseIsDue(t *testing.T) {
	one := message(1, 10)
	pauses := func(f *fair, n int, before func(turn int)) (pauses int) {
		for turn := range n {
			if f.Visited() && f.PauseDue() {
				f.Paused()
				pauses++
			}
			before(turn)
			f.take(1)
		}
		return pauses
	}
	visits := func(f *fair, every int) func(int) {
		return func(turn int) {
			if turn%every == every/2 {
				f.put(1, 1, one)
			}
		}
	}
	t.Run("a visitor", func(t *testing.T) {
		f := newFair(t, 2)
		f.put(0, 1000, one)
		if n := pauses(f, 300, visits(f, 100)); n != 3 || f.taken(1) != 3 {
			t.Errorf("%d pauses for %d visits", n, f.taken(1))
		}
	})
	t.Run("one who comes again at once", func(t *testing.T) {
		f := newFair(t, 2)
		f.put(0, 1000, one)
		if n := pauses(f, 300, visits(f, 3)); n != 100 || f.taken(1) != 100 {
			t.Errorf("%d pauses for %d visits", n, f.taken(1))
		}
	})
	t.Run("beside large messages", func(t *testing.T) {
		f := newFair(t, 2)
		// Each costs 31 turns: they wait for no more than three of them, once there were any.
		n := pauses(f, 300, func(turn int) {
			f.put(0, 1, message(1000, 1))
			visits(f, 100)(turn)
		})
		if n < 250/3 || n > 250/3+3 || f.taken(1) != 3 {
			t.Errorf("%d pauses for %d visits", n, f.taken(1))
		}
	})
	t.Run("alone", func(t *testing.T) {
		f := newFair(t, 1)
		f.put(0, 5, one)
		if n := pauses(f, 1000, func(int) { f.put(0, 1, one); f.put(0, 1, message(1000, 1)) }); n != 0 {
			t.Errorf("%d pauses", n)
		}
	})
	t.Run("all flood", func(t *testing.T) { // what comes last of a batch is no visit
		f := newFair(t, 10)
		for i := range f.near {
			f.put(i, 100+i, one)
		}
		n := pauses(f, 5000, func(turn int) {
			if turn > 0 && f.taken(f.order[turn-1])%100 == 0 {
				f.put(f.order[turn-1], 100, one)
			}
		})
		if n != 0 {
			t.Errorf("%d pauses in 5000 turns", n)
		}
	})
	t.Run("each one thing", func(t *testing.T) {
		f := newFair(t, 4)
		for i := range f.near {
			f.put(i, 1, one)
		}
		n := pauses(f, 400, func(turn int) {
			if turn > 0 {
				f.put(f.order[turn-1], 1, one)
			}
		})
		if n != 0 {
			t.Errorf("%d pauses in 400 turns", n)
		}
	})
}

func BenchmarkFairQueue(b *testing.B) {
	near, far := receivers(8, 10_000)
	q := NewFairQueue()
	frames := message(1, 100)
	var m msg.Msg
	for b.Loop() {
		for i, p := range near {
			p.Put(nil, frames, false)
			q.Add(far[i])
		}
		for range near {
			m, _, _ = q.Next(0)
		}
	}
	_ = m
}

// Few counts those who have something, not those who are connected.
func TestFewHaveSomething(t *testing.T) {
	f := newFair(t, few+2)
	for peer, want := range []bool{true, true, true, true, false} {
		f.put(peer, 1, message(1, 1))
		if f.Few() != want {
			t.Errorf("with %d that have something: few is %v, want %v", peer+1, f.Few(), want)
		}
	}
	f.take(few + 1)
	f.Next(0) // finds nothing, and takes them out
	if !f.Few() {
		t.Error("nobody has anything, and that is not few")
	}
}
