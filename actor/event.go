package actor

import (
	"fmt"
	"time"
)

// Event tells what happened to an actor that is supervised or registered:
// see Supervisor.Events and Registry.Events.
type Event struct {
	Kind  EventKind
	Child string        // the actor's name
	Err   error         // why, when there is a reason
	Delay time.Duration // of Restarting: how long it waits for its restart
	Type  string        // of DeadLetter and Slow: the type of the message
	N     uint64        // of Missed: how many events; of Undelivered: how many messages
}

// EventKind is what an Event tells.
type EventKind uint8

// The kinds of events.
const (
	Started     EventKind = iota // its function was started, and may not be ready yet
	Ready                        // it is ready
	NotReady                     // it was not ready in time, and is told to end
	Exited                       // its function has returned, or was stopped with its siblings
	Restarting                   // it will be started again, after Delay
	Ended                        // it will not be started again; Err is its actor's
	Stuck                        // its function did not return within the stop timeout
	GaveUp                       // it was the one because of which the supervisor gives up
	DeadLetter                   // a message was in hand when its life failed, and is gone
	Full                         // its mailbox is full
	Slow                         // it works on one message for longer than WithSlow
	Missed                       // the reader was slow: N events are missing here
	Undelivered                  // it has ended with N messages in its mailbox: see UnsentError
)

var eventNames = [...]string{
	"Started", "Ready", "NotReady", "Exited", "Restarting", "Ended", "Stuck", "GaveUp",
	"DeadLetter", "Full", "Slow", "Missed", "Undelivered",
}

// String returns the kind's name.
func (k EventKind) String() string {
	if int(k) < len(eventNames) {
		return eventNames[k]
	}
	return "unknown"
}

// String writes the event for a log.
func (e Event) String() string {
	if e.Kind == Missed {
		return fmt.Sprintf("%s %d", e.Kind, e.N)
	}
	s := fmt.Sprintf("%s %q", e.Kind, e.Child)
	if e.Type != "" {
		s += " " + e.Type
	}
	if e.Kind == Undelivered {
		s += fmt.Sprintf(" %d", e.N)
	}
	if e.Kind == Restarting {
		s += fmt.Sprintf(" in %v", e.Delay)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}
