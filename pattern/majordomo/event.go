package majordomo

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
	WorkerReady EventKind = iota + 1 // broker: a worker offers a service
	WorkerLost                       // broker: a worker is gone, or taken for gone
	Redelivered                      // broker: the request of a lost worker waits for another one
	Dropped                          // broker: a request, or its answer, is given up
	Malformed                        // broker: a peer sent what MDP does not have
	Offered                          // worker: it has said READY to a broker, which need not be there yet
	BrokerLost                       // worker: its broker is gone; it turns to the next one
	Retry                            // client: an attempt failed, and there is another one
	GaveUp                           // client: the last attempt failed
	Missed                           // the reader was slow: N events are missing here
)

var kinds = [...]string{"worker ready", "worker lost", "redelivered", "dropped", "malformed",
	"offered", "broker lost", "retry", "gave up", "missed"}

// String is the kind in lower case.
func (k EventKind) String() string {
	if k < WorkerReady || k > Missed {
		return "event " + strconv.Itoa(int(k))
	}
	return kinds[k-WorkerReady]
}

// Event is what has happened to a broker, a worker or a client.
type Event struct {
	Kind    EventKind
	Service string
	Peer    string // broker: the routing id of the worker or client, in hex; else an endpoint
	Attempt int    // client: which one it was, counted from 1
	Err     error  // why
	N       uint64 // of Missed: how many events
}

// String is one line for people.
func (e Event) String() string {
	if e.Kind == Missed {
		return fmt.Sprintf("missed %d events", e.N)
	}
	s := e.Kind.String()
	if e.Service != "" {
		s += fmt.Sprintf(" %q", e.Service)
	}
	if e.Peer != "" {
		s += " " + e.Peer
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// eventOf is a client's attempt that failed, as an Event.
func eventOf(f attempt.Failure) Event {
	e := Event{Kind: Retry, Peer: f.Endpoint, Attempt: f.Attempt, Err: f.Err}
	if f.Last {
		e.Kind = GaveUp
	}
	return e
}

func newEvents() *feed.Queue[Event] {
	return feed.NewQueue(feed.Config[Event]{Limit: 1000, Missed: func(n uint64) Event { return Event{Kind: Missed, N: n} }})
}

// BrokerStats are a broker's counters; the first four are as things stand, the others
// since NewBroker.
type BrokerStats struct {
	Workers  int   // that are alive
	Busy     int   // of those, that have a request
	Services int   // that have a worker or a request
	Queued   int   // requests that wait for a worker
	Bytes    int64 // in them, and in those that workers have

	Requests    uint64 // taken
	Answers     uint64 // finals handed on
	Partials    uint64 // handed on
	Redelivered uint64 // requests of lost workers
	Dropped     uint64 // requests and answers given up
	WorkersLost uint64
	Malformed   uint64 // messages
}

// String is one line for people: each counter that is not zero, with its name.
func (s BrokerStats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s BrokerStats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s BrokerStats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }

// WorkerStats are a worker's counters.
type WorkerStats struct {
	Requests   uint64 // given to the handler
	Answers    uint64 // finals sent
	Partials   uint64 // sent
	Offers     uint64 // times that it said READY to a broker
	BrokerLost uint64 // times that the broker was silent or sent it away
}

// String is one line for people: each counter that is not zero, with its name.
func (s WorkerStats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s WorkerStats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s WorkerStats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }

// ClientStats are a client's counters.
type ClientStats struct {
	Calls   uint64 // all of them
	Answers uint64 // calls that returned an answer
	Failed  uint64 // calls that returned an error
	Retries uint64 // attempts after the first one of a call
}

// String is one line for people: each counter that is not zero, with its name.
func (s ClientStats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s ClientStats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s ClientStats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }
