package zmq_test

import (
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// A large hello message, and one of a peer that speaks an older protocol.
func TestHelloMsgOfAnySize(t *testing.T) {
	over(t, func(k *kit) {
		big := strings.Repeat("x", 100_000)
		_, endpoint := k.bound(zmq.Router, zmq.WithHelloMsg([]byte(big)))
		k.want(k.connect(zmq.Dealer, endpoint), big)
	})
}

// A peer that never gets through the handshake is not missed.
func TestDisconnectMsgOfAStranger(t *testing.T) {
	wired(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router, zmq.WithDisconnectMsg([]byte("gone")),
			zmq.WithRouterNotify(zmq.NotifyConnect|zmq.NotifyDisconnect))
		events := k.watch(router, zmq.EventDisconnected)
		r := k.dialRaw(endpoint)
		k.ok(r.nc.Close())
		events.next()
		k.silent(router)
	})
}

// A stranger does not get the name that the program has given to a peer it dials, with
// handover neither: not before that peer has come (where it once ended the process),
// nor while it is there.
func TestConnectRoutingIDIsNotHandedOver(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router, zmq.WithRouterHandover(true), zmq.WithRouterMandatory(true))
		refused := k.watch(router, zmq.EventHandshakeFailedNoDetail)
		upstream := k.endpoint()
		k.ok(k.dial(router, upstream, zmq.WithConnectRoutingID("upstream")))
		stranger := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("upstream"))
		k.mentions(refused.next().Err, `"upstream"`, "dials")
		k.send(router, "upstream", "early")
		real := k.open(zmq.Dealer)
		_, err := k.listen(real, upstream)
		k.ok(err)
		k.want(real, "early")
		again := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("upstream"))
		k.mentions(refused.next().Err, `"upstream"`)
		k.send(router, "upstream", "late")
		k.want(real, "late")
		k.silent(stranger)
		k.silent(again)
	})
}

// Set by Set, the name is that of the next Connect and of no other.
func TestConnectRoutingIDIsUsedOnce(t *testing.T) {
	over(t, func(k *kit) {
		router := k.open(zmq.Router, zmq.WithConnectRoutingID("first"), zmq.WithRouterMandatory(true))
		dealers := make([]*zmq.Socket, 2)
		for i := range dealers {
			endpoint := ""
			dealers[i], endpoint = k.bound(zmq.Dealer)
			k.ok(k.dial(router, endpoint))
		}
		if id, _ := router.Option("CONNECT_ROUTING_ID"); id != "" {
			t.Errorf("CONNECT_ROUTING_ID is still %q", id)
		}
		k.send(router, "first", "hello")
		k.want(dealers[0], "hello")
		k.ok(router.WaitConnected(k.ctx, 2))
		k.silent(dealers[1])
	})
}

// The name is not for a peer that connects meanwhile, and holds with WithImmediate,
// too.
func TestConnectRoutingIDIsForConnect(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router, zmq.WithConnectRoutingID("server"))
		client := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("client"))
		k.send(client, "hello")
		k.want(router, "client", "hello")
		server, at := k.bound(zmq.Dealer)
		k.ok(k.dial(router, at, zmq.WithImmediate(true)))
		k.ok(router.WaitConnected(k.ctx, 2))
		k.send(router, "server", "hello")
		k.want(server, "hello")
	})
}

// A peer whose name another one has taken over is not reported as gone: the program
// would think it were the new one.
func TestRouterNotifyOfHandover(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router, zmq.WithRouterNotify(3), zmq.WithRouterHandover(true), zmq.WithDisconnectMsg([]byte("gone")))
		var last *zmq.Socket
		for range 3 {
			last = k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("d"), zmq.WithReconnectInterval(-1, 0))
			k.want(router, "d", "")
		}
		k.until("there is one", func() bool { return router.Stats().Connected == 1 })
		k.send(last, "hello")
		k.want(router, "d", "hello")
		k.ok(last.Close())
		k.want(router, "d", "")
		k.want(router, "d", "gone")
	})
}

// An inproc peer that refuses us was never there: the program is not told of its coming.
func TestRouterNotifyOfRefusal(t *testing.T) {
	k := newKit(t, "inproc")
	_, first := k.bound(zmq.Dealer, zmq.WithRoutingID("x"))
	strict := k.connect(zmq.Router, first)
	k.ok(strict.WaitConnected(k.ctx, 1))
	router, second := k.bound(zmq.Router, zmq.WithRoutingID("x"), zmq.WithRouterNotify(zmq.NotifyConnect|zmq.NotifyDisconnect))
	refused := k.watch(router, zmq.EventHandshakeFailedNoDetail)
	k.ok(strict.Connect(second)) // which has a peer of that name
	refused.next()
	k.silent(router)
}
