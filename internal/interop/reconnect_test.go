//go:build interop

package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// awaitPassage sends numbered messages from one end until one arrives at the
// other: what was in the kernel's hands when a connection broke is lost, what
// was queued is not, and either way the link must come back by itself.
func awaitPassage(t *testing.T, from, to end) {
	t.Helper()
	i := 0
	ztest.Eventually(t, "a message to get through", func() bool {
		i++
		from.send(raw(fmt.Sprint("try ", i)))
		_, ok := to.recv(50 * time.Millisecond)
		return ok
	})
	from.send(raw("end"))
	ztest.Eventually(t, "the last try", func() bool { return take(t, to).equal([]frame{raw("end")}) })
}

// The bound receiver dies and comes back at the same address.
func TestReconnectBoundRestarts(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		pull := by.right.fresh(t).open(t, "PULL", setup{})
		push := by.left.open(t, "PUSH", setup{})
		bound := pull.bind(endpoint)
		push.connect(bound)
		oneWay(t, push, pull)
		for range 3 {
			pull.crash()
			pull = by.right.fresh(t).open(t, "PULL", setup{})
			pull.bind(bound)
			awaitPassage(t, push, pull)
		}
	})
}

// The connecting sender dies, and another takes its place.
func TestReconnectConnectingRestarts(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		pull := by.right.open(t, "PULL", setup{})
		bound := pull.bind(endpoint)
		for range 3 {
			push := by.left.fresh(t).open(t, "PUSH", setup{})
			push.connect(bound)
			oneWay(t, push, pull)
			push.crash()
		}
	})
}

// What was sent while there was nobody arrives once there is: connect comes
// before bind, and messages before both.
func TestConnectBeforeBind(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		endpoint = vacant(t, endpoint)
		push := by.left.open(t, "PUSH", setup{})
		push.connect(endpoint)
		push.sendSeq(0, 500, 100)()
		pull := by.right.open(t, "PULL", setup{})
		pull.bind(endpoint)
		pull.recvSeq(0, 500)()
	})
}

// tryBind binds an end where libzmq may not have let go of the address yet.
func tryBind(e end, endpoint string) bool {
	if their, ok := e.(*theirEnd); ok {
		return their.p.do(their.t, "bind", their.with(args{"endpoint": endpoint})).Error == ""
	}
	e.bind(endpoint)
	return true
}

// A dialog goes on after its server was restarted.
func TestReconnectDialog(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		dealer := by.left.open(t, "DEALER", setup{id: "client"})
		router := by.right.fresh(t).open(t, "ROUTER", setup{mandatory: true})
		bound := router.bind(endpoint)
		dealer.connect(bound)
		for range 2 {
			// The ROUTER speaks first: it tries until the DEALER is there.
			router.send(raw("client"), raw("hello"))
			expect(t, dealer, raw("hello"))
			dealer.send(raw("well met"))
			expect(t, router, raw("client"), raw("well met"))
			router.crash()
			router = by.right.fresh(t).open(t, "ROUTER", setup{mandatory: true})
			router.bind(bound)
		}
	})
}

// unbind frees the address and ends its connections; the peer connects to
// whoever binds it next.
func TestUnbindAndRebind(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		first, second := by.right.open(t, "PULL", setup{}), by.right.open(t, "PULL", setup{})
		push := by.left.open(t, "PUSH", setup{})
		bound := first.bind("tcp://127.0.0.1:*")
		push.connect(bound)
		oneWay(t, push, first)
		first.unbind(bound)
		ztest.Eventually(t, "the address to be free", func() bool { return tryBind(second, bound) })
		// libzmq ends the old connection when the socket is next used.
		ztest.Eventually(t, "the old connection to end", func() bool {
			push.send(raw("try"))
			_, ok := first.recv(20 * time.Millisecond)
			return !ok
		})
		awaitPassage(t, push, second)
		expectNone(t, first)
	})
}

// disconnect ends a connection that the peer had bound, and only that one.
func TestDisconnect(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		stays, goes := by.right.open(t, "PULL", setup{}), by.right.open(t, "PULL", setup{})
		push := by.left.open(t, "PUSH", setup{})
		push.connect(stays.bind("tcp://127.0.0.1:*"))
		leave := goes.bind("tcp://127.0.0.1:*")
		push.connect(leave)
		push.send(raw("first"))
		push.send(raw("second"))
		expect(t, stays, raw("first"))
		expect(t, goes, raw("second"))
		push.disconnect(leave)
		push.sendSeq(0, 100, 8)()
		stays.recvSeq(0, 100)()
		expectNone(t, goes)
	})
}
