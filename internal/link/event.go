package link

import "time"

// EventKind is libzmq's event number.
type EventKind uint32

// The events of a socket, with libzmq's values.
const (
	Connected               EventKind = 0x0001
	ConnectDelayed          EventKind = 0x0002
	ConnectRetried          EventKind = 0x0004
	Listening               EventKind = 0x0008
	BindFailed              EventKind = 0x0010
	Accepted                EventKind = 0x0020
	AcceptFailed            EventKind = 0x0040
	ClosedEvent             EventKind = 0x0080
	CloseFailed             EventKind = 0x0100
	Disconnected            EventKind = 0x0200
	HandshakeFailedNoDetail EventKind = 0x0800
	HandshakeSucceeded      EventKind = 0x1000
	HandshakeFailedProtocol EventKind = 0x2000
	HandshakeFailedAuth     EventKind = 0x4000
	// Gap is not of libzmq, which says nothing of it: packets of a multicast source
	// are lost, as many as the value says if that is known.
	Gap EventKind = 0x8000
)

// Event is something that happened to an endpoint or a connection.
type Event struct {
	Kind     EventKind
	Endpoint string
	Remote   string
	Local    string // our address of the connection, as Remote is the peer's
	Dialled  bool   // the endpoint was connected, not bound
	Value    uint32 // libzmq's: a descriptor, an errno, milliseconds, a code
	Err      error
	RetryIn  time.Duration
}
