package zmq

import (
	"time"

	"github.com/rs/zerolog"
)

// WithReconnectInterval spaces attempts to connect. With a max of 0 they come
// every min, give or take half of it at random, and after ten seconds in vain
// ever more rarely, up to fifty times min; with a max equal to min they come exactly
// every min, always; otherwise the time doubles from min to max. A min of 0 or less never reconnects. Default 100 ms and 0.
// (ZMQ_RECONNECT_IVL, ZMQ_RECONNECT_IVL_MAX)
func WithReconnectInterval(min, max time.Duration) Option {
	return Option{"", several{{"RECONNECT_IVL", min}, {"RECONNECT_IVL_MAX", max}}}
}

// What WithReconnectStop may stop at.
const (
	ReconnectStopConnRefused     = 1 // nobody listens there
	ReconnectStopHandshakeFailed = 2 // somebody does, and the handshake ended with an error
	ReconnectStopAfterDisconnect = 4 // the peer was there, and is lost
	ReconnectStopAfterLoss       = 8 // the connection was there, and is lost; not libzmq's
)

// WithReconnectStop ends the attempts to connect for good at what is in when, a sum
// of the ReconnectStop constants; without it they go on for ever. Connect makes a
// new start. (ZMQ_RECONNECT_STOP)
func WithReconnectStop(when int) Option { return Option{"RECONNECT_STOP", when} }

// WithConnectTimeout bounds one attempt to connect; 0, the default, leaves it to
// the system. (ZMQ_CONNECT_TIMEOUT)
func WithConnectTimeout(d time.Duration) Option { return Option{"CONNECT_TIMEOUT", d} }

// WithHandshakeInterval bounds the handshake with a new peer; 0 means no bound.
// Default 10 s (libzmq: 30 s). (ZMQ_HANDSHAKE_IVL)
func WithHandshakeInterval(d time.Duration) Option { return Option{"HANDSHAKE_IVL", d} }

// WithHeartbeat sends a PING every interval and gives a peer up that is not heard
// within timeout (0: interval). ttl, up to 6553 s, is what the peer is told to
// allow us; 0 tells it nothing. An interval of 0, the default, sends none. PINGs
// of peers are always answered. (ZMQ_HEARTBEAT_IVL, _TIMEOUT, _TTL)
func WithHeartbeat(interval, timeout, ttl time.Duration) Option {
	return Option{"", several{{"HEARTBEAT_IVL", interval}, {"HEARTBEAT_TIMEOUT", timeout}, {"HEARTBEAT_TTL", ttl}}}
}

// WithMetadata tells every peer a property of this socket; name begins with "X-".
// The peer reads it with msg.Peer.Property. (ZMQ_METADATA)
func WithMetadata(name, value string) Option { return Option{"METADATA", name + ":" + value} }

// WithHelloMsg sends b as the first message, of one frame, on each new connection.
// Empty, the default: nothing is sent. ROUTER and DEALER, and the types SERVER,
// CLIENT and PEER. (ZMQ_HELLO_MSG)
func WithHelloMsg(b []byte) Option { return Option{"HELLO_MSG", b} }

// WithDisconnectMsg lets the program receive b, as if the peer had sent it as its
// last message, when a peer that connected to this socket is gone. It is not sent.
// Empty, the default: nothing is received. ROUTER, SERVER and PEER.
// (ZMQ_DISCONNECT_MSG)
func WithDisconnectMsg(b []byte) Option { return Option{"DISCONNECT_MSG", b} }

// WithHiccupMsg lets the program receive b when a peer that this socket connected
// to is lost; it is dialled again as usual. It is not sent. Empty, the default:
// nothing is received. DEALER, CLIENT and PEER. (ZMQ_HICCUP_MSG)
func WithHiccupMsg(b []byte) Option { return Option{"HICCUP_MSG", b} }

// WithLogger logs one line at debug level per connection that ends. The default
// is silent.
func WithLogger(l zerolog.Logger) Option { return Option{"LOGGER", l} }
