package actor

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Registry finds actors by their names: see WithRegistry. It may be used from
// any goroutine.
type Registry struct {
	mu     sync.RWMutex
	actors map[string]*Actor // guarded by mu
}

// NewRegistry makes an empty registry.
func NewRegistry() *Registry { return &Registry{actors: make(map[string]*Actor)} }

// Lookup returns the actor with that name, if there is one.
func (r *Registry) Lookup(name string) (*Actor, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	a, ok := r.actors[name]
	return a, ok
}

// Names returns the names of all registered actors, sorted.
func (r *Registry) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.actors))
}

// enter registers a; a nil registry has no rules.
func (r *Registry) enter(a *Actor) error {
	if r == nil {
		return nil
	}
	if a.name == "" {
		return ErrNoName
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.actors[a.name]; taken {
		return fmt.Errorf("%w: %q is registered", ErrNameTaken, a.name)
	}
	r.actors[a.name] = a
	return nil
}

func (r *Registry) leave(a *Actor) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.actors, a.name)
}
