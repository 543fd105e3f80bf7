package actor

import (
	"fmt"
	"time"
)

// Event is something that happened to a child of a supervisor: see WithOnEvent.
type Event struct {
	Kind  EventKind
	Child string        // its name
	Err   error         // why, when there is a reason
	Delay time.Duration // of Restarting: how long it waits for its restart
}

// EventKind is what an Event tells.
type EventKind uint8

// The kinds of events.
const (
	Started    EventKind = iota // its function was started, and may not be ready yet
	Exited                      // its function has returned, or was stopped with its siblings
	Restarting                  // it will be started again, after Delay
	Ended                       // it will not be started again; Err is its actor's
	Stuck                       // its function did not return within the stop timeout
	GaveUp                      // it was the one because of which the supervisor gives up
)

// String returns the kind's name.
func (k EventKind) String() string {
	switch k {
	case Started:
		return "Started"
	case Exited:
		return "Exited"
	case Restarting:
		return "Restarting"
	case Ended:
		return "Ended"
	case Stuck:
		return "Stuck"
	case GaveUp:
		return "GaveUp"
	}
	return "unknown"
}

// String writes the event for a log.
func (e Event) String() string {
	s := fmt.Sprintf("%s %q", e.Kind, e.Child)
	if e.Kind == Restarting {
		s += fmt.Sprintf(" in %v", e.Delay)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}
