package zmq_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// The binder may go and come back: what was sent meanwhile arrives, in order, and
// once.
func TestQueueSurvivesARestart(t *testing.T) {
	over(t, func(k *kit) {
		endpoint := k.endpoint()
		push := k.connect(zmq.Push, endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		next := 0
		for round := range 4 {
			pull := k.open(zmq.Pull)
			_, err := k.listen(pull, endpoint)
			k.ok(err)
			k.ok(push.WaitConnected(k.ctx, 1))
			for range 10 * round { // sent while nobody was there
				k.want(pull, fmt.Sprint(next))
				next++
			}
			k.linked(push)
			k.send(push, fmt.Sprint("round ", round))
			k.want(pull, fmt.Sprint("round ", round))
			k.ok(pull.Close())
			k.until("the loss is noticed", func() bool { return push.Stats().Connected == 0 })
			for i := range 10 * (round + 1) {
				k.send(push, fmt.Sprint(next+i))
			}
		}
	})
}

// With sealed or encoded queues alike, large and small frames survive.
func TestQueueOfLargeFramesSurvives(t *testing.T) {
	over(t, func(k *kit) {
		endpoint := k.endpoint()
		push := k.connect(zmq.Push, endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		sizes := []int{1, 100_000, 0, 8192, 300, 1 << 20, 7}
		for _, n := range sizes {
			k.ok(push.Send(k.ctx, pattern(n, 2)))
		}
		pull := k.open(zmq.Pull)
		_, err := k.listen(pull, endpoint)
		k.ok(err)
		for _, n := range sizes {
			m, err := pull.Recv(k.ctx)
			k.ok(err)
			if !m.Equal(pattern(n, 2)) {
				t.Fatalf("a message of 2x%d bytes came damaged: %d bytes in %d frames", n, m.Size(), m.Len())
			}
		}
	})
}

// Messages go to the peer that is there, not to an endpoint where nobody is.
func TestImmediateSkipsDeadEndpoints(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		push := k.open(zmq.Push, zmq.WithImmediate(true))
		k.ok(k.dial(push, k.endpoint()))
		k.ok(k.dial(push, endpoint))
		for i := range 20 {
			k.send(push, fmt.Sprint(i))
		}
		for i := range 20 {
			k.want(pull, fmt.Sprint(i))
		}
	})
}

// PUB, SUB, REQ and DEALER connect to an endpoint once, the others each time.
func TestConnectingTwice(t *testing.T) {
	over(t, func(k *kit) {
		for typ, peer := range map[zmq.Type]zmq.Type{
			zmq.Pub: zmq.Sub, zmq.Sub: zmq.Pub, zmq.Req: zmq.Rep, zmq.Dealer: zmq.Dealer,
			zmq.Push: zmq.Pull, zmq.Pull: zmq.Push, zmq.Rep: zmq.Req, zmq.XSub: zmq.XPub,
		} {
			b, endpoint := k.bound(peer)
			s := k.connect(typ, endpoint)
			k.ok(k.dial(s, endpoint))
			want := 2
			switch typ {
			case zmq.Pub, zmq.Sub, zmq.Req, zmq.Dealer:
				want = 1
			}
			k.ok(b.WaitConnected(k.ctx, want))
			if n := len(s.Peers()); n != want {
				t.Errorf("%v has %d connections, want %d", typ, n, want)
			}
		}
	})
}

// A socket may bind and connect to several endpoints, of different transports.
func TestManyEndpoints(t *testing.T) {
	k := alone(t, "")
	pull := k.open(zmq.Pull)
	for i, scheme := range append(schemes, schemes...) {
		one := &kit{T: t, ctx: k.ctx, zctx: k.zctx, scheme: scheme}
		push := one.connect(zmq.Push, one.bind(pull))
		one.send(push, fmt.Sprint(i))
		one.want(pull, fmt.Sprint(i))
	}
}

// A min of -1 never connects again: the endpoint is given up.
func TestNoReconnect(t *testing.T) {
	networked(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		push := k.open(zmq.Push)
		k.ok(k.dial(push, endpoint, zmq.WithReconnectInterval(-1, 0)))
		k.send(push, "hello")
		k.want(pull, "hello")
		k.ok(pull.Close())
		k.until("the endpoint is given up", func() bool { return len(push.Peers()) == 0 })
		k.is(push.TrySend(msg.NewString("x")), zmq.ErrAgain)
		k.ok(k.dial(push, endpoint))
	})
}

// In one process a socket may talk to itself through two endpoints.
func TestSelfConnection(t *testing.T) {
	over(t, func(k *kit) {
		dealer, endpoint := k.bound(zmq.Dealer)
		k.ok(k.dial(dealer, endpoint))
		k.ok(dealer.WaitConnected(k.ctx, 2))
		k.send(dealer, "one")
		k.send(dealer, "two")
		a, b := k.recv(dealer), k.recv(dealer)
		if a[0] == b[0] {
			t.Errorf("got %q twice", a)
		}
	})
}

// Types that do not fit are kept apart; the connecting side goes on trying, so
// that it finds the right peer when that one comes.
func TestIncompatibleTypes(t *testing.T) {
	networked(t, func(k *kit) {
		endpoint := k.endpoint()
		wrong := k.open(zmq.Pub)
		_, err := k.listen(wrong, endpoint)
		k.ok(err)
		push := k.open(zmq.Push, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		events := k.watch(push, zmq.EventDisconnected)
		k.ok(k.dial(push, endpoint))
		k.send(push, "hello")
		events.next()
		k.ok(wrong.Close())
		pull := k.open(zmq.Pull)
		_, err = k.listen(pull, endpoint)
		k.ok(err)
		k.want(pull, "hello")
	})
}

func TestIncompatibleTypesInProcess(t *testing.T) {
	k := alone(t, "inproc")
	_, endpoint := k.bound(zmq.Pub)
	push := k.open(zmq.Push)
	err := k.dial(push, endpoint)
	k.is(err, zmq.ErrInvalidEndpoint)
	k.mentions(err, endpoint, "incompatible")
	if n := len(push.Peers()); n != 0 {
		t.Errorf("a refused endpoint left %d peers", n)
	}
}

// An interface as source has an address of the destination's family, whatever WithIPv6
// allows. (FAULTS A4)
func TestSourceHasTheFamilyOfTheDestination(t *testing.T) {
	k := alone(t, "tcp")
	lo := loopback(t)
	hosts := []string{"127.0.0.1", "localhost"}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		l.Close()
		hosts = append(hosts, "[::1]")
	}
	for _, host := range hosts {
		pull := k.open(zmq.Pull, zmq.WithIPv6(true))
		bound, err := pull.Bind("tcp://" + host + ":*")
		k.ok(err)
		push := k.open(zmq.Push, zmq.WithIPv6(true), zmq.WithReconnectInterval(10*time.Millisecond, 0))
		port := bound[strings.LastIndexByte(bound, ':'):]
		k.ok(push.Connect("tcp://" + lo + ";" + host + port))
		k.send(push, host)
		k.want(pull, host)
	}
}

func loopback(t *testing.T) string {
	t.Helper()
	list, err := net.Interfaces()
	if err != nil {
		t.Skip(err)
	}
	for _, i := range list {
		if i.Flags&net.FlagLoopback != 0 && i.Flags&net.FlagUp != 0 {
			return i.Name
		}
	}
	t.Skip("no loopback interface")
	return ""
}

// What was received before a Disconnect can be received after it. libzmq forgets it.
func TestReceivedBeforeDisconnect(t *testing.T) {
	over(t, func(k *kit) {
		push, endpoint := k.bound(zmq.Push)
		pull := k.connect(zmq.Pull, endpoint)
		for i := range 3 {
			k.send(push, fmt.Sprint(i))
		}
		k.until("they have come", func() bool { return pull.Stats().Unread == 3 })
		k.ok(pull.Disconnect(endpoint))
		for i := range 3 {
			k.want(pull, fmt.Sprint(i))
		}
	})
}
