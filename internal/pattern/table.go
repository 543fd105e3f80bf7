package pattern

// Type is a socket type, with libzmq's number.
type Type uint8

// The socket types of ZeroMQ (RFC 28, 29, 30, 31, 41, 48, 49, 51, 52).
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
	Stream
	Server
	Client
	Radio
	Dish
	Gather
	Scatter
	Dgram
	Peer
	Channel
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
	SendStream        // bytes, to the connection that the first frame names (STREAM)
	SendNumber        // to the peer whose number the message has (SERVER, PEER)
	SendGroup         // a copy to every peer that has joined the message's group (RADIO)
	SendDatagram      // to the address that the first frame is (DGRAM)
)

// Recv is how a type collects what it receives. All are fair queues.
type Recv uint8

const (
	RecvNone    Recv = iota
	RecvFair         // as it comes
	RecvNotice       // as it comes; who sent the last subscription is remembered (XPUB)
	RecvFilter       // what the own subscriptions match (SUB)
	RecvRoute        // with the sender's routing id in front
	RecvRequest      // the envelope is kept for the reply (REP)
	RecvReply        // the envelope must be ours (REQ)
	RecvOne          // messages of one frame; others are dropped
	RecvGroup        // those of the groups that were joined, without the frame that says so (DISH)
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
	// OnePart: messages have one frame.
	OnePart bool
	// Addressed: whom a message is for stands on it, and not in it. On its way to
	// the pipe that is a frame in front.
	Addressed bool
	// Raw: peers are plain programs that do not speak ZMTP.
	Raw bool
	// Groups: subscriptions are groups, and messages have theirs in front.
	Groups bool
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
	XPub:   {Name: "XPUB", Send: SendFan, Recv: RecvNotice, Inspect: true},
	XSub:   {Name: "XSUB", Send: SendUpstream, Recv: RecvFair, Subscribes: true, NoLinger: true},

	Stream:  {Name: "STREAM", Send: SendStream, Recv: RecvRoute, Raw: true},
	Server:  {Name: "SERVER", Send: SendNumber, Recv: RecvOne, OnePart: true, Addressed: true},
	Client:  {Name: "CLIENT", Send: SendBalance, Recv: RecvOne, OnePart: true},
	Radio:   {Name: "RADIO", Send: SendGroup, Recv: RecvNone, Inspect: true, OnePart: true, Addressed: true, Groups: true},
	Dish:    {Name: "DISH", Send: SendNone, Recv: RecvGroup, NoLinger: true, Groups: true},
	Gather:  {Name: "GATHER", Send: SendNone, Recv: RecvOne},
	Scatter: {Name: "SCATTER", Send: SendBalance, Recv: RecvNone, OnePart: true},
	Dgram:   {Name: "DGRAM", Send: SendDatagram, Recv: RecvFair, Exclusive: true},
	Peer:    {Name: "PEER", Send: SendNumber, Recv: RecvOne, OnePart: true, Addressed: true},
	Channel: {Name: "CHANNEL", Send: SendBalance, Recv: RecvOne, Exclusive: true, OnePart: true},
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
