package actor

import (
	"context"
	"slices"
)

// An actor whose handler asks waits, and so may those who ask it. Each Ask by a
// handler is an edge from the asker to whoever has the question; a question that
// would close a circle can't be answered, and is refused before it is queued.
//
// Nobody's lock is held over the walk along the edges. So it is made twice: edges
// that are the same both times have existed together in between.

// callerKey is the key of a context under which the actor stands whose handler
// has it.
type callerKey struct{}

// callerOf returns the actor whose handler asks with ctx; nil when it is none's.
func callerOf(ctx context.Context) *unit {
	u, _ := ctx.Value(callerKey{}).(*unit)
	return u
}

// crowd is an actor that is several: who asks it waits for any of them.
type crowd interface{ members() []*unit }

// blocks enters that the handler of u waits for the outcome of c, which to is to
// have; it returns ErrCycle when it would wait for itself. When entered is set, the
// caller calls goesOn afterwards.
func (u *unit) blocks(c *call, to *unit) (entered bool, err error) {
	if u == nil || u.self.idle() || !u.waits.CompareAndSwap(nil, c) {
		return false, nil // another goroutine asks in the name of u, whose handler is not blocked in it
	}
	c.holder.Store(to)
	var first, second walk
	if first.stuck(to, u) && second.stuck(to, u) && slices.Equal(first.edges, second.edges) {
		u.waits.Store(nil)
		return false, ErrCycle
	}
	return true, nil
}

// goesOn takes back what blocks has entered.
func (u *unit) goesOn() { u.waits.Store(nil) }

// walk is the list of the edges that were seen.
type walk struct {
	edges []edge
	seen  []*unit
}

// edge is a question that is waited for, and the actor that has it.
type edge struct {
	c  *call
	at *unit
}

// stuck reports whether at can't go on before the handler of asker does.
func (w *walk) stuck(at, asker *unit) bool {
	if at == asker {
		return true
	}
	for _, u := range w.seen {
		if u == at {
			return true // nobody on the way leads out, or it would have been found
		}
	}
	w.seen = append(w.seen, at)
	if several, ok := at.self.(crowd); ok {
		return w.allStuck(several.members(), asker)
	}
	c := at.waits.Load()
	if c == nil || at.self.idle() {
		return false
	}
	next := c.holder.Load()
	w.edges = append(w.edges, edge{c, next})
	return next != nil && w.stuck(next, asker)
}

func (w *walk) allStuck(all []*unit, asker *unit) bool {
	for _, u := range all {
		if !w.stuck(u, asker) {
			return false
		}
	}
	return len(all) > 0
}
