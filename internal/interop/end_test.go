//go:build interop

package interop

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// end is one socket of a link, ours or libzmq's. The scenarios are written
// against it, so that they run with any of the two on either side. What cannot
// fail in a right implementation fails the test.
type end interface {
	bind(endpoint string) string
	connect(endpoint string)
	disconnect(endpoint string)
	unbind(endpoint string)
	subscribe(prefix string)
	unsubscribe(prefix string)

	// send sends one message; a mandatory ROUTER tries until its peer is there.
	send(frames ...frame)
	// recv receives one message, and reports false if none came in time.
	recv(timeout time.Duration) (message, bool)
	// sendSeq sends messages numbered from start to start+n; recvSeq receives as many
	// and fails on the first gap. Both start at once and are waited for.
	sendSeq(start, n, size int) (wait func())
	recvSeq(start, n int) (wait func())
	// recvAll receives until nothing came for quiet; it returns first frames.
	recvAll(quiet time.Duration) []string

	close()
	// crash ends the socket, and the process if there is one, without a word.
	crash()
}

// side makes ends of one implementation.
type side interface {
	name() string
	open(t *testing.T, typ string, o setup) end
	// proxy binds two sockets, passes messages between them until the test ends,
	// and returns their endpoints.
	proxy(t *testing.T, front, back string) (frontend, backend string)
	// fresh returns a side whose ends can crash without the others'.
	fresh(t *testing.T) side
}

// setup is what the scenarios ask of a socket beyond its type.
type setup struct {
	id        string        // routing id
	mandatory bool          // ROUTER: an unknown peer is an error
	heartbeat time.Duration // interval; the timeout is missed
	ttl       time.Duration // what a heartbeat asks the other side to wait at most
	linger    time.Duration // at close; the default here is none
}

// pair is one way to put two implementations at the ends of a link.
type pair struct{ left, right side }

func (p pair) name() string { return p.left.name() + "-" + p.right.name() }

// eachWay plays a scenario with our side at the left, then at the right, and
// with libzmq at both ends as the control.
func eachWay(t *testing.T, play func(t *testing.T, by pair)) {
	t.Helper()
	a, b := theirs{startPeer(t)}, theirs{startPeer(t)}
	for _, by := range []pair{{ours{}, a}, {a, ours{}}, {a, b}} {
		t.Run(by.name(), func(t *testing.T) { play(t, by) })
	}
}

// eachTransport plays a scenario over tcp and over ipc, each way.
func eachTransport(t *testing.T, play func(t *testing.T, by pair, endpoint string)) {
	t.Helper()
	for _, tr := range transports {
		t.Run(tr.name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, by pair) { play(t, by, tr.endpoint(t)) })
		})
	}
}

// expect receives one message from e and compares it.
func expect(t *testing.T, e end, want ...frame) {
	t.Helper()
	if got := take(t, e); !got.equal(want) {
		t.Fatalf("received %v, want %v", got, messageOf(want))
	}
}

// take receives one message that has to come.
func take(t *testing.T, e end) message {
	t.Helper()
	m, ok := e.recv(ztest.Patience)
	if !ok {
		t.Fatal("no message came")
	}
	return m
}

// expectFrom is expect for what the other end owes without being asked, such as
// the subscriptions of a SUB when a peer comes: libzmq's sockets do that only
// when they are next used.
func expectFrom(t *testing.T, other, e end, want ...frame) {
	t.Helper()
	var got message
	ztest.Eventually(t, "message", func() (ok bool) {
		if m, ok := other.recv(10 * time.Millisecond); ok {
			t.Fatalf("the other end received %v", m)
		}
		got, ok = e.recv(50 * time.Millisecond)
		return ok
	})
	if !got.equal(want) {
		t.Fatalf("received %v, want %v", got, messageOf(want))
	}
}

// expectNone checks that nothing comes for a moment.
func expectNone(t *testing.T, e end) {
	t.Helper()
	if m, ok := e.recv(100 * time.Millisecond); ok {
		t.Fatalf("received %v, want nothing", m)
	}
}

func messageOf(frames []frame) message {
	m := make(message, len(frames))
	for i, f := range frames {
		m[i] = digestOf(f.bytes())
	}
	return m
}

// prefixed returns the frames with some put in front.
func prefixed(frames []frame, front ...frame) []frame {
	return append(front[:len(front):len(front)], frames...)
}
