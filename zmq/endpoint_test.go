package zmq_test

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// An endpoint that can't be is refused with an error that names it and the rule.
func TestInvalidEndpoints(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Pull)
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		text          string
		bind, connect bool // refused there
		rule          string
	}{
		{"", true, true, "://"},
		{"tcp", true, true, "://"},
		{"tcp:/127.0.0.1:1", true, true, "://"},
		{"abc://x", true, true, "abc"},
		{"tcp://", true, true, "empty"},
		{"tcp://127.0.0.1", true, true, "port"},
		{"tcp://127.0.0.1:", true, true, "port"},
		{"tcp://127.0.0.1:http", true, true, "port"},
		{"tcp://127.0.0.1:65536", true, true, "65535"},
		{"tcp://127.0.0.1:-1", true, true, "port"},
		{"tcp://127.0.0.1:1 ", true, true, "port"},
		{"tcp://*:5555", false, true, "wildcard"},
		{"tcp://127.0.0.1:*", false, true, "wildcard"},
		{"tcp://127.0.0.1:0", false, true, "wildcard"},
		{"tcp://127.0.0.1:1;127.0.0.1:2", true, false, "source"},
		{"ipc://", true, true, "empty"},
		{"ipc://@", true, true, "abstract"},
		{"ipc://*", false, true, "wildcard"},
		{"ipc:///" + long, true, true, "107"},
		{"inproc://", true, true, "empty"},
		{"inproc://" + long, true, true, "256"},
		{"udp://127.0.0.1:5555", true, true, "PULL"},
	} {
		if c.bind {
			_, err := s.Bind(c.text)
			k.is(err, zmq.ErrInvalidEndpoint)
			k.mentions(err, "bind", clip(c.text), c.rule)
		}
		if c.connect {
			err := s.Connect(c.text)
			k.is(err, zmq.ErrInvalidEndpoint)
			k.mentions(err, "connect", clip(c.text), c.rule)
		}
	}
	if n := len(s.Peers()); n != 0 {
		t.Errorf("refused endpoints left %d peers", n)
	}
}

func clip(s string) string { return s[:min(len(s), 200)] }

// Bind returns the real endpoint of a wildcard, which is also LAST_ENDPOINT.
func TestWildcards(t *testing.T) {
	k := alone(t, "")
	for pattern, prefix := range map[string]string{
		"tcp://127.0.0.1:*": "tcp://127.0.0.1:", "tcp://127.0.0.1:0": "tcp://127.0.0.1:",
		"tcp://*:*": "tcp://0.0.0.0:", "tcp://localhost:*": "tcp://127.0.0.1:", "ipc://*": "ipc://",
	} {
		pull := k.open(zmq.Pull)
		bound, err := pull.Bind(pattern)
		k.ok(err)
		if !strings.HasPrefix(bound, prefix) || strings.Contains(bound, "*") || strings.HasSuffix(bound, ":0") {
			t.Errorf("%s was bound as %s", pattern, bound)
		}
		if last, err := pull.Option("LAST_ENDPOINT"); err != nil || last != bound {
			t.Errorf("LAST_ENDPOINT is %v, %v; want %s", last, err, bound)
		}
		push := k.connect(zmq.Push, strings.Replace(bound, "0.0.0.0", "127.0.0.1", 1))
		k.send(push, "hello")
		k.want(pull, "hello")
		k.is(pull.Unbind(pattern), zmq.ErrNoEndpoint) // only by its real name
		k.ok(pull.Unbind(bound))
	}
}

func TestLastEndpoint(t *testing.T) {
	over(t, func(k *kit) {
		s := k.open(zmq.Dealer)
		last := func() any {
			v, err := s.Option("LAST_ENDPOINT")
			k.ok(err)
			return v
		}
		if last() != "" {
			t.Errorf("a new socket has LAST_ENDPOINT %q", last())
		}
		if bound := k.bind(s); last() != bound {
			t.Errorf("LAST_ENDPOINT is %q, want %q", last(), bound)
		}
		other := k.endpoint()
		if k.ok(s.Connect(other)); last() != other {
			t.Errorf("LAST_ENDPOINT is %q, want %q", last(), other)
		}
	})
}

func TestAbstractIPC(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("abstract names are Linux's")
	}
	k := alone(t, "ipc")
	pull := k.open(zmq.Pull)
	endpoint := fmt.Sprintf("ipc://@zactor-test-%d", os.Getpid())
	bound, err := pull.Bind(endpoint)
	k.ok(err)
	if bound != endpoint {
		t.Errorf("bound as %q", bound)
	}
	push := k.connect(zmq.Push, endpoint)
	k.send(push, "hello")
	k.want(pull, "hello")
}

// An endpoint that is unbound takes nobody any more and has no connections left;
// others go on, and it can be bound again.
func TestUnbind(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		other := k.bind(pull)
		a := k.connect(zmq.Push, endpoint, zmq.WithImmediate(true))
		b := k.connect(zmq.Push, other)
		k.ok(pull.WaitConnected(k.ctx, 2))
		k.linked(a, b)

		err := pull.Unbind("tcp://127.0.0.1:1")
		k.is(err, zmq.ErrNoEndpoint)
		k.mentions(err, "unbind", "tcp://127.0.0.1:1")
		k.is(pull.Unbind(other+"x"), zmq.ErrNoEndpoint)

		k.ok(pull.Unbind(endpoint))
		k.is(pull.Unbind(endpoint), zmq.ErrNoEndpoint)
		if n := pull.Stats().Connected; n != 1 {
			t.Errorf("%d peers are left, want 1", n)
		}
		k.until("the peer notices", func() bool { return a.Stats().Connected == 0 })
		k.send(b, "still here")
		k.want(pull, "still here")
		if network, address, _ := strings.Cut(endpoint, "://"); k.scheme == "tcp" {
			if nc, err := net.Dial(network, address); err == nil {
				nc.Close()
				t.Error("the endpoint still takes connections")
			}
		}
		_, err = k.listen(pull, endpoint)
		k.ok(err)
		k.send(a, "back again")
		k.want(pull, "back again")
	})
}

// What was received through an endpoint before it was unbound stays readable.
func TestUnbindKeepsWhatWasReceived(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		push := k.connect(zmq.Push, endpoint)
		for i := range 10 {
			k.send(push, fmt.Sprint(i))
		}
		k.until("they have arrived", func() bool { return pull.Stats().Unread == 10 })
		k.ok(pull.Unbind(endpoint))
		for i := range 10 {
			k.want(pull, fmt.Sprint(i))
		}
	})
}

func TestDisconnect(t *testing.T) {
	over(t, func(k *kit) {
		first, one := k.bound(zmq.Pull)
		second, two := k.bound(zmq.Pull)
		push := k.open(zmq.Push)
		for _, endpoint := range []string{one, two, two} {
			k.ok(k.dial(push, endpoint))
		}
		k.ok(push.WaitConnected(k.ctx, 3))
		err := push.Disconnect(one + "x")
		k.is(err, zmq.ErrNoEndpoint)
		k.mentions(err, "disconnect", one+"x")
		k.ok(push.Disconnect(one))
		k.is(push.Disconnect(one), zmq.ErrNoEndpoint)
		k.until("the peer notices", func() bool { return first.Stats().Connected == 0 })
		k.ok(push.Disconnect(two))
		k.until("one of two is left", func() bool { return second.Stats().Connected == 1 })
		for i := range 10 {
			k.send(push, fmt.Sprint(i))
		}
		for i := range 10 {
			k.want(second, fmt.Sprint(i))
		}
		k.silent(first)
		k.ok(push.Disconnect(two))
		k.is(push.Disconnect(two), zmq.ErrNoEndpoint)
		k.ok(k.dial(push, one))
		k.send(push, "again")
		k.want(first, "again")
	})
}

// tcp may be told where to connect from.
func TestSourceAddress(t *testing.T) {
	k := alone(t, "tcp")
	pull := k.open(zmq.Pull)
	endpoint, err := pull.Bind("tcp://127.0.0.1:*")
	k.ok(err)
	push := k.connect(zmq.Push, strings.Replace(endpoint, "tcp://", "tcp://127.0.0.1;", 1))
	k.send(push, "hello")
	m, err := pull.Recv(k.ctx)
	k.ok(err)
	if addr := m.Peer().RemoteAddr; !strings.HasPrefix(addr, "127.0.0.1:") {
		t.Errorf("the message came from %s", addr)
	}
}
