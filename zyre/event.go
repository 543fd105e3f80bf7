package zyre

import (
	"strconv"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// EventKind is what an event tells.
type EventKind uint8

// The kinds of events.
const (
	Enter     = EventKind(node.Enter)     // a peer is there, and can be talked to
	Exit      = EventKind(node.Exit)      // it is gone
	Evasive   = EventKind(node.Evasive)   // it has been silent for too long
	Recovered = EventKind(node.Recovered) // it was evasive, and has been heard again
	Join      = EventKind(node.Join)      // it has joined a group
	Leave     = EventKind(node.Leave)     // it has left one
	Whisper   = EventKind(node.Whisper)   // it has sent a message to this node
	Shout     = EventKind(node.Shout)     // it has sent one to a group that this node is in
	Leader    = EventKind(node.Leader)    // it, or this node itself, leads a group
	Lost      = EventKind(lost)           // events are missing here, because the reader was slow
	Refused   = EventKind(lost + 1)       // a node does not become a peer: this one has refused it, or it this one
)

const lost = node.Leader + 1

var kindNames = [...]string{
	Enter: "ENTER", Exit: "EXIT", Evasive: "EVASIVE", Recovered: "RECOVERED", Join: "JOIN", Leave: "LEAVE",
	Whisper: "WHISPER", Shout: "SHOUT", Leader: "LEADER", Lost: "LOST", Refused: "REFUSED",
}

// String is the kind's name, where zyre has it as zyre's.
func (k EventKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "event " + strconv.Itoa(int(k))
}

// Reason says why a peer is gone.
type Reason uint8

// The reasons.
const (
	Goodbye     = Reason(node.Goodbye)     // it said so, or was said to have left and did not answer
	Expired     = Reason(node.Expired)     // it was silent for too long
	Unreachable = Reason(node.Unreachable) // nobody listens any more where it was
	Gap         = Reason(node.Lost)        // messages of it are missing
	Malformed   = Reason(node.Malformed)   // it sent what is not ZRE, or more than the bounds allow
	Reset       = Reason(node.Reset)       // it has begun anew; an ENTER follows
	Slow        = Reason(node.Slow)        // it does not take what it must be told
	Stopped     = Reason(node.Stopped)     // this node was stopped
	Crowded     = Reason(node.Crowded)     // it had to make room: see WithMaxPeers
	Revoked     = Reason(node.Revoked)     // its key is trusted no more: see WithCurve
)

// String is the reason in words.
func (r Reason) String() string { return node.Reason(r).String() }

// Event is something that has happened. Its fields belong to who gets it, but for
// Headers, which is shared and must not be changed.
type Event struct {
	Kind     EventKind
	Peer     ID
	Name     string            // the peer's
	Group    string            // Join, Leave, Shout, Leader
	Headers  map[string]string // Enter
	Endpoint string            // Enter: where this node reaches it; Refused: where it is, if known
	Key      string            // Enter: the public key that it has proved, in Z85; empty in clear. Refused: its key, if known
	Msg      msg.Msg           // Whisper, Shout
	Reason   Reason            // Exit
	Missing  uint64            // Lost: how many events
	after    ID                // Lost: whose events it follows
	ByPeer   bool              // Refused: it has refused this node, not this node it
	Err      error             // Refused: why, and what to do; it matches ErrRefused
}

func newEvent(e node.Event) Event {
	out := Event{
		Kind: EventKind(e.Kind), Peer: ID(e.Peer), Name: e.Name, Group: e.Group,
		Headers: e.Headers, Key: e.Key, Msg: msg.New(e.Content...), Reason: Reason(e.Reason),
	}
	if e.At.IsValid() {
		out.Endpoint = "tcp://" + e.At.String()
	}
	return out
}

// message reports whether an event is one that the roster does not depend on.
func (e *Event) message() bool { return e.Kind == Whisper || e.Kind == Shout }
