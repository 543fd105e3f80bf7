package pattern

// Type is a socket type, with libzmq's number.
type Type uint8

// The socket types of ZeroMQ (RFC 28, 29, 30, 31).
const (
	Pair Type = iota
	Pub
	Sub
	Req
	Rep
	Dealer
	Router
	Pull
	Push
	XPub
	XSub
)

// Send is how a type spreads what it sends.
type Send uint8

const (
	SendNone     Send = iota
	SendBalance       // strict round robin over peers with room; waits when there is none
	SendFan           // a copy to every peer that wants it; drops where there is no room
	SendUpstream      // a copy to every peer; subscriptions are remembered (XSUB)
	SendRoute         // to the peer that the first frame names
	SendRequest       // balanced, in lock-step with the answer (REQ)
	SendReply         // back to where the last request came from (REP)
)

// Recv is how a type collects what it receives. All are fair queues.
type Recv uint8

const (
	RecvNone    Recv = iota
	RecvFair         // as it comes
	RecvFilter       // what the own subscriptions match (SUB)
	RecvRoute        // with the sender's routing id in front
	RecvRequest      // the envelope is kept for the reply (REP)
	RecvReply        // the envelope must be ours (REQ)
)

// Row is one socket type.
type Row struct {
	Name string
	Send Send
	Recv Recv
	// Exclusive: one peer at a time; others are refused.
	Exclusive bool
	// Identity: the own routing id is told to peers.
	Identity bool
	// Inspect: what peers send is looked at as it arrives (subscriptions).
	Inspect bool
	// Subscribes: the own subscriptions are told to each new peer, and what waits
	// for a lost peer is not kept.
	Subscribes bool
	// NoLinger: what waits is dropped at Close unless a linger is set.
	NoLinger bool
	// Single: connecting twice to one endpoint is one connection.
	Single bool
}

// Rows is the table of socket types: which policies make which type.
var Rows = [...]Row{
	Pair:   {Name: "PAIR", Send: SendBalance, Recv: RecvFair, Exclusive: true},
	Pub:    {Name: "PUB", Send: SendFan, Recv: RecvNone, Inspect: true, Single: true},
	Sub:    {Name: "SUB", Send: SendNone, Recv: RecvFilter, Subscribes: true, NoLinger: true, Single: true},
	Req:    {Name: "REQ", Send: SendRequest, Recv: RecvReply, Identity: true, Single: true},
	Rep:    {Name: "REP", Send: SendReply, Recv: RecvRequest},
	Dealer: {Name: "DEALER", Send: SendBalance, Recv: RecvFair, Identity: true, Single: true},
	Router: {Name: "ROUTER", Send: SendRoute, Recv: RecvRoute, Identity: true},
	Pull:   {Name: "PULL", Send: SendNone, Recv: RecvFair},
	Push:   {Name: "PUSH", Send: SendBalance, Recv: RecvNone},
	XPub:   {Name: "XPUB", Send: SendFan, Recv: RecvFair, Inspect: true},
	XSub:   {Name: "XSUB", Send: SendUpstream, Recv: RecvFair, Subscribes: true, NoLinger: true},
}

// Row is t's row of the table; ok is false for a number that is no type.
func (t Type) Row() (r Row, ok bool) {
	if int(t) >= len(Rows) {
		return Row{}, false
	}
	return Rows[t], true
}

// String is the type's name as it stands in a handshake.
func (t Type) String() string {
	if r, ok := t.Row(); ok {
		return r.Name
	}
	return "unknown"
}
