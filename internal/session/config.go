package session

import (
	"context"
	"net"
	"time"

	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// Config is what a socket says to its connections; it is copied when an endpoint
// is bound or connected.
type Config struct {
	SocketType string
	Identity   []byte
	Properties []wire.Property
	Ours       bool // tell peers that we are a zactor: it matters to them

	TurnsAway bool // Claim may refuse a peer that its authenticator let in

	// Mechanism makes the security mechanism of one connection.
	Mechanism func() (wire.Mechanism, error)
	Secure    bool // peers too old for security are refused
	Sealed    bool // the mechanism seals each message

	HandshakeTimeout  time.Duration
	MaxHalfOpen       int           // handshakes that a listener has under way; 0: maxHalfOpen
	HeartbeatInterval time.Duration // 0: no heartbeats
	HeartbeatTimeout  time.Duration
	HeartbeatTTL      time.Duration

	ReconnectMin, ReconnectMax time.Duration // a Min of 0 or less: never reconnect
	Immediate                  bool          // the pipe exists only while the peer does
	Stop                       Stop          // what ends the attempts to connect

	// Hello is the first message to each new peer; empty: none.
	Hello []byte
	// Filter, which may be nil, says whom a listener turns away at once.
	Filter func(net.Conn) error

	MaxMsgSize int64 // of a whole message; 0 or less: no limit
	MaxParts   int   // frames in a message; 0: no limit
	MaxCommand int   // of a command after the handshake; at least 16 KiB are allowed

	Limits     queue.Limits
	Inspect    bool // messages are subscriptions: Handler.Inspect gets them
	Subscribes bool // what waits for a lost peer is not kept
	Raw        bool // peers do not speak ZMTP; each read is a message
	Groups     bool // subscriptions are groups, messages are a group and one frame

	// Numbered: commands about numbered messages are for Handler.Numbered.
	Numbered bool
	// Requeue: messages that the peer of a lost connection may not have are for
	// Handler.Requeue.
	Requeue bool
	// Again: messages that come as commands are taken.
	Again bool

	Dial func(ctx context.Context) (net.Conn, error)

	Authority Authority
}

// Authority is what the authenticator is told of an endpoint.
type Authority struct {
	Domain    string
	RoutingID []byte
	AnyKey    bool // without an authenticator every key is let in
}

// Stop is a set of reasons not to connect again, with libzmq's values.
type Stop uint8

const (
	StopRefused         Stop = 1 // nobody listens
	StopHandshake       Stop = 2 // the handshake ended with an error
	StopAfterDisconnect Stop = 4 // Leave was called
	StopAfterLoss       Stop = 8 // the connection was lost, for whatever reason; not libzmq's
)

// Handler is an endpoint's link.Handler, with what peers say that speak ZMTP. It is called
// without locks.
type Handler interface {
	link.Handler

	// Welcome asks, before the handshake of a connection that we dialled, whether its
	// peer would be let in. p is nil where a pipe would be made for it.
	Welcome(p *queue.Pipe) error
	// Authorize asks the authenticator about the peer of a connection, for the mechanisms
	// that need its word, and does not wait for it: then is called once, in a goroutine of
	// its own, with the answer; at the latest when deadline has passed, if there is one, or
	// soon after abort.
	Authorize(a Authority, c wire.Credentials, nc net.Conn, deadline time.Time, then func(Verdict)) (abort func())
	// Claim asks, at the end of the handshake of a connection that we accepted, for a
	// place for the peer, before that is told that it is in. An error turns it away.
	// Admit with Claimed follows, or the place is left.
	Claim(peer *link.Peer) (Place, error)
	// Refused says that the peer of a connected endpoint has refused this side's
	// credentials; with err nil, that this is over: another attempt came to another end,
	// or is about to succeed. p is the endpoint's pipe, nil when there is none now.
	Refused(c *Connector, p *queue.Pipe, err error)

	// Inspect gets what a peer of a Config.Inspect socket has sent. The frames are
	// only lent. An error ends the connection.
	Inspect(p *queue.Pipe, frames [][]byte) error
	// Subscribed gets a subscription (or its cancellation) of a peer. An error,
	// for one that goes over the limits, ends the connection.
	Subscribed(p *queue.Pipe, topic []byte, add bool) error
	// Unheeded says that the peer has not entered a subscription, and why, quoted.
	Unheeded(p *queue.Pipe, reason string)
	// Numbered gets a command about numbered messages, where Config.Numbered is set.
	// arrived is how many messages of the connection came before.
	Numbered(p *queue.Pipe, cmd wire.Command, arrived uint64) error
	// Requeue gets, where Config.Requeue is set, the messages, in ZMTP 2.0 framing, that
	// the peer of a lost connection may not have. The first tried of them were under way,
	// the others were not written yet.
	Requeue(list [][]byte, tried int)
}

// Place is what a socket keeps free for a peer. Leave is called once, when the peer was
// attached or did not come to that.
type Place interface{ Leave() }

// Verdict is the authenticator's answer.
type Verdict struct {
	wire.Decision
	UserID    string
	Metadata  []wire.Property
	Domain    string // that was asked about
	PublicKey string // in Z85, of a CURVE client
	Epoch     uint64 // the Handler's count of withdrawn permissions, before it was asked
	Err       error  // why the answer is no; a *wire.RefusedError or *wire.ProtocolError is in it
}
