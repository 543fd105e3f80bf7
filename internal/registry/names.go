package registry

import "sync"

// maxNames bounds the names of each kind that are told apart by those who keep something
// of each. A program that gives each socket a name of its own must not grow by that.
const maxNames = 1000

// Others is the name under which all are counted whose name came after the bound.
const Others = "(others)"

// Beyond is the Rank of a name that came after the bound.
const Beyond = -1

// ranks numbers the names of each kind as they are first seen, from 1. A rank once given
// never changes, so that whoever keeps something of the first N names keeps it of the
// same ones for ever, and those that live and those that have left agree.
type ranks struct {
	mu    sync.RWMutex
	of    map[nameKey]int
	given map[string]int // to each kind
	bound int
}

type nameKey struct{ kind, name string }

var named = ranks{of: map[nameKey]int{}, given: map[string]int{}, bound: maxNames}

// KeepNames tells apart at least n names of each kind from now on; without it they are
// 1,000. It never lowers the bound.
func KeepNames(n int) {
	named.mu.Lock()
	defer named.mu.Unlock()
	named.bound = max(named.bound, n)
}

// rank is 0 for no name.
func (r *ranks) rank(kind, name string) int {
	if name == "" {
		return 0
	}
	key := nameKey{kind, name}
	r.mu.RLock()
	rank, full := r.of[key], r.given[kind] >= r.bound
	r.mu.RUnlock()
	switch {
	case rank != 0:
		return rank
	case full:
		return Beyond
	}
	return r.give(key)
}

func (r *ranks) give(key nameKey) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.of[key] != 0: // by another in the meantime
	case r.given[key.kind] >= r.bound:
		return Beyond
	default:
		r.given[key.kind]++
		r.of[key] = r.given[key.kind]
	}
	return r.of[key]
}
