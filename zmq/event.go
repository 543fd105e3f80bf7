package zmq

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-zactor/zactor/internal/link"
)

// EventMask is a set of kinds of events, with libzmq's values.
type EventMask uint32

// The kinds of events. (zmq_socket_monitor(3))
const (
	EventConnected               EventMask = 0x0001 // a connection is there; Value: its descriptor
	EventConnectDelayed          EventMask = 0x0002 // an attempt to connect is under way
	EventConnectRetried          EventMask = 0x0004 // another attempt follows after RetryIn
	EventListening               EventMask = 0x0008 // bound; Value: the listener's descriptor
	EventBindFailed              EventMask = 0x0010 // Value: errno
	EventAccepted                EventMask = 0x0020 // a peer has connected; Value: its descriptor
	EventAcceptFailed            EventMask = 0x0040 // Value: errno
	EventClosed                  EventMask = 0x0080 // a connection attempt or a listener ended
	EventCloseFailed             EventMask = 0x0100 // Value: errno
	EventDisconnected            EventMask = 0x0200 // a connection ended; Err: why
	EventMonitorStopped          EventMask = 0x0400 // the last event of a monitor
	EventHandshakeFailedNoDetail EventMask = 0x0800 // Value: errno
	EventHandshakeSucceeded      EventMask = 0x1000 // the peer is ready
	EventHandshakeFailedProtocol EventMask = 0x2000 // Value: protocol error code
	EventHandshakeFailedAuth     EventMask = 0x4000 // Value: the authenticator's status

	EventGap        EventMask = 0x8000  // messages are lost; Value: how many (of a multicast source: packets), if known. Not in libzmq
	EventPipesStats EventMask = 0x10000 // Queued, Unread: of one peer; see Socket.ReportPipes

	// EventPeerFull: a subscriber's queue has reached the high-water mark, so that it
	// misses messages until there is room again. Not in libzmq
	EventPeerFull EventMask = 0x20000

	// EventPanic: something that a connection called panicked, and was contained; Err
	// matches ErrPanic. Not in libzmq
	EventPanic EventMask = 0x40000

	// EventTopicRefused: a subscription is over the publisher's limits (WithMaxTopic; a
	// million of them, in 64 MiB, a peer), and was not entered; the connection and the
	// other subscriptions stay. Both sides are told, a subscriber if both are zactors; Err
	// matches ErrTopicRefused and says which limit. Not in libzmq
	EventTopicRefused EventMask = 0x80000

	// EventNoAnswer: for five seconds an endpoint that was connected has neither
	// answered nor failed; Err: what is waited for. The wait goes on. Not in libzmq
	EventNoAnswer EventMask = 0x100000

	// EventAll is every kind that happens by itself, EventAllV2 every kind there is.
	EventAll   EventMask = 0xFFFF
	EventAllV2 EventMask = EventAll | EventPipesStats | EventPeerFull | EventPanic | EventTopicRefused | EventNoAnswer // every kind there is
)

var eventNames = []string{
	"CONNECTED", "CONNECT_DELAYED", "CONNECT_RETRIED", "LISTENING", "BIND_FAILED", "ACCEPTED",
	"ACCEPT_FAILED", "CLOSED", "CLOSE_FAILED", "DISCONNECTED", "MONITOR_STOPPED",
	"HANDSHAKE_FAILED_NO_DETAIL", "HANDSHAKE_SUCCEEDED", "HANDSHAKE_FAILED_PROTOCOL", "HANDSHAKE_FAILED_AUTH",
	"GAP", "PIPES_STATS", "PEER_FULL", "PANIC", "TOPIC_REFUSED", "NO_ANSWER",
}

// String names the kinds in the set, as in libzmq without ZMQ_EVENT_.
func (m EventMask) String() string {
	var names []string
	for i, name := range eventNames {
		if m&(1<<i) != 0 && name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, "|")
}

// Event is something that happened to one of a socket's endpoints or connections.
type Event struct {
	Kind     EventMask // one of the Event constants
	Endpoint string    // the socket's own, bound or connected
	Remote   string    // the peer's address; "" when there is none
	Local    string    // our address of the connection; "" when there is none
	Dialled  bool      // Endpoint was connected, not bound
	Value    uint32    // as in libzmq: see the kind
	Err      error     // why, for events that report a failure or an end
	RetryIn  time.Duration
	Queued   int // EventPipesStats: messages that wait to be written,
	Unread   int // and to be received
	Time     time.Time
}

// String is one line for people.
func (e Event) String() string {
	s := fmt.Sprintf("%s %s", e.Kind, e.Endpoint)
	if e.Remote != "" {
		s += " peer " + e.Remote
	}
	if e.RetryIn > 0 {
		s += fmt.Sprintf(" retry in %v", e.RetryIn.Round(time.Millisecond))
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func eventOf(e link.Event) Event {
	return Event{
		Kind: EventMask(e.Kind), Endpoint: e.Endpoint, Remote: e.Remote, Local: e.Local, Dialled: e.Dialled, Value: e.Value,
		Err: publicError(e.Err), RetryIn: e.RetryIn, Time: time.Now(),
	}
}
