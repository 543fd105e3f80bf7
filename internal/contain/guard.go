package contain

import (
	"sync"
	"sync/atomic"
)

// A Guard stands around all that a thing with goroutines of its own does: a node, a
// beacon, a store. What panics is counted and told, and its owner goes on. The zero
// value counts, and tells as Stray does.
type Guard struct {
	// Report hears of each panic, with no lock of Guard's held. It is set before anything
	// runs. What it panics with itself is what Stray hears of.
	Report func(*Panic)

	panics atomic.Uint64
}

// Panics is how many were contained.
func (g *Guard) Panics() uint64 { return g.panics.Load() }

// Try runs fn and counts what it ended with. Whoever holds a lock uses it, and hands what
// it returns to Tell when the lock is given back.
func (g *Guard) Try(where string, fn func()) *Panic {
	p, _ := Call(where, func() {
		Probe(where)
		fn()
	}).(*Panic)
	if p != nil {
		g.panics.Add(1)
	}
	return p
}

// Tell reports what Try has returned; nil is nothing to tell.
func (g *Guard) Tell(p *Panic) {
	if p == nil {
		return
	}
	report := g.Report
	if report == nil {
		report = Stray
	}
	_ = Tell(Call("report", func() { report(p) }), Stray)
}

// Step is Try and Tell: one turn of a loop that goes on whatever happened in it. It
// reports whether fn returned.
func (g *Guard) Step(where string, fn func()) bool {
	p := g.Try(where, fn)
	g.Tell(p)
	return p == nil
}

// Hook is Step for code of the program's, which may also end its goroutine.
func (g *Guard) Hook(where string, fn func()) bool {
	p, _ := Apart(where, func() {
		Probe(where)
		fn()
	}).(*Panic)
	if p != nil {
		g.panics.Add(1)
	}
	g.Tell(p)
	return p == nil
}

// Go runs fn on a goroutine of running, of which a panic is the end, and nothing else's.
// lost, if it is not nil, is called then: it does what cannot be left undone.
func (g *Guard) Go(running *sync.WaitGroup, where string, fn, lost func()) {
	running.Go(func() {
		Run(where, func() error {
			Probe(where)
			fn()
			return nil
		}, func(err error) {
			p, _ := err.(*Panic)
			if p == nil {
				return
			}
			g.panics.Add(1)
			if lost != nil {
				if again := g.Try(where+", at its end", lost); again != nil {
					g.Tell(again)
				}
			}
			g.Tell(p)
		}, nil)
	})
}

// probe is called where guarded code begins; nil but in tests.
var probe atomic.Pointer[func(where string)]

// Probe is where a test can make guarded code panic, with the locks held that are held
// there.
func Probe(where string) {
	if fn := probe.Load(); fn != nil {
		(*fn)(where)
	}
}

// Disaster has the next code that is guarded under a name panic, as often as says times,
// in the whole process. It is for tests. hit is closed at the first; stop ends it.
func Disaster(where string, times int) (hit <-chan struct{}, stop func()) {
	c := make(chan struct{})
	var left atomic.Int64
	left.Store(int64(times))
	fn := func(at string) {
		if at != where {
			return
		}
		switch n := left.Add(-1); {
		case n == int64(times)-1:
			close(c)
			panic("disaster in " + where)
		case n >= 0:
			panic("disaster in " + where)
		}
	}
	probe.Store(&fn)
	return c, func() { probe.CompareAndSwap(&fn, nil) }
}
