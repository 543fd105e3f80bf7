package actor

import "github.com/go-zactor/zactor/internal/figures"

// title is what an actor shows of itself.
func (u *unit) title(typ string) string {
	u.mu.Lock()
	p := u.phase
	u.mu.Unlock()
	state := "running"
	switch {
	case p&ended != 0:
		state = "ended"
	case p&(final|ending|draining) != 0:
		state = "ending"
	}
	return figures.Title(typ, u.Name(), state)
}

// String is its name and state: what is inside is at work.
func (a *Actor) String() string { return a.title("actor.Actor") }

// GoString is String, for %#v.
func (a *Actor) GoString() string { return a.String() }

// String is its name and state: what is inside is at work.
func (r *Ref[M]) String() string { return r.title("actor.Ref") }

// GoString is String, for %#v.
func (r *Ref[M]) GoString() string { return r.String() }

// String is the name and state of its actor: what is inside is at work.
func (c *Context[M]) String() string { return c.r.title("actor.Context") }

// GoString is String, for %#v.
func (c *Context[M]) GoString() string { return c.String() }

// String is the name and state of its actor: what is inside is at work.
func (p *Pipe) String() string { return p.a.title("actor.Pipe") }

// GoString is String, for %#v.
func (p *Pipe) GoString() string { return p.String() }

// String is its strategy and state: what is inside is at work.
func (s *Supervisor) String() string {
	s.mu.Lock()
	now := s.state
	s.mu.Unlock()
	state := "idle"
	switch {
	case now&closed != 0:
		state = "closed"
	case now&stopping != 0:
		state = "stopping"
	case now&running != 0:
		state = "running"
	}
	return figures.Title("actor.Supervisor", s.strategy.String(), state)
}

// GoString is String, for %#v.
func (s *Supervisor) GoString() string { return s.String() }
