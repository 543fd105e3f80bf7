package zmq4_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/compat/zmq4"
	"github.com/go-zactor/zactor/zmq"
)

// The tests of this file are what programs moved from the original fell into: each
// has the original's answer, as v0.17.0 gave it when it was run.

// A logger of nil, and one whose writer panics, take nothing down.
func TestLoggersDoNoHarm(t *testing.T) {
	bad := make(chan struct{}, 1)
	panics := log.New(writerFunc(func([]byte) (int, error) {
		select {
		case bad <- struct{}{}:
		default:
		}
		panic("disk on fire")
	}), "", 0)
	for name, logger := range map[string]*log.Logger{"nil": nil, "panics": panics} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			pull, endpoint := k.bound(zmq4.NewPull, zmq4.WithLogger(logger))
			for range 3 { // the connection ends, which is logged; the next one is served
				push := k.dialled(zmq4.NewPush, endpoint, zmq4.WithLogger(logger))
				k.send(push, "x")
				k.want(pull, "x")
				k.ok(push.Close())
			}
			core, _ := zmq4.Core(pull)
			k.until("all are gone", func() bool { return core.Stats().Disconnects == 3 })
			if logger != nil {
				select {
				case <-bad:
				case <-k.ctx.Done():
					t.Error("nothing was logged")
				}
			}
		})
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// Dial says at once that the peer is of a type that does not fit, however often it may
// try again.
func TestDialTellsOfTheWrongType(t *testing.T) {
	k := newKit(t)
	_, endpoint := k.bound(zmq4.NewPub)
	for name, opts := range map[string][]zmq4.Option{
		"without options": nil,
		"any retries":     {zmq4.WithDialerMaxRetries(-1)},
		"10 retries":      {zmq4.WithDialerMaxRetries(10)},
		"no reconnect":    {zmq4.WithAutomaticReconnect(false)},
	} {
		req := k.open(zmq4.NewReq, append(opts, zmq4.WithDialerRetry(time.Hour))...)
		if err := req.Dial(endpoint); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: a REQ has dialled a PUB: %v", name, err)
		}
		core, _ := zmq4.Core(req)
		if st := core.Endpoint(endpoint); st.State != zmq.EndpointOver {
			t.Errorf("%s: it is still dialled: %+v", name, st)
		}
	}
}

// With n = -1 Dial waits for a peer, and until the socket's context ends.
func TestDialAnyRetries(t *testing.T) {
	k := newKit(t)
	gone, endpoint := k.bound(zmq4.NewPull)
	k.ok(gone.Close())
	ctx, cancel := context.WithCancel(k.ctx)
	push := zmq4.NewPush(ctx, zmq4.WithDialerMaxRetries(-1), zmq4.WithDialerRetry(time.Millisecond))
	defer push.Close()
	core, _ := zmq4.Core(push)
	done := make(chan error)
	go func() { done <- push.Dial(endpoint) }()
	k.until("it has tried often", func() bool { return core.Endpoint(endpoint).Attempts > 20 })
	cancel()
	k.is(<-done, context.Canceled)
}

// A REQ whose server dies between request and answer is told, and may ask again.
func TestReqIsToldOfALoss(t *testing.T) {
	for name, opts := range map[string][]zmq4.Option{
		"reconnects": nil, "does not": {zmq4.WithAutomaticReconnect(false)},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			rep, endpoint := k.bound(zmq4.NewRep)
			req := k.dialled(zmq4.NewReq, endpoint, append(opts, zmq4.WithDialerRetry(time.Millisecond))...)
			k.send(req, "ask")
			k.want(rep, "ask")
			k.ok(rep.Close())
			if _, err := req.Recv(); err != io.EOF {
				t.Fatalf("Recv returns %v", err)
			}
			if opts != nil {
				k.is(req.Send(zmq4.NewMsgString("again")), zmq4.ErrClosedConn)
			}
			rep = k.open(zmq4.NewRep)
			k.ok(rep.Listen(endpoint))
			if opts != nil {
				k.ok(req.Dial(endpoint))
			}
			k.send(req, "again")
			k.want(rep, "again")
			k.send(rep, "answer")
			k.want(req, "answer")
		})
	}
}

// WithAutomaticReconnect(false): what a lost peer has sent, then io.EOF once, then
// nothing; Dial makes a new start. On every type that receives, over every transport.
func TestNoReconnect(t *testing.T) {
	pairs := []struct{ server, client constructor }{
		{zmq4.NewPush, zmq4.NewPull}, {zmq4.NewDealer, zmq4.NewDealer}, {zmq4.NewPair, zmq4.NewPair},
		{zmq4.NewDealer, zmq4.NewRouter}, {zmq4.NewXPub, zmq4.NewSub}, {zmq4.NewXPub, zmq4.NewXSub}, {zmq4.NewDealer, zmq4.NewRep},
	}
	for i, p := range pairs {
		for _, scheme := range []string{"tcp", "ipc", "inproc"} {
			k := newKit(t)
			endpoint := fmt.Sprintf("inproc://once-%d", i)
			server := k.open(p.server)
			switch scheme {
			case "ipc":
				endpoint = "ipc://" + t.TempDir() + "/s"
				k.ok(server.Listen(endpoint))
			case "tcp":
				k.ok(server.Listen("tcp://127.0.0.1:*"))
				endpoint = "tcp://" + server.Addr().String()
			default:
				k.ok(server.Listen(endpoint))
			}
			client := k.open(p.client, zmq4.WithAutomaticReconnect(false), zmq4.WithDialerRetry(time.Millisecond))
			name := fmt.Sprintf("%s over %s", client.Type(), scheme)
			if typ := client.Type(); typ == zmq4.Sub || typ == zmq4.XSub {
				k.ok(client.SetOption(zmq4.OptionSubscribe, ""))
			}
			for range 2 {
				k.ok(client.Dial(endpoint))
				if server.Type() == zmq4.XPub {
					if _, err := server.Recv(); err != nil {
						t.Fatal(name, err)
					}
				}
				k.ok(server.Send(zmq4.NewMsgFromString([]string{"", "last"})))
				k.ok(server.Close())
				if m, err := client.Recv(); err != nil || !strings.HasSuffix(string(m.Bytes()), "last") {
					t.Fatalf("%s: %v, %v", name, m, err)
				}
				if client.Type() == zmq4.Rep {
					k.ok(client.Send(zmq4.NewMsgString("answer to nobody")))
				}
				if _, err := client.Recv(); err != io.EOF {
					t.Fatalf("%s: after the loss Recv returns %v", name, err)
				}
				server = k.open(p.server)
				k.ok(server.Listen(endpoint))
			}
			core, _ := zmq4.Core(client)
			if st := core.Endpoint(endpoint); scheme != "inproc" && st.State != zmq.EndpointOver {
				t.Errorf("%s: it has been dialled again: %+v", name, st)
			}
		}
	}
}

// Who sends when nobody is left hears of it, also who waits for room.
func TestNoReconnectSend(t *testing.T) {
	for _, make := range []constructor{zmq4.NewPush, zmq4.NewDealer, zmq4.NewPair, zmq4.NewRouter, zmq4.NewPub} {
		k := newKit(t)
		fits := map[zmq4.SocketType]constructor{
			zmq4.Push: zmq4.NewPull, zmq4.Dealer: zmq4.NewRouter, zmq4.Pair: zmq4.NewPair, zmq4.Router: zmq4.NewDealer, zmq4.Pub: zmq4.NewSub,
		}
		client := k.open(make, zmq4.WithAutomaticReconnect(false))
		server, endpoint := k.bound(fits[client.Type()])
		k.ok(client.Dial(endpoint))
		done := floods(client, k)
		k.ok(server.Close())
		if err := <-done; !errors.Is(err, zmq4.ErrClosedConn) {
			t.Errorf("%s: Send returns %v", client.Type(), err)
		}
	}
}

// floods sends until that fails.
func floods(s zmq4.Socket, k *kit) <-chan error {
	done := make(chan error, 1)
	k.ok(s.SetOption(zmq4.OptionHWM, 2))
	go func() {
		for {
			if err := s.Send(zmq4.NewMsgFromString([]string{"a", "b"})); err != nil {
				done <- err
				return
			}
		}
	}()
	return done
}

// Dial returns when the peer is ready: 50 of 50 messages that a ROUTER sends at once.
func TestRouterDialsAndSends(t *testing.T) {
	k := newKit(t)
	for i := range 50 {
		dealer, endpoint := k.bound(zmq4.NewDealer, zmq4.WithID(zmq4.SocketIdentity("d")))
		router := k.dialled(zmq4.NewRouter, endpoint)
		k.send(router, "d", fmt.Sprint(i))
		k.want(dealer, fmt.Sprint(i))
		k.ok(router.Close())
		k.ok(dealer.Close())
	}
}

// The same for who asks for no reconnecting, and for a Dial that retries.
func TestDialIsReady(t *testing.T) {
	for _, opt := range []zmq4.Option{zmq4.WithAutomaticReconnect(false), zmq4.WithAutomaticReconnect(true), zmq4.WithDialerMaxRetries(3)} {
		k := newKit(t)
		dealer, endpoint := k.bound(zmq4.NewDealer, zmq4.WithID(zmq4.SocketIdentity("d")))
		router := k.dialled(zmq4.NewRouter, endpoint, opt)
		k.send(router, "d", "x")
		k.want(dealer, "x")
	}
}

// There is no limit on a message: neither in bytes nor in frames.
func TestMessagesOfAnySize(t *testing.T) {
	k := newKit(t)
	pull, endpoint := k.bound(zmq4.NewPull)
	push := k.dialled(zmq4.NewPush, endpoint)
	big := zmq4.NewMsg(make([]byte, 17<<20))
	many := zmq4.NewMsgFrom(make([][]byte, 3000)...)
	for _, m := range []zmq4.Msg{big, many} {
		sent := make(chan error, 1)
		go func() { sent <- push.Send(m) }()
		got, err := pull.Recv()
		k.ok(err)
		k.ok(<-sent)
		if len(got.Bytes()) != len(m.Bytes()) || len(got.Frames) != len(m.Frames) {
			t.Errorf("%d bytes in %d frames", len(got.Bytes()), len(got.Frames))
		}
	}
}

// After the socket's context has ended nothing is sent or received any more.
func TestContextEnded(t *testing.T) {
	k := newKit(t)
	for _, opts := range [][]zmq4.Option{nil, {zmq4.WithAutomaticReconnect(false)}} {
		pull, endpoint := k.bound(zmq4.NewPull)
		ctx, cancel := context.WithCancel(k.ctx)
		push := zmq4.NewPush(ctx, opts...)
		k.ok(push.Dial(endpoint))
		k.send(push, "before")
		k.want(pull, "before")
		k.send(pushTo(k, endpoint), "other")
		cancel()
		k.is(push.Send(zmq4.NewMsgString("after")), context.Canceled)
		k.is(push.SendMulti(zmq4.NewMsgString("after")), context.Canceled)
		_, err := push.Recv()
		k.is(err, context.Canceled)
		k.is(push.Listen("tcp://127.0.0.1:*"), context.Canceled)
		k.is(push.Dial(endpoint), context.Canceled)
		k.is(push.SetOption(zmq4.OptionHWM, 1), context.Canceled)
		k.ok(push.Close())
		k.want(pull, "other")
		core, _ := zmq4.Core(pull)
		k.until("both are gone, or one", func() bool { return core.Stats().Disconnects >= 1 })
		if m, err := core.TryRecv(); !errors.Is(err, zmq.ErrAgain) {
			t.Errorf("received %v, %v", m, err)
		}
	}
}

func pushTo(k *kit, endpoint string) zmq4.Socket { return k.dialled(zmq4.NewPush, endpoint) }

// WithDialerTimeout bounds the handshake with a peer that says nothing.
func TestDialerTimeoutBoundsTheHandshake(t *testing.T) {
	k := newKit(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	k.ok(err)
	defer l.Close()
	push := k.open(zmq4.NewPush, zmq4.WithDialerTimeout(5*time.Millisecond), zmq4.WithDialerMaxRetries(2), zmq4.WithDialerRetry(time.Millisecond))
	if err := push.Dial("tcp://" + l.Addr().String()); err == nil {
		t.Error("Dial has found a peer that says nothing")
	}
}

// WithDialerRetry is the time between attempts, always: it does not grow.
func TestDialerRetryIsFixed(t *testing.T) {
	k := newKit(t)
	gone, endpoint := k.bound(zmq4.NewPull)
	k.ok(gone.Close())
	push := k.open(zmq4.NewPush, zmq4.WithDialerRetry(3*time.Millisecond))
	core, _ := zmq4.Core(push)
	n := 0
	events := core.Events(k.ctx, zmq.EventConnectRetried)
	k.ok(push.Dial(endpoint))
	for e := range events {
		if e.RetryIn != 3*time.Millisecond {
			t.Fatalf("attempt %d comes after %v", n, e.RetryIn)
		}
		if n++; n == 50 {
			break
		}
	}
}
