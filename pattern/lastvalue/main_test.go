package lastvalue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lastvalue"
	"github.com/go-zactor/zactor/zmq"
)

func TestMain(m *testing.M) { proc.Main(m, program) }

// program is a program of its own: "cache SOURCE ENDPOINT", or "subscribe ENDPOINT", which
// prints all that it gets.
func program() {
	err := cacheOrSubscribe(context.Background(), os.Args[1:])
	fmt.Println(err)
	os.Exit(1)
}

func cacheOrSubscribe(ctx context.Context, args []string) error {
	if args[0] == "cache" {
		c, err := lastvalue.New(lastvalue.WithSource(args[1]), lastvalue.WithBind(args[2]))
		if err != nil {
			return err
		}
		fmt.Println("ready")
		return c.Run(ctx)
	}
	s, err := zmq.NewSub(ctx, zmq.WithRecvHWM(10), zmq.WithRecvBuffer(4<<10))
	if err != nil {
		return err
	}
	if err := s.Subscribe("k"); err != nil {
		return err
	}
	if err := s.Connect(args[1]); err != nil {
		return err
	}
	fmt.Println("ready")
	for m, err := range s.Messages(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(m.PopString(), m.PopString())
	}
	return nil
}

// unlessUnsent is an error, unless it says that a subscriber that has ended did not take all.
func unlessUnsent(err error) error {
	if _, ok := errors.AsType[*zmq.UnsentError](err); ok {
		return nil
	}
	return err
}

// serve runs a Cache on this machine, and returns its endpoint.
func serve(t testing.TB, opts ...lastvalue.Option) (c *lastvalue.Cache, endpoint string) {
	t.Helper()
	c, err := lastvalue.New(append([]lastvalue.Option{
		lastvalue.WithBind("tcp://127.0.0.1:*"), lastvalue.WithSocket(zmq.WithLinger(0)),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; unlessUnsent(err) != nil {
			t.Error(err)
		}
	})
	all, err := c.Endpoints(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return c, all[0]
}

// smallQueues let a subscriber that stands still be behind soon.
var smallQueues = lastvalue.WithSocket(zmq.WithSendHWM(10), zmq.WithSendBuffer(4<<10))

// filler makes a value large.
var filler = strings.Repeat(".", 500)

// Encrypted on both sides: subscribers and sources.
func TestCurve(t *testing.T) {
	var keys [3]*cert.Cert
	for i := range keys {
		k, err := cert.New()
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = k
	}
	any := lastvalue.WithSocket(zmq.WithAllowAnyKey(true))
	first, source := serve(t, lastvalue.WithCurveServer(keys[0]), any)
	if err := first.Publish(msg.NewString("k", "secret")); err != nil {
		t.Fatal(err)
	}
	_, endpoint := serve(t, lastvalue.WithSource(source), lastvalue.WithCurveClient(keys[1], keys[0].Public()), lastvalue.WithCurveServer(keys[1]), any)
	sub, err := zmq.NewSub(t.Context(), zmq.WithCurveClient(keys[2], keys[1].Public()))
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if err := sub.Subscribe(""); err != nil {
		t.Fatal(err)
	}
	if err := sub.Connect(endpoint); err != nil {
		t.Fatal(err)
	}
	m, err := sub.Recv(t.Context())
	if err != nil || m.Peer().Mechanism != "CURVE" || m.PopString() != "k" || m.PopString() != "secret" {
		t.Errorf("%v, %v", m, err)
	}
}
