package lastvalue

import (
	"fmt"
	"log/slog"
	"strconv"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/figures"
)

// EventKind says what has happened.
type EventKind uint8

// The kinds of events.
const (
	Behind   EventKind = iota + 1 // a subscriber has no room: it gets the newest values when it has
	CaughtUp                      // it has the newest values now
	Refused                       // a source's message, or a subscription, is not taken
	Evicted                       // the value of a topic made room for another one
	Missed                        // the reader was slow: N events are missing here
)

// String is the kind in lower case.
func (k EventKind) String() string {
	if k < Behind || k > Missed {
		return "event " + strconv.Itoa(int(k))
	}
	return [...]string{"behind", "caught up", "refused", "evicted", "missed"}[k-Behind]
}

// Event is what has happened to a subscriber, or to a topic.
type Event struct {
	Kind  EventKind
	Topic string // of Refused and Evicted
	Peer  string // the address of the subscriber, or of the source
	Err   error  // of Refused: why
	N     uint64 // of Missed: how many events
}

// String is one line for people.
func (e Event) String() string {
	if e.Kind == Missed {
		return fmt.Sprintf("missed %d events", e.N)
	}
	s := e.Kind.String()
	if e.Topic != "" {
		s += fmt.Sprintf(" %.60q", e.Topic)
	}
	if e.Peer != "" {
		s += " " + e.Peer
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func newEvents() *feed.Queue[Event] {
	return feed.NewQueue(feed.Config[Event]{Limit: 1000, Missed: func(n uint64) Event { return Event{Kind: Missed, N: n} }})
}

// Stats are a Cache's counters; the first four are as things stand, the others since New.
type Stats struct {
	Topics      int
	Bytes       int64 // in topics and values, with 32 for each frame
	Subscribers int   // that have a subscription
	Behind      int   // of those, that have not got all values yet

	Published uint64 // values taken, from Publish and from sources
	Sent      uint64 // messages queued for subscribers
	Skipped   uint64 // steps that a subscriber which was behind did not get
	Refused   uint64 // values and subscriptions that were not taken
	Evicted   uint64 // values that made room
}

// String is one line for people: each counter that is not zero, with its name.
func (s Stats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s Stats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s Stats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }
