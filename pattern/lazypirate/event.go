package lazypirate

import (
	"fmt"
	"log/slog"
	"strconv"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/pattern/internal/attempt"
)

// EventKind says what has happened.
type EventKind uint8

// The kinds of events.
const (
	Retry  EventKind = iota + 1 // an attempt failed, and there is another one
	GaveUp                      // the last attempt failed: Call returns ErrNoAnswer
	Missed                      // the reader was slow: N events are missing here
)

// String is the kind in lower case.
func (k EventKind) String() string {
	if k < Retry || k > Missed {
		return "event " + strconv.Itoa(int(k))
	}
	return [...]string{"retry", "gave up", "missed"}[k-Retry]
}

// Event is an attempt that failed.
type Event struct {
	Kind     EventKind
	Endpoint string // who did not answer
	Attempt  int    // which one it was, counted from 1
	Err      error  // why
	N        uint64 // of Missed: how many events
}

// String is one line for people.
func (e Event) String() string {
	if e.Kind == Missed {
		return fmt.Sprintf("missed %d events", e.N)
	}
	return fmt.Sprintf("%v after attempt %d at %s: %v", e.Kind, e.Attempt, e.Endpoint, e.Err)
}

// eventOf is an attempt that failed, as an Event.
func eventOf(f attempt.Failure) Event {
	e := Event{Kind: Retry, Endpoint: f.Endpoint, Attempt: f.Attempt, Err: f.Err}
	if f.Last {
		e.Kind = GaveUp
	}
	return e
}

func newEvents() *feed.Queue[Event] {
	return feed.NewQueue(feed.Config[Event]{Limit: 1000, Missed: func(n uint64) Event { return Event{Kind: Missed, N: n} }})
}

// Stats counts what a Caller has done since New.
type Stats struct {
	Calls   uint64 // all of them
	Answers uint64 // calls that returned a reply
	Failed  uint64 // calls that returned an error
	Retries uint64 // attempts after the first one of a call
}

// String is one line for people: each counter that is not zero, with its name.
func (s Stats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s Stats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s Stats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }
