package node

import (
	"net/netip"

	"github.com/go-zactor/zactor/internal/zre"
)

// Link names one way to a peer, from a Dial to its Hangup. Links are never used
// again, and none is zero.
type Link uint64

// Target is where a link is to lead.
type Target struct {
	Peer ID
	At   netip.AddrPort
	Key  string // the key that must answer there; empty in clear
}

// Host does what a Node can't. Its methods must not block, nor call the Node.
type Host interface {
	// Dial makes a link. It takes messages at once. Linked, or DialFailed, follows.
	Dial(Link, Target)
	// Trust says that the peer behind a link is real: from now on the link is to be
	// made anew by itself when it is lost.
	Trust(Link)
	// Send puts a message on a link, or reports that there is no room.
	Send(Link, [][]byte) bool
	// Hangup ends a link. With flush, what is on it is sent if that is soon done.
	Hangup(l Link, flush bool)
	// Local is the own address that a host can reach.
	Local(netip.Addr) netip.Addr
	// Event is told to the application.
	Event(Event)
	// Refused is told of a node that does not become a peer, each time that it is turned
	// away.
	Refused(Refused)
}

// EventKind is what an event tells.
type EventKind uint8

// The kinds of events.
const (
	Enter EventKind = iota
	Exit
	Evasive
	Recovered
	Join
	Leave
	Whisper
	Shout
	Leader
)

// Event is something that the application is to know.
type Event struct {
	Kind    EventKind
	Peer    ID
	Name    string
	Group   string
	Headers map[string]string // Enter; not to be changed
	At      netip.AddrPort    // Enter
	Key     string            // Enter
	Content [][]byte          // Whisper, Shout
	Reason  Reason            // Exit
}

// Reason says why a peer is gone.
type Reason uint8

// The reasons.
const (
	Goodbye     Reason = iota // it said so
	Expired                   // it was silent for too long
	Unreachable               // nobody listens where it was
	Lost                      // messages of it are missing
	Malformed                 // it sent what is not ZRE, or breaks a limit
	Reset                     // it has begun anew
	Slow                      // it does not take what it must be told
	Stopped                   // the own node has stopped
	Crowded                   // it made room for a peer from an address with fewer
	Revoked                   // its key is trusted no more
)

func (r Reason) String() string {
	return [...]string{
		"goodbye", "expired", "unreachable", "messages lost", "malformed message",
		"began anew", "too slow", "stopped", "crowded out", "key revoked",
	}[r]
}

// Counters count what was refused, each under the first reason that applied, and
// what was dialled.
type Counters struct {
	Beacons        uint64 // heard, without the own
	BeaconVersion  uint64 // of a node in clear at one with a key, or the reverse
	BeaconKey      uint64 // a known UUID with another key
	BeaconFull     uint64 // there was no room for a candidate, or for a peer
	Goodbyes       uint64 // beacons that said of a peer that it leaves
	Dials          uint64
	DialsFailed    uint64
	Malformed      uint64 // messages that are not ZRE, or break a limit
	Stranger       uint64 // messages of nodes that have not said HELLO
	Impostor       uint64 // messages in the name of a peer, but not its own
	KeyMismatch    uint64 // HELLOs with another key than the connection or the UUID
	Flapping       uint64 // HELLOs too soon after one that was taken
	Full           uint64 // HELLOs above MaxPeers
	Evicted        uint64 // peers that made room for those from addresses with fewer
	Gaps           uint64 // peers that were ended because messages are missing
	StatusMismatch uint64 // JOINs and LEAVEs with a wrong status: taken
	NotMember      uint64 // SHOUTs for a group that the node is not in
	Received       [zre.Goodbye + 1]uint64
	Sent           [zre.Goodbye + 1]uint64
}
