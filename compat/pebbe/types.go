package zmq4

import (
	"strings"

	"github.com/go-zactor/zactor/zmq"
)

// Type is a socket type.
type Type int

// The socket types, for NewSocket.
const (
	PAIR   = Type(0)
	PUB    = Type(1)
	SUB    = Type(2)
	REQ    = Type(3)
	REP    = Type(4)
	DEALER = Type(5)
	ROUTER = Type(6)
	PULL   = Type(7)
	PUSH   = Type(8)
	XPUB   = Type(9)
	XSUB   = Type(10)
	STREAM = Type(11)
)

// String is the type's name: "REQ".
func (t Type) String() string {
	if t < PAIR || t > STREAM {
		return "<INVALID>"
	}
	return zmq.Type(t).String()
}

// Flag changes how a call sends or receives.
type Flag int

// The flags.
const (
	DONTWAIT = Flag(1) // a call that would wait returns EAGAIN
	SNDMORE  = Flag(2) // more parts of the message follow
)

func (f Flag) String() string { return names(int(f), []string{"DONTWAIT", "SNDMORE"}) }

// State is what a socket is ready for.
type State int

// The states.
const (
	POLLIN  = State(1)
	POLLOUT = State(2)
)

func (s State) String() string { return names(int(s), []string{"POLLIN", "POLLOUT"}) }

// Event is a kind of event of a socket, or a set of kinds.
type Event int

// The kinds of events, for Monitor and RecvEvent.
const (
	EVENT_CONNECTED                  = Event(0x0001)
	EVENT_CONNECT_DELAYED            = Event(0x0002)
	EVENT_CONNECT_RETRIED            = Event(0x0004)
	EVENT_LISTENING                  = Event(0x0008)
	EVENT_BIND_FAILED                = Event(0x0010)
	EVENT_ACCEPTED                   = Event(0x0020)
	EVENT_ACCEPT_FAILED              = Event(0x0040)
	EVENT_CLOSED                     = Event(0x0080)
	EVENT_CLOSE_FAILED               = Event(0x0100)
	EVENT_DISCONNECTED               = Event(0x0200)
	EVENT_MONITOR_STOPPED            = Event(0x0400)
	EVENT_HANDSHAKE_FAILED_NO_DETAIL = Event(0x0800)
	EVENT_HANDSHAKE_SUCCEEDED        = Event(0x1000)
	EVENT_HANDSHAKE_FAILED_PROTOCOL  = Event(0x2000)
	EVENT_HANDSHAKE_FAILED_AUTH      = Event(0x4000)
	EVENT_ALL                        = Event(0xffff)
)

var eventNames = []string{
	"EVENT_CONNECTED", "EVENT_CONNECT_DELAYED", "EVENT_CONNECT_RETRIED", "EVENT_LISTENING", "EVENT_BIND_FAILED",
	"EVENT_ACCEPTED", "EVENT_ACCEPT_FAILED", "EVENT_CLOSED", "EVENT_CLOSE_FAILED", "EVENT_DISCONNECTED",
	"EVENT_MONITOR_STOPPED", "EVENT_HANDSHAKE_FAILED_NO_DETAIL", "EVENT_HANDSHAKE_SUCCEEDED",
	"EVENT_HANDSHAKE_FAILED_PROTOCOL", "EVENT_HANDSHAKE_FAILED_AUTH",
}

func (e Event) String() string {
	if e == EVENT_ALL {
		return "EVENT_ALL"
	}
	return names(int(e), eventNames)
}

// names are those of the members of a set, the first one's bit being 1.
func names(set int, all []string) string {
	var in []string
	for i, name := range all {
		if set&(1<<i) != 0 {
			in = append(in, name)
		}
	}
	if len(in) == 0 {
		return "<NONE>"
	}
	return strings.Join(in, "|")
}

// Mechanism is a security mechanism.
type Mechanism int

// The mechanisms, for GetMechanism.
const (
	NULL   = Mechanism(0)
	PLAIN  = Mechanism(1)
	CURVE  = Mechanism(2)
	GSSAPI = Mechanism(3) // which there is not
)

func (m Mechanism) String() string {
	if m < NULL || m > GSSAPI {
		return "<INVALID>"
	}
	return [...]string{"NULL", "PLAIN", "CURVE", "GSSAPI"}[m]
}

// Version is that of libzmq whose behaviour this package has: 4.3.4.
func Version() (major, minor, patch int) { return 4, 3, 4 }

// HasIpc reports whether there is the transport ipc.
func HasIpc() bool { return true }

// HasPgm reports whether there are the transports pgm and epgm.
func HasPgm() bool { return true }

// HasTipc reports whether there is the transport tipc.
func HasTipc() bool { return false }

// HasNorm reports whether there is the transport norm.
func HasNorm() bool { return false }

// HasCurve reports whether there is the mechanism CURVE.
func HasCurve() bool { return true }

// HasGssapi reports whether there is the mechanism GSSAPI.
func HasGssapi() bool { return false }
