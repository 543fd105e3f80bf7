package zmq

// kind is one row of the table of socket types: what is so for every socket of the type,
// and the policies that a new one gets.
type kind struct {
	name string
	// policy makes the sender and the receiver of a socket; nil where the type only
	// receives, or only sends. One that takes messages as they come has asTheyCome.
	policy func(s *Socket) (sender, receiver)

	// speaks is the name that a handshake says, where that is not the type's own.
	speaks string
	// exclusive: one peer at a time; others are refused.
	exclusive bool
	// uniqueNames: a peer whose routing id is in use is refused.
	uniqueNames bool
	// identity: the own routing id is told to peers.
	identity bool
	// subscribes: the own subscriptions are told to each new peer, and what waits for a
	// lost peer is not kept.
	subscribes bool
	// noLinger: what waits is dropped at Close unless a linger is set.
	noLinger bool
	// single: connecting twice to one endpoint is one connection.
	single bool
	// onePart: messages have one frame.
	onePart bool
	// addressed: whom a message is for stands on it, and not in it. On its way to the
	// policy that is a frame in front.
	addressed bool
	// lead is how many frames the receiver puts in front of each message.
	lead int
	// raw: peers are plain programs that do not speak ZMTP.
	raw bool
	// groups: subscriptions are groups, and messages have theirs in front.
	groups bool
	// counted: the queues count what is sent, and the socket need not.
	counted bool
}

// kinds is the table of socket types (RFC 28, 29, 30, 31, 41, 48, 49, 51, 52), by
// libzmq's numbers. To add one: a row, and a policy in a file of its own.
var kinds = []kind{
	Pair:   {name: "PAIR", policy: newPair, exclusive: true, counted: true},
	Pub:    {name: "PUB", policy: newPub, single: true},
	Sub:    {name: "SUB", policy: newSub, subscribes: true, noLinger: true, single: true},
	Req:    {name: "REQ", policy: newReq, identity: true, single: true},
	Rep:    {name: "REP", policy: newRep},
	Dealer: {name: "DEALER", policy: newDealer, identity: true, single: true, counted: true},
	Router: {name: "ROUTER", policy: newRouter, uniqueNames: true, identity: true, lead: 1},
	Pull:   {name: "PULL", policy: newPull},
	Push:   {name: "PUSH", policy: newPush, counted: true},
	XPub:   {name: "XPUB", policy: newXPub},
	XSub:   {name: "XSUB", policy: newXSub, subscribes: true, noLinger: true},

	Stream:  {name: "STREAM", policy: newStream, lead: 1, raw: true},
	Server:  {name: "SERVER", policy: newServer, onePart: true, addressed: true},
	Client:  {name: "CLIENT", policy: newClient, onePart: true, counted: true},
	Radio:   {name: "RADIO", policy: newRadio, onePart: true, addressed: true, groups: true},
	Dish:    {name: "DISH", policy: newDish, noLinger: true, groups: true},
	Gather:  {name: "GATHER", policy: newGather},
	Scatter: {name: "SCATTER", policy: newScatter, onePart: true, counted: true},
	Dgram:   {name: "DGRAM", policy: newDgram, exclusive: true},
	Peer:    {name: "PEER", policy: newServer, onePart: true, addressed: true},
	Channel: {name: "CHANNEL", policy: newChannel, exclusive: true, onePart: true, counted: true},
}

// kindOf is t's row; ok is false for a number that is no type.
func kindOf(t Type) (k kind, ok bool) {
	if int(t) >= len(kinds) || kinds[t].name == "" {
		return kind{}, false
	}
	return kinds[t], true
}

// String is the type's name: "PUSH".
func (t Type) String() string {
	if k, ok := kindOf(t); ok {
		return k.name
	}
	return "unknown"
}

// wireName is the type as a handshake says it.
func (k *kind) wireName() string {
	if k.speaks != "" {
		return k.speaks
	}
	return k.name
}
