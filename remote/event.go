package remote

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/logs"
)

// Event tells what has happened between this space and another node: see Space.Events.
type Event struct {
	Kind  EventKind
	Peer  Peer
	Actor string // the name that was asked for; not of Silent and Heard
	Err   error  // why, of Denied and Unknown
	N     uint64 // of Missed: how many events
}

// EventKind is what an Event tells.
type EventKind uint8

// The kinds of events.
const (
	Silent   EventKind = iota // the node does not answer, and is passed over from now on
	Heard                     // a silent node was heard again
	Denied                    // it may not use the actor: see WithAllow
	Unknown                   // it sent what the actor's protocol does not have, or can't decode
	Busy                      // its quota was full: a message or a question was refused
	NotFound                  // there is no actor of that name
	Missed                    // the reader was slow: N events are missing here
)

var eventNames = [...]string{"Silent", "Heard", "Denied", "Unknown", "Busy", "NotFound", "Missed"}

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
	s := fmt.Sprintf("%s %q", e.Kind, e.Peer.Name)
	if e.Actor != "" {
		s += fmt.Sprintf(" actor %q", e.Actor)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// eventLimit is how many events wait for one reader.
const eventLimit = 10000

func newFeed() *feed.Queue[Event] {
	return feed.NewQueue(feed.Config[Event]{
		Limit:  eventLimit,
		Missed: func(n uint64) Event { return Event{Kind: Missed, N: n} },
	})
}

// Events returns what happens between this space and other nodes from this call on. The
// subscription ends with ctx, ranged over or not, and with the space; ranging again goes
// on where the first loop stopped. Up to 10,000 events wait for a reader; then the newest
// are left out, and Missed says how many.
func (s *Space) Events(ctx context.Context) iter.Seq[Event] { return s.events.Events(ctx) }

// WithLogger writes to l who is refused, and who does not answer, once in ten seconds
// for each node and reason: docs/events.md, ZA0611 and after. It is called on a goroutine
// of its own.
func WithLogger(l zerolog.Logger) Option {
	return func(o *options) error { o.log = o.log.Zerolog(l); return nil }
}

// WithSlog is WithLogger for log/slog. Both may be given.
func WithSlog(l *slog.Logger) Option {
	return func(o *options) error { o.log = o.log.Slog(l); return nil }
}

// logIDs are the lines of those events that have one.
var logIDs = map[EventKind]logs.ID{
	Silent: logs.RemoteSilent, Denied: logs.RemoteDenied, Unknown: logs.RemoteUnknown, Busy: logs.RemoteBusy,
}

// logEvents starts the goroutine that writes the log, unless there is none to write. It
// ends with the feed.
func (s *Space) logEvents() {
	log := s.options.log
	if log == (logs.Logger{}) {
		return
	}
	events := s.events.Events(context.Background())
	s.wg.Go(func() {
		contain.Run("remote: log", func() error {
			for e := range events {
				e.write(log)
			}
			log.Flush()
			return nil
		}, func(error) {}, nil)
	})
}

func (e Event) write(l logs.Logger) {
	id, has := logIDs[e.Kind]
	if !has {
		return
	}
	fields := []logs.Field{logs.Str("node", e.Peer.Name), logs.Str("uuid", e.Peer.ID.String())}
	if e.Actor != "" {
		fields = append(fields, logs.Str("actor", e.Actor))
	}
	if e.Err != nil {
		fields = append(fields, logs.Err(e.Err))
	}
	l.Limited(id, e.Peer.ID.String()+e.Actor, fields...)
}
