package gossip

import (
	"log/slog"

	"github.com/go-zactor/zactor/internal/figures"
)

// Stats counts what a node has done and refused since New.
type Stats struct {
	Tuples  int
	Deleted int // that are remembered
	Bytes   int // of keys and values, deleted ones among them
	Links   int // live ones, of both directions

	Received  uint64 // messages
	Sent      uint64
	Delivered uint64 // changes of the table

	Malformed uint64 // messages that are not zgossip or too large: each ended its peer's session
	Barred    uint64 // messages of peers that were malformed a moment ago
	Flood     uint64 // peers that were barred because they sent too much
	Strangers uint64 // messages of clients that have not said HELLO, each answered INVALID
	PeersFull uint64 // clients above WithMaxPeers
	KeysFull  uint64 // tuples of others for which the table had no room
	OverShare uint64 // tuples of peers that fill as much of the table as WithShares allows
	Evicted   uint64 // tuples that had to make room for those of others
	Future    uint64 // tuples with a stamp from too far ahead
	Stale     uint64 // older tuples than the own
	Contests  uint64 // values of czmq peers that went in circles, and were decided by size
	Invalid   uint64 // INVALIDs of hubs, each answered by a new HELLO
	Resyncs   uint64 // tables asked for again
	Redials   uint64 // hubs that did not answer any more
	Panics    uint64 // that were contained: each ended one task, and a session if a message was its cause
}

// Stats returns the counters as they stand.
func (n *Node) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.core.Counters()
	s := Stats{
		Panics:   n.guard.Panics(),
		Bytes:    n.core.Used(),
		Received: c.Received, Sent: c.Sent, Delivered: c.Delivered,
		Malformed: c.Malformed, Barred: c.Barred, Flood: c.Flood, Strangers: c.Strangers, PeersFull: c.PeersFull,
		KeysFull: c.KeysFull, OverShare: c.OverShare, Evicted: c.Evicted, Future: c.Future, Stale: c.Stale,
		Contests: c.Contests, Invalid: c.Invalid, Resyncs: c.Resyncs, Redials: c.Redials,
	}
	s.Tuples, s.Deleted, s.Links = n.core.Knows()
	return s
}

// String is one line for people: each counter that is not zero, with its name.
func (s Stats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s Stats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s Stats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }
