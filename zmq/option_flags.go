package zmq

import "time"

// Forever is the time that has no end, for WithLinger, WithSendTimeout and
// WithRecvTimeout. Every negative time is read back as Forever.
const Forever time.Duration = -1

// ReconnectStop is a set of reasons for WithReconnectStop, with libzmq's values.
type ReconnectStop int

// The reasons not to connect again.
const (
	ReconnectStopConnRefused     ReconnectStop = 1 // nobody listens there
	ReconnectStopHandshakeFailed ReconnectStop = 2 // a peer does, and the handshake ended with an error
	ReconnectStopAfterDisconnect ReconnectStop = 4 // Disconnect was called: what waits is sent on the connection that is there, or not at all
	ReconnectStopAfterLoss       ReconnectStop = 8 // the connection was there, and is lost; not libzmq's
)

// RouterNotify is a set of changes for WithRouterNotify, with libzmq's values.
type RouterNotify int

// The changes that a ROUTER may receive a message for.
const (
	NotifyConnect    RouterNotify = 1
	NotifyDisconnect RouterNotify = 2
)
