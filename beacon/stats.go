package beacon

import (
	"log/slog"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/figures"
)

// Stats counts what a beacon has done since New. Received is always the sum of
// Accepted and of everything in Dropped but Overflow.
type Stats struct {
	Sent       uint64 // datagrams sent, one per interface and interval
	SendErrors uint64 // datagrams that an interface did not take
	LinkErrors uint64 // interfaces that could not be opened, each try counted
	ReadErrors uint64
	Pauses     uint64 // times that nothing was read for a while, because too much came
	Received   uint64 // datagrams that were read from the port
	Accepted   uint64 // signals that were given to the readers
	Dropped    Drops
	Panics     uint64 // that were contained, hooks' among them: each ended one task
}

// Drops counts datagrams that were not delivered, each under the first reason
// that applied.
type Drops struct {
	Oversize    uint64 // longer than WithMaxSize
	Source      uint64 // the source address can't be a host's
	Interface   uint64 // arrived on an interface that is not in use
	Echo        uint64 // the beacon's own
	Filtered    uint64 // not the subscribed prefix, or no subscription
	RateLimited uint64 // above WithRateLimit
	Overflow    uint64 // accepted, but dropped from the queue of a slow reader, each counted
}

type counters struct {
	sent, sendErrors, linkErrors, readErrors, pauses, received, accepted atomic.Uint64
	dropped                                                              [reasons]atomic.Uint64
}

// Stats returns the counters as they stand.
func (b *Beacon) Stats() Stats {
	c := &b.counters
	return Stats{
		Sent:       c.sent.Load(),
		SendErrors: c.sendErrors.Load(),
		LinkErrors: c.linkErrors.Load(),
		ReadErrors: c.readErrors.Load(),
		Pauses:     c.pauses.Load(),
		Received:   c.received.Load(),
		Accepted:   c.accepted.Load(),
		Panics:     b.config.tasks.Panics(),
		Dropped: Drops{
			Oversize:    c.dropped[oversize].Load(),
			Source:      c.dropped[badSource].Load(),
			Interface:   c.dropped[otherInterface].Load(),
			Echo:        c.dropped[echo].Load(),
			Filtered:    c.dropped[filtered].Load(),
			RateLimited: c.dropped[rateLimited].Load(),
			Overflow:    b.signals.Lost(),
		},
	}
}

// String is one line for people: each counter that is not zero, with its name.
func (s Stats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s Stats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s Stats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }

// String is one line for people: each counter that is not zero, with its name.
func (d Drops) String() string { return figures.Text(d) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (d Drops) LogValue() slog.Value { return figures.Value(d) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (d Drops) MarshalJSON() ([]byte, error) { return figures.JSON(d) }
