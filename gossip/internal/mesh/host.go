package mesh

import "time"

// Link names one way to a peer. None is zero, which stands for the program.
type Link uint64

// Host does what a Mesh can't. Its methods must not block, nor call the Mesh.
type Host interface {
	// Send puts a message on a link, or reports that there is no room.
	Send(Link, []byte) bool
	// Redial ends the connection of a dialled link, and makes it anew after a while.
	Redial(l Link, after time.Duration)
	// Changed says that another tuple has this key, or none.
	Changed(key string)
	// Refused says that something of a link was not taken, and why.
	Refused(l Link, why Refusal)
}

// Refusal is why something of a peer is not taken.
type Refusal uint8

// The reasons.
const (
	Malformed  Refusal = iota // a message is not zgossip, or too large: its session ends
	Flood                     // it sends too much: its session ends
	NoPlace                   // there are as many links as there may be
	TableFull                 // the table has no room for its tuple
	ShareFull                 // it fills as much of the table as it may
	FromFuture                // its tuple has a stamp from too far ahead
	Silent                    // it is a hub, and does not answer any more: it is dialled again
)

// Config is how a Mesh behaves.
type Config struct {
	Timeout   time.Duration // a czmq hub forgets clients that are silent for so long
	Memory    time.Duration // deletions are remembered for so long
	Grace     time.Duration // what a czmq client has to say comes before what it is told
	Echo      time.Duration // a czmq client repeats what it is told within this
	Bar       time.Duration // who was malformed is not heard for so long
	MaxKeys   int           // deletions that are remembered among them
	MaxBytes  int           // of all keys and values
	Peer      float64       // the part of both that one accepted link may hold,
	Address   float64       // and all from one address
	MaxValue  int           // in bytes
	MaxPeers  int           // accepted links
	MaxMargin time.Duration // stamps from further ahead than this are refused
}

// Counters count what has come, gone, and been refused.
type Counters struct {
	Received  uint64 // messages
	Sent      uint64
	Delivered uint64 // changes of the table

	Malformed uint64 // messages that are not zgossip or too large: each ended its peer's session
	Barred    uint64 // messages of peers that were malformed a moment ago
	Flood     uint64 // peers that were barred because they sent too much
	Strangers uint64 // messages of clients that have not said HELLO, each answered INVALID
	PeersFull uint64 // HELLOs above MaxPeers
	KeysFull  uint64 // tuples of others for which the table had no room
	OverShare uint64 // tuples of peers that hold as much of the table as they may, alone or with their address
	Evicted   uint64 // tuples that had to make room
	Future    uint64 // tuples with a stamp from too far ahead
	Stale     uint64 // older tuples than the own
	Contests  uint64 // values of unversioned peers that went in circles, and were decided by size
	Invalid   uint64 // INVALIDs of hubs, each answered by a new HELLO
	Resyncs   uint64 // tables asked for again
	Redials   uint64 // hubs that did not answer any more
}
