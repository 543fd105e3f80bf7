package observe_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/zmq"
)

// BenchmarkSendBesideSnapshots is what a message costs its sender beside a loop that looks
// at 10,000 sockets without a pause:
//
//	go test ./observe -run NONE -bench SendBesideSnapshots -count 10
//
// Such a loop takes a whole processor, so that the time by the clock says how many there
// are, and nothing of snapshots. What is measured is the processor time of the thread that
// sends and receives, a millisecond at a time and in turn: alone, beside looks, beside a
// loop of the same work that touches no socket, and beside a loop that looks at nothing
// but the sending and the receiving socket, which is the worst there is. A ratio is the
// median over all rounds of such turns:
//
//	looks/work   what it costs that sockets are looked at: their locks and cache lines
//	looks/alone  that, and what any busy neighbour costs: shared caches, memory, garbage
//	work/alone   the latter alone
//	own/work     the worst case of the first
func BenchmarkSendBesideSnapshots(b *testing.B) {
	ctx := context.Background()
	zctx := zmq.NewContext(ctx, zmq.WithMaxSockets(20_000))
	defer zctx.Close()
	push, pull := duo(b, zctx)
	text := []byte("a message of some 30 bytes, yes")
	send := func() {
		if err := push.SendBytes(ctx, text); err != nil {
			b.Fatal(err)
		}
		m, err := pull.Recv(ctx)
		if err != nil {
			b.Fatal(err)
		}
		m.Release()
	}
	crowd(b, zctx, 10_000)
	alike := likes(10_002)
	loads := []*load{
		{name: "alone"},
		{name: "looks", look: func(pause func() bool) {
			registry.View(func(*registry.Snapshot) bool { return pause() })
		}},
		{name: "work", look: func(pause func() bool) { snapshots(alike, pause) }},
		{name: "own", look: func(pause func() bool) {
			_, _, _ = push.Stats(), push.Peers(), push.Endpoints()
			_, _, _ = pull.Stats(), pull.Peers(), pull.Endpoints()
			pause()
		}},
	}
	for _, l := range loads {
		defer l.start()()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for b.Loop() {
		for range rounds {
			for _, l := range loads {
				l.costs = append(l.costs, l.beside(send))
			}
		}
	}
	alone, looks, work, own := loads[0], loads[1], loads[2], loads[3]
	b.ReportMetric(ratio(looks, work), "looks/work")
	b.ReportMetric(ratio(looks, alone), "looks/alone")
	b.ReportMetric(ratio(work, alone), "work/alone")
	b.ReportMetric(ratio(own, work), "own/work")
	b.ReportMetric(median(alone.costs), "ns-alone")
	b.ReportMetric(float64(looks.seen.Load())/looks.took.Seconds(), "sockets/s")
	b.ReportMetric(0, "ns/op")
}

const (
	rounds   = 100  // of an iteration
	messages = 5000 // of a turn
)

// ratio is the median over all rounds of what a message costs beside one load to what it
// costs beside another in the same round.
func ratio(a, b *load) float64 {
	var list []float64
	for i := range a.costs {
		list = append(list, a.costs[i]/b.costs[i])
	}
	return median(list)
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

// load is what goes on beside the sender: looks, again and again, when it is let.
type load struct {
	name  string
	look  func(pause func() bool) // calls pause after each socket; false: it ends
	goes  atomic.Bool
	ends  atomic.Bool
	mu    sync.Mutex
	gate  *sync.Cond // of mu: goes or ends has changed
	seen  atomic.Int64
	took  time.Duration // while it went
	costs []float64     // of a message, in nanoseconds of the sender's thread
}

// start begins it, at rest.
func (l *load) start() (stop func()) {
	if l.look == nil {
		return func() {}
	}
	l.gate = sync.NewCond(&l.mu)
	var wg sync.WaitGroup
	wg.Go(func() {
		for l.pause() {
			l.look(l.pause)
		}
	})
	return func() { l.set(&l.ends, true); wg.Wait() }
}

// pause waits while others have their turn.
func (l *load) pause() bool {
	l.seen.Add(1)
	if !l.goes.Load() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for !l.goes.Load() && !l.ends.Load() {
			l.gate.Wait()
		}
	}
	return !l.ends.Load()
}

func (l *load) set(which *atomic.Bool, to bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	which.Store(to)
	l.gate.Broadcast()
}

// beside is what a message costs beside the load. A turn counts only if the load has
// worked: a busy machine may have no processor for it.
func (l *load) beside(send func()) float64 {
	if l.look == nil {
		return costOf(send)
	}
	l.set(&l.goes, true)
	defer l.set(&l.goes, false)
	for {
		before, began := l.seen.Load(), time.Now()
		for l.seen.Load() == before {
			runtime.Gosched()
		}
		before = l.seen.Load()
		cost := costOf(send)
		l.took += time.Since(began)
		if l.seen.Load() > before {
			return cost
		}
	}
}

// costOf is the time that this thread has used for a message, in nanoseconds.
func costOf(send func()) float64 {
	before := threadTime()
	for range messages {
		send()
	}
	return float64((threadTime() - before).Nanoseconds()) / messages
}

// like is looked at as a socket is: two locks, and numbers from all over some kilobytes.
type like struct {
	send, recv sync.Mutex
	parts      [30]part
}

type part struct {
	n atomic.Uint64
	_ [120]byte
}

func (l *like) RegistrySnapshot(s *registry.Snapshot) {
	l.send.Lock()
	s.Name = "a name"
	l.send.Unlock()
	l.recv.Lock()
	s.Type, s.State = "PULL", "idle"
	l.recv.Unlock()
	for i := range l.parts {
		s.Count("part", "", l.parts[i].n.Load())
	}
	s.Say("mechanism", fmt.Sprint("NULL", len(s.Numbers)))
}

func likes(n int) (list []*like) {
	for range n {
		list = append(list, new(like))
	}
	return list
}

// snapshots looks at them as the registry does at what is entered.
func snapshots(list []*like, pause func() bool) {
	for _, l := range list {
		l.RegistrySnapshot(&registry.Snapshot{Kind: "like", Numbers: make([]registry.Number, 0, 32)})
		if !pause() {
			return
		}
	}
}
