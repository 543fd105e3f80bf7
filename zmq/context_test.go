package zmq_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// Each Context is a namespace of its own for inproc endpoints.
func TestContextsAreNamespaces(t *testing.T) {
	a, b := newKit(t, "inproc"), newKit(t, "inproc")
	const name = "inproc://the same name"
	pullA, pullB := a.open(zmq.Pull), b.open(zmq.Pull)
	for _, s := range []*zmq.Socket{pullA, pullB} {
		_, err := s.Bind(name)
		a.ok(err)
	}
	pushA, pushB := a.connect(zmq.Push, name), b.connect(zmq.Push, name)
	a.send(pushA, "in a")
	a.send(pushB, "in b")
	a.want(pullA, "in a")
	a.want(pullB, "in b")
}

// A context derived from a Context stands for it, and its end closes the sockets
// that were made with it.
func TestDerivedContexts(t *testing.T) {
	k := alone(t, "inproc")
	type key struct{}
	derived, cancel := context.WithCancel(context.WithValue(k.zctx, key{}, "value"))
	defer cancel()
	s, err := zmq.NewPull(derived)
	k.ok(err)
	if s.Context() != k.zctx || derived.Value(key{}) != "value" {
		t.Error("a derived context does not lead to its Context")
	}
	push := k.connect(zmq.Push, k.bind(s))
	k.send(push, "hello")
	k.want(s, "hello")
	cancel()
	_, err = s.Recv(k.ctx)
	k.is(err, zmq.ErrClosed)
	k.ok(s.Close())
}

// Sockets that are made with any other context share the default one.
func TestDefaultContext(t *testing.T) {
	k := alone(t, "inproc")
	a, err := zmq.NewPull(t.Context())
	k.ok(err)
	defer a.Close()
	b, err := zmq.NewPush(context.Background())
	k.ok(err)
	defer b.Close()
	if a.Context() != b.Context() {
		t.Error("two default contexts")
	}
	k.ok(b.Connect(k.bind(a)))
	k.send(b, "hello")
	k.want(a, "hello")
}

// Term closes every socket, each with its linger, and then nothing can be made.
func TestTerm(t *testing.T) {
	over(t, func(k *kit) {
		zctx := zmq.NewContext(context.Background())
		push, err := zmq.NewPush(zctx)
		k.ok(err)
		pull, endpoint := k.bound(zmq.Pull)
		if k.scheme == "inproc" {
			pull, err = zmq.NewPull(zctx)
			k.ok(err)
			endpoint = k.bind(pull)
		}
		k.ok(k.dial(push, endpoint))
		k.send(push, "hello")
		k.want(pull, "hello")
		rep, err := zmq.NewRep(zctx)
		k.ok(err)
		got := k.blocked(func() error { _, err := rep.Recv(k.ctx); return err })
		k.ok(zctx.Close())
		k.is(k.result(got), zmq.ErrClosed)
		k.is(push.SendString(k.ctx, "x"), zmq.ErrClosed)
		k.is(zctx.Err(), context.Canceled)
		_, err = zmq.NewPush(zctx)
		if err == nil {
			t.Error("a socket was made in a terminated Context")
		}
		k.ok(zctx.Close())
	})
}

// Close waits for linger times, a second call for the first one or its own context, and
// all say what was not sent.
func TestContextCloseWaits(t *testing.T) {
	k := alone(t, "tcp")
	zctx := zmq.NewContext(context.Background())
	push, err := zmq.NewPush(zctx)
	k.ok(err)
	endpoint := k.endpoint()
	k.ok(push.Connect(endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0)))
	k.send(push, "hello")
	closed := k.blocked(zctx.Close)
	k.until("it closes", func() bool { return zctx.Err() != nil })
	k.is(zctx.Shutdown(ended), context.Canceled)
	pull := k.open(zmq.Pull)
	_, err = pull.Bind(endpoint)
	k.ok(err)
	k.want(pull, "hello")
	k.ok(k.result(closed))
	k.ok(zctx.Shutdown(k.ctx))
}

// Shutdown has its context in place of every linger time, and adds up what the sockets
// did not send.
func TestContextShutdownSaysUnsent(t *testing.T) {
	k := alone(t, "tcp")
	zctx := zmq.NewContext(context.Background())
	endpoints := map[string]int{k.endpoint(): 2, k.endpoint(): 3}
	for endpoint, n := range endpoints {
		push, err := zmq.NewPush(zctx, zmq.WithLinger(zmq.Forever))
		k.ok(err)
		k.ok(push.Connect(endpoint))
		for range n {
			k.send(push, "nobody is there")
		}
	}
	for range 2 {
		var unsent *zmq.UnsentError
		if err := zctx.Shutdown(ended); !errors.As(err, &unsent) || unsent.N != 5 || len(unsent.For) != 2 {
			t.Fatalf("%v, want 5 messages for 2 endpoints", err)
		}
		for _, u := range unsent.For {
			if endpoints[u.Endpoint] != u.N {
				t.Errorf("%v", u)
			}
		}
	}
}

// The end of a Context's parent ends the Context and its sockets.
func TestParentEnds(t *testing.T) {
	k := alone(t, "inproc")
	parent, cancel := context.WithCancel(context.Background())
	zctx := zmq.NewContext(parent)
	s, err := zmq.NewPull(zctx)
	k.ok(err)
	got := k.blocked(func() error { _, err := s.Recv(k.ctx); return err })
	cancel()
	k.is(k.result(got), zmq.ErrClosed)
	k.ok(zctx.Close())
}

func TestContextLimits(t *testing.T) {
	t.Parallel()
	k := newKit(t, "inproc", zmq.WithMaxSockets(2))
	a, b := k.open(zmq.Pull), k.open(zmq.Pull)
	_, err := zmq.NewPull(k.zctx)
	k.is(err, zmq.ErrTooManySockets)
	k.mentions(err, "2")
	k.ok(a.Close())
	k.open(zmq.Pull)
	_ = b
	for _, opt := range []zmq.ContextOption{zmq.WithMaxSockets(0), zmq.WithMaxSockets(65536), zmq.WithMaxSockets(-1), zmq.WithMaxSend(-1)} {
		c := zmq.NewContext(context.Background(), opt)
		_, err := zmq.NewPull(c)
		k.is(err, zmq.ErrInvalidOption)
		k.mentions(err, "must be")
		k.ok(c.Close())
	}
}

func TestContextDefaultsForSockets(t *testing.T) {
	t.Parallel()
	k := newKit(t, "inproc", zmq.WithBlocky(false), zmq.WithContextIPv6(true))
	s := k.open(zmq.Push)
	if linger, _ := s.Option("LINGER"); linger != time.Duration(0) {
		t.Errorf("LINGER is %v without BLOCKY", linger)
	}
	if on, _ := s.Option("IPV6"); on != true {
		t.Errorf("IPV6 is %v", on)
	}
}

func TestUnknownType(t *testing.T) {
	k := alone(t, "inproc")
	_, err := zmq.New(k.zctx, zmq.Type(99))
	k.is(err, zmq.ErrInvalidOption)
	k.mentions(err, "99")
	if got := zmq.Type(99).String(); got != "unknown" {
		t.Errorf("its name is %q", got)
	}
}

// The short forms make what they say.
func TestConstructors(t *testing.T) {
	k := alone(t, "inproc")
	for name, fn := range map[string]func(context.Context, ...zmq.Option) (*zmq.Socket, error){
		"PAIR": zmq.NewPair, "PUB": zmq.NewPub, "SUB": zmq.NewSub, "REQ": zmq.NewReq, "REP": zmq.NewRep,
		"DEALER": zmq.NewDealer, "ROUTER": zmq.NewRouter, "PULL": zmq.NewPull, "PUSH": zmq.NewPush,
		"XPUB": zmq.NewXPub, "XSUB": zmq.NewXSub,
	} {
		s, err := fn(k.zctx)
		k.ok(err)
		if s.Type().String() != name {
			t.Errorf("got a %v, want a %s", s.Type(), name)
		}
		if _, err := fn(k.zctx, zmq.WithSendHWM(-1)); !errors.Is(err, zmq.ErrInvalidOption) {
			t.Errorf("%s with a bad option: %v", name, err)
		}
		k.ok(s.Close())
	}
}

// A Context that a program makes inside of another one is on the same network: so it runs
// over one in memory unchanged.
func TestInnerContextHasTheNetwork(t *testing.T) {
	net, other := zmqtest.NewNetwork(1, zmqtest.Faults{}), zmqtest.NewNetwork(2, zmqtest.Faults{})
	outer := zmq.NewContext(t.Context(), zmq.WithNetwork(net))
	defer outer.Close()
	for _, c := range []struct {
		parent context.Context
		opts   []zmq.ContextOption
		taken  bool
	}{
		{outer, nil, true},
		{context.WithoutCancel(outer), nil, true},
		{outer, []zmq.ContextOption{zmq.WithNetwork(other)}, false},
		{t.Context(), []zmq.ContextOption{zmq.WithNetwork(other)}, false},
	} {
		const at = "tcp://10.0.0.1:5555"
		first, err := zmq.NewPull(outer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := first.Bind(at); err != nil {
			t.Fatal(err)
		}
		inner := zmq.NewContext(c.parent, c.opts...)
		second, err := zmq.NewPull(inner)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := second.Bind(at); errors.Is(err, zmq.ErrAddrInUse) != c.taken {
			t.Errorf("%+v: %v", c, err)
		}
		inner.Close()
		first.Close()
	}
}
