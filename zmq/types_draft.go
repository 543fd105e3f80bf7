package zmq

import "context"

// This file has the constructors of the younger types. All but STREAM and DGRAM have
// messages of one frame: Send refuses others with ErrInvalidMessage, and Recv never
// returns any.

// NewStream makes a STREAM socket, which talks to plain programs over tcp and ipc.
// What is received is a routing id and a piece of at most 8 KiB of what that
// connection has sent; what is sent is a routing id and bytes, which go out as they
// are. An empty piece says that the connection has come or gone (WithStreamNotify),
// an empty frame sent ends it. Send waits at the high-water mark, and returns
// ErrHostUnreachable when no connection has the routing id. That of a connected
// endpoint is Option("ROUTING_ID") after Connect, or WithConnectRoutingID.
func NewStream(ctx context.Context, opts ...Option) (*Socket, error) {
	return New(ctx, Stream, opts...)
}

// NewServer makes a SERVER socket: RoutingID of a received message says which client
// it is from, and SetRoutingID of one to be sent whom it is for. Send waits when
// that client is at its high-water mark, and returns ErrHostUnreachable when there
// is none of that routing id; nothing is ever dropped. (RFC 41)
func NewServer(ctx context.Context, opts ...Option) (*Socket, error) {
	return New(ctx, Server, opts...)
}

// NewClient makes a CLIENT socket: messages are spread over the servers in turn, and
// received from all of them fairly. Send waits at the high-water mark and while
// there is no server. (RFC 41)
func NewClient(ctx context.Context, opts ...Option) (*Socket, error) {
	return New(ctx, Client, opts...)
}

// NewRadio makes a RADIO socket: each message goes to every dish that has joined
// its group (msg.Msg.SetGroup), and to every udp endpoint. Send never waits, unless
// WithXPubNoDrop says so; a dish that is too slow loses messages, which Stats
// counts. (RFC 48)
func NewRadio(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Radio, opts...) }

// NewDish makes a DISH socket: it receives the messages of the groups that it has
// joined; Group says which one. (RFC 48)
func NewDish(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Dish, opts...) }

// NewScatter makes a SCATTER socket: messages are spread over the peers in strict
// turn. Send waits at the high-water mark and while there is no peer. (RFC 49)
func NewScatter(ctx context.Context, opts ...Option) (*Socket, error) {
	return New(ctx, Scatter, opts...)
}

// NewGather makes a GATHER socket: it receives from all its peers fairly. (RFC 49)
func NewGather(ctx context.Context, opts ...Option) (*Socket, error) {
	return New(ctx, Gather, opts...)
}

// NewDgram makes a DGRAM socket, which is bound to one udp endpoint. What is
// received is an address, as "192.0.2.1:5555", and the datagram that came from
// there; what is sent is an address and a datagram, 8192 bytes with what is needed
// on the way. Datagrams may be lost, and are when nobody receives.
func NewDgram(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Dgram, opts...) }

// NewPeer makes a PEER socket, which talks to PEERs as a SERVER does to CLIENTs;
// each may bind or connect, see ConnectPeer.
func NewPeer(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Peer, opts...) }

// NewChannel makes a CHANNEL socket: one peer, both directions, as PAIR. Send waits
// at the high-water mark and while there is no peer. (RFC 51)
func NewChannel(ctx context.Context, opts ...Option) (*Socket, error) {
	return New(ctx, Channel, opts...)
}
