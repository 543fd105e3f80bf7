package zmq

import "context"

// Type is a socket type.
type Type uint8

// The socket types, with libzmq's numbers.
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

// NewPair makes a PAIR socket: one peer, both directions. Send waits at the
// high-water mark and while there is no peer. (RFC 31)
func NewPair(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Pair, opts...) }

// NewPub makes a PUB socket: each message goes to every subscriber whose
// subscription is a prefix of its first frame. Send never waits; a subscriber
// that is too slow loses messages, which Stats counts. (RFC 29)
func NewPub(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Pub, opts...) }

// NewSub makes a SUB socket: it receives what it has subscribed to. (RFC 29)
func NewSub(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Sub, opts...) }

// NewReq makes a REQ socket: Send and Recv in strict turn; requests are spread
// closedErr the peers. Send waits at the high-water mark. (RFC 28)
func NewReq(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Req, opts...) }

// NewRep makes a REP socket: Recv and Send in strict turn; a reply goes where its
// request came from, and is dropped when that peer is gone. (RFC 28)
func NewRep(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Rep, opts...) }

// NewDealer makes a DEALER socket: messages are spread over the peers in turn,
// and received from all of them fairly. Send waits at the high-water mark. (RFC 28)
func NewDealer(ctx context.Context, opts ...Option) (*Socket, error) {
	return New(ctx, Dealer, opts...)
}

// NewRouter makes a ROUTER socket: the first frame of what is received is the
// sender's routing id, and the first frame of what is sent says which peer it is
// for. A message to an unknown or full peer is dropped and counted; with
// WithRouterMandatory it is an error, or waits. (RFC 28)
func NewRouter(ctx context.Context, opts ...Option) (*Socket, error) {
	return New(ctx, Router, opts...)
}

// NewPush makes a PUSH socket: messages are spread over the peers in strict turn.
// Send waits at the high-water mark and while there is no peer. (RFC 30)
func NewPush(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Push, opts...) }

// NewPull makes a PULL socket: it receives from all its peers fairly. (RFC 30)
func NewPull(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, Pull, opts...) }

// NewXPub makes an XPUB socket: a PUB that receives the subscriptions of its
// peers as messages, 0x01 or 0x00 and the topic. Those that nobody receives are
// kept up to 64 MiB; more are dropped, and counted in Stats. (RFC 29)
func NewXPub(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, XPub, opts...) }

// NewXSub makes an XSUB socket: a SUB that subscribes by sending messages, 0x01
// or 0x00 and the topic, and can send other messages to its publishers. (RFC 29)
func NewXSub(ctx context.Context, opts ...Option) (*Socket, error) { return New(ctx, XSub, opts...) }
