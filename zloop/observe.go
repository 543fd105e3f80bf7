package zloop

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/registry"
)

// subject is a loop with a name, as the registry of this process knows it: from the
// beginning of Run to its end.
type subject struct {
	registry.Entry
	l      *Loop
	name   string
	passes atomic.Uint64
	since  atomic.Int64 // when this pass began, in Unix nanoseconds; 0 while it sleeps
}

// slowPass is how long a pass may take before the loop is unwell.
const slowPass = 10 * time.Second

// WithName names the loop: package observe shows those that have a name while they run,
// and which of them a handler holds up.
func WithName(name string) Option {
	return Option{func(l *Loop) error {
		if name == "" {
			return fmt.Errorf("%w: WithName: no name", ErrOption)
		}
		l.listed = &subject{l: l, name: name}
		return nil
	}}
}

// The methods that follow may be called of nil, which is a loop without a name.

func (s *subject) begins() {
	if s != nil {
		s.Enter(registry.Loop, s)
	}
}

func (s *subject) ends() {
	if s != nil {
		s.since.Store(0)
		s.Leave()
		s.passes.Store(0) // the registry has them
	}
}

func (s *subject) works() {
	if s != nil {
		s.passes.Add(1)
		s.since.Store(time.Now().UnixNano())
	}
}

func (s *subject) rests() {
	if s != nil {
		s.since.Store(0)
	}
}

// RegistrySnapshot implements registry.Subject.
func (s *subject) RegistrySnapshot(r *registry.Snapshot) {
	r.Name, r.State = s.name, "idle"
	r.Count("passes", "", s.passes.Load())
	s.l.mu.Lock()
	r.Level("sources", len(s.l.handles))
	r.Level("posts", len(s.l.posts))
	r.Level("timers", len(s.l.timers))
	s.l.mu.Unlock()
	since := s.since.Load()
	if since == 0 {
		return
	}
	r.State = "busy"
	if d := time.Since(time.Unix(0, since)); d > slowPass {
		r.Unwell = append(r.Unwell, fmt.Sprintf("has been in one pass for %v: a handler does not return", d.Round(time.Second)))
	}
}
