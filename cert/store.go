package cert

import (
	"iter"
	"maps"
	"slices"
	"sync"
)

// A Store knows the public keys that are trusted.
//
// Lookup may be called by many goroutines at once, during every handshake: it
// answers from memory. The certificate that it returns has no secret key and
// belongs to the caller.
type Store interface {
	Lookup(publicZ85 string) (*Cert, bool)
}

// A Change is what a store tells its observers. Keys are in Z85 and sorted.
type Change struct {
	Added   []string
	Removed []string
	Updated []string // the same key with other metadata
	// Problems is what is wrong with the store's files from now on; empty when all
	// is well, or for a MemStore.
	Problems []Problem
}

// A Problem is a file or a directory of a store that is not as it should be. Err
// wraps ErrMalformed, ErrZPL, ErrExposed, ErrDuplicate, ErrTooLarge or an error
// of the file system.
type Problem struct {
	Path string // relative to the store, with slashes
	Err  error
}

// trusted is a set of certificates by key that is never changed once made.
type trusted map[string]*Cert

func (t trusted) lookup(publicZ85 string) (*Cert, bool) {
	c, ok := t[publicZ85]
	if !ok {
		return nil, false
	}
	return c.Clone(), true
}

// all yields copies in the order of the keys.
func (t trusted) all() iter.Seq[*Cert] {
	return func(yield func(*Cert) bool) {
		for _, key := range slices.Sorted(maps.Keys(t)) {
			if !yield(t[key].Clone()) {
				return
			}
		}
	}
}

// difference fills the lists of a Change from before to after.
func difference(before, after trusted) (c Change) {
	for key, now := range after {
		old, known := before[key]
		switch {
		case !known:
			c.Added = append(c.Added, key)
		case !old.Equal(now):
			c.Updated = append(c.Updated, key)
		}
	}
	for key := range before {
		if _, kept := after[key]; !kept {
			c.Removed = append(c.Removed, key)
		}
	}
	slices.Sort(c.Added)
	slices.Sort(c.Removed)
	slices.Sort(c.Updated)
	return c
}

func (c Change) isEmpty() bool {
	return len(c.Added)+len(c.Removed)+len(c.Updated) == 0
}

// observers are the functions that want to know of changes.
type observers struct {
	mu   sync.Mutex
	list []*func(Change) // guarded by mu
}

// add returns the function that removes fn again.
func (o *observers) add(fn func(Change)) (stop func()) {
	entry := &fn
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, entry)
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.list = slices.DeleteFunc(o.list, func(e *func(Change)) bool { return e == entry })
	}
}

func (o *observers) tell(c Change) {
	o.mu.Lock()
	list := slices.Clone(o.list)
	o.mu.Unlock()
	tellEach(list, c)
}

// tellEach tells all, also when one of them panics: that goes on to who has made the
// change, when the others have ended the connections of keys that are trusted no more.
func tellEach(list []*func(Change), c Change) {
	if len(list) == 0 {
		return
	}
	defer tellEach(list[1:], c)
	(*list[0])(c)
}
