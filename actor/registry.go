package actor

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
)

// Registry finds actors by their names: see WithRegistry. It may be used from
// any goroutine.
type Registry struct {
	events events

	mu     sync.RWMutex
	actors map[string]Unit            // guarded by mu
	groups map[string]map[string]Unit // guarded by mu: by group and name
}

// NewRegistry makes an empty registry.
func NewRegistry() *Registry {
	return &Registry{actors: map[string]Unit{}, groups: map[string]map[string]Unit{}}
}

// Lookup returns the actor with that name, if there is one.
func (r *Registry) Lookup(name string) (Unit, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	a, ok := r.actors[name]
	return a, ok
}

// Find returns the typed actor with that name.
//
// Errors: ErrNotFound, or ErrType when its messages are no M.
func Find[M any](r *Registry, name string) (*Ref[M], error) {
	u, ok := r.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	ref, ok := u.(*Ref[M])
	if !ok {
		return nil, fmt.Errorf("%w: %q is a %T, not a %T", ErrType, name, u, ref)
	}
	return ref, nil
}

// All ranges over the actors that are registered at the call, by their names.
func (r *Registry) All() iter.Seq2[string, Unit] {
	r.mu.RLock()
	all := maps.Clone(r.actors)
	r.mu.RUnlock()
	return func(yield func(string, Unit) bool) {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if !yield(name, all[name]) {
				return
			}
		}
	}
}

// Group ranges over the members of a group that are there at the call, by their
// names: the actors that were made with WithGroup.
func (r *Registry) Group(group string) iter.Seq2[string, Unit] {
	r.mu.RLock()
	all := maps.Clone(r.groups[group])
	r.mu.RUnlock()
	return func(yield func(string, Unit) bool) {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if !yield(name, all[name]) {
				return
			}
		}
	}
}

// Names returns the names of all registered actors, sorted.
func (r *Registry) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.actors))
}

// Events returns what happens to registered actors from this call on: see
// Supervisor.Events. The subscription ends with ctx.
func (r *Registry) Events(ctx context.Context) iter.Seq[Event] { return r.events.queue().Events(ctx) }

// enter registers a; a nil registry has no rules.
func (r *Registry) enter(a Unit) error {
	if r == nil {
		return nil
	}
	u := a.base()
	if u.name == "" {
		return ErrNoName
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.actors[u.name]; taken {
		return fmt.Errorf("%w: %q is registered", ErrNameTaken, u.name)
	}
	r.actors[u.name] = a
	for _, g := range u.groups {
		if r.groups[g] == nil {
			r.groups[g] = map[string]Unit{}
		}
		r.groups[g][u.name] = a
	}
	return nil
}

func (r *Registry) leave(u *unit) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.actors[u.name]; a == nil || a.base() != u {
		return
	}
	delete(r.actors, u.name)
	for _, g := range u.groups {
		delete(r.groups[g], u.name)
		if len(r.groups[g]) == 0 {
			delete(r.groups, g)
		}
	}
}
