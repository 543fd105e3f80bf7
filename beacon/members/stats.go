package members

import (
	"log/slog"

	"github.com/go-zactor/zactor/internal/figures"
)

// Stats counts what a member knows and has refused.
type Stats struct {
	Members   int    // that are alive, this one among them
	Malformed uint64 // announcements that are none
	Refused   uint64 // members above WithMaxPeers
	Foreign   uint64 // times that a member with another key or label was heard
	Limited   uint64 // packets dropped: above 4,000 a second, or above their address's share
	Muted     uint64 // times that an address was not heard for a second, because it floods (Linux)
	Crowded   uint64 // connections turned away or closed: their address had the most
	Panics    uint64 // that were contained: each ended one task
}

// Stats returns the counters as they stand.
func (m *Members) Stats() Stats {
	t := &m.traffic
	return Stats{
		Members: m.list.NumMembers(), Malformed: m.malformed.Load(), Refused: m.refused.Load(), Foreign: m.strangers.Load(),
		Limited: t.limited.Load(), Muted: t.muted.Load(), Crowded: t.crowded.Load(), Panics: m.tasks.Panics(),
	}
}

// String is one line for people: each counter that is not zero, with its name.
func (s Stats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s Stats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s Stats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }
