package registry

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// thing is a subject that counts.
type thing struct {
	Entry
	name   string
	n      atomic.Uint64
	before func() // called by each snapshot
}

func (t *thing) RegistrySnapshot(s *Snapshot) {
	if t.before != nil {
		t.before()
	}
	s.Name, s.Type = t.name, "T"
	s.Count("done", "", t.n.Load())
	s.Level("level", 7)
}

func view() (live []*Snapshot, gone []Gone) {
	gone = View(func(s *Snapshot) bool {
		if s.Type == "T" {
			live = append(live, s)
		}
		return true
	})
	return live, gone
}

// total is the sum of a counter over those that live and those that have left.
func total() (sum float64) {
	live, gone := view()
	for _, s := range live {
		sum += s.Numbers[0].Value
	}
	for _, g := range gone {
		for _, n := range g.Numbers {
			sum += n.Value
		}
	}
	return sum
}

func TestEnterAndLeave(t *testing.T) {
	a, b := &thing{name: "a"}, &thing{name: "b"}
	a.Leave() // it has not entered
	a.Enter(Socket, a)
	b.Enter(Actor, b)
	live, _ := view()
	if len(live) != 2 || live[0].Name != "a" || live[0].Kind != "socket" || live[1].Kind != "actor" || live[0].ID != a.ID() || live[0].Born.IsZero() {
		t.Fatalf("seen %+v", live)
	}
	if n := Count(); n != 2 {
		t.Errorf("Count is %d", n)
	}
	n := 0
	View(func(*Snapshot) bool { n++; return false })
	if n != 1 {
		t.Errorf("the view went on for %d", n)
	}
	before := total()
	a.n.Store(5)
	a.Leave()
	a.Leave()
	b.Leave()
	if live, _ := view(); len(live) != 0 || a.ID() != 0 {
		t.Errorf("still there: %+v", live)
	}
	if total() != before+5 {
		t.Errorf("the total is %v, want %v", total(), before+5)
	}
}

// Snapshots are taken with nothing locked: a subject may end, and others begin, in the
// midst of one.
func TestSnapshotsHoldNoLock(t *testing.T) {
	var others [shards]thing
	a := &thing{}
	a.before = func() {
		a.before = nil
		for i := range others { // one in each shard
			others[i].Enter(Actor, &others[i])
			others[i].Leave()
		}
		a.Leave()
	}
	a.Enter(Socket, a)
	view()
	if Count() != 0 {
		t.Error("not all have left")
	}
}

// While subjects come and go at the same time the sum of what all have counted never
// falls, and nothing is counted twice.
func TestTotalsNeverFall(t *testing.T) {
	base := total()
	const workers, rounds = 8, 300
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				one := &thing{name: "x"}
				one.Enter(Socket, one)
				one.n.Add(1)
				one.Leave()
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for was, over := base, false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		now := total()
		if now < was || now > base+workers*rounds {
			t.Fatalf("the total went from %v to %v, base %v", was, now, base)
		}
		was = now
	}
	if got := total(); got != base+workers*rounds {
		t.Errorf("%v counted, want %d", got-base, workers*rounds)
	}
}

// A program that gives every subject a name of its own does not grow by that. Names
// beyond the bound have one entry, living ones and those that have left agree on which
// names these are, and a higher bound moves none that was told apart before.
func TestNamesAreBounded(t *testing.T) {
	of, given := named.of, named.given
	named.of, named.given = map[nameKey]int{}, map[string]int{}
	defer func() { named.of, named.given, named.bound = of, given, maxNames }()
	base := total()
	run := last.Load() // so that a second run has other names
	name := func(i int) string { return fmt.Sprint("name ", i, " of ", run) }
	ranks := map[string]int{}
	for i := range 3 * maxNames {
		one := &thing{name: name(i)}
		one.Enter(Socket, one)
		one.n.Store(1)
		ranks[name(i)] = one.snapshot(one.ID(), true).Rank
		one.Leave()
	}
	_, gone := view()
	kept, beyond := 0, 0
	for _, g := range gone {
		if ranks[g.Name] != 0 {
			kept++
		}
		switch {
		case g.Name == Others:
			beyond = int(g.Count)
		case ranks[g.Name] != 0 && g.Rank != ranks[g.Name]:
			t.Errorf("%s has the places %d and %d", g.Name, ranks[g.Name], g.Rank)
		}
	}
	if kept > maxNames || beyond < 2*maxNames || ranks[name(3*maxNames-1)] != Beyond || ranks[name(0)] < 1 {
		t.Errorf("%d are kept, %d are beyond the bound; the places are %d to %d", kept, beyond, ranks[name(0)], ranks[name(3*maxNames-1)])
	}
	if got := total() - base; got != 3*maxNames {
		t.Errorf("%v counted", got)
	}
	KeepNames(maxNames + 1)
	for i, want := range []int{ranks[name(0)], maxNames + 1, Beyond} {
		one := &thing{name: name([]int{0, 3*maxNames - 1, 3*maxNames - 2}[i])}
		one.Enter(Socket, one)
		if got := one.snapshot(one.ID(), true).Rank; got != want {
			t.Errorf("%s has the place %d, want %d", one.name, got, want)
		}
		one.Leave()
	}
}

func TestEnterAllocatesNothing(t *testing.T) {
	one := &thing{}
	if n := testing.AllocsPerRun(100, func() {
		one.Enter(Socket, one)
		s := shardOf(one.id.Load()) // Leave without the snapshot
		one.id.Store(0)
		s.mu.Lock()
		one.prev.next, one.next.prev = one.next, one.prev
		s.n--
		s.mu.Unlock()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkEnterLeave(b *testing.B) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		one := &thing{}
		for pb.Next() {
			one.Enter(Socket, one)
			one.Leave()
		}
	})
}

func BenchmarkView(b *testing.B) {
	list := make([]thing, 10_000)
	for i := range list {
		list[i].Enter(Socket, &list[i])
	}
	defer func() {
		for i := range list {
			list[i].Leave()
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		View(func(*Snapshot) bool { return true })
	}
}
