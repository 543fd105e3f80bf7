package cert

import (
	"iter"
	"maps"
	"sync"
)

// A MemStore is a Store that the program fills. Its zero value is empty and ready
// to use.
type MemStore struct {
	observers observers

	mu    sync.RWMutex
	certs trusted // guarded by mu; replaced, never changed
}

// NewMemStore returns a store that trusts the given certificates.
func NewMemStore(certs ...*Cert) *MemStore {
	s := new(MemStore)
	for _, c := range certs {
		s.Insert(c)
	}
	return s
}

// Insert trusts a key, or replaces its metadata. The store keeps a copy without
// the secret.
func (s *MemStore) Insert(c *Cert) {
	s.update(func(certs trusted) { certs[c.Public()] = c.withoutSecret() })
}

// Remove trusts a key no more, and reports whether it did before.
func (s *MemStore) Remove(publicZ85 string) bool {
	_, found := s.Lookup(publicZ85)
	s.update(func(certs trusted) { delete(certs, publicZ85) })
	return found
}

func (s *MemStore) update(edit func(trusted)) {
	s.mu.Lock()
	before, after := s.certs, maps.Clone(s.certs)
	if after == nil {
		after = make(trusted)
	}
	edit(after)
	s.certs = after
	s.mu.Unlock()
	if c := difference(before, after); !c.isEmpty() {
		s.observers.tell(c)
	}
}

// Lookup implements Store.
func (s *MemStore) Lookup(publicZ85 string) (*Cert, bool) {
	return s.snapshot().lookup(publicZ85)
}

// All yields the certificates as they are now, in the order of their keys.
func (s *MemStore) All() iter.Seq[*Cert] { return s.snapshot().all() }

func (s *MemStore) snapshot() trusted {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.certs
}

// OnChange calls fn after each change, in the goroutine that made it, until stop
// is called. Changes made by two goroutines at once may be told in either order. When fn
// panics the others are told nevertheless, the change stands, and who made it panics.
func (s *MemStore) OnChange(fn func(Change)) (stop func()) { return s.observers.add(fn) }
