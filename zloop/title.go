package zloop

import "github.com/go-zactor/zactor/internal/figures"

// String is the name of WithName and the loop's state: what is inside is at work.
func (l *Loop) String() string {
	name, state := "", "idle"
	if l.listed != nil {
		name = l.listed.name
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		state = "closed"
	case l.running:
		state = "running"
	}
	return figures.Title("zloop.Loop", name, state)
}

// GoString is String, for %#v.
func (l *Loop) GoString() string { return l.String() }
