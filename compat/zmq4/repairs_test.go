package zmq4_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/compat/zmq4"
	"github.com/go-zactor/zactor/compat/zmq4/security/null"
	"github.com/go-zactor/zactor/compat/zmq4/security/plain"
	"github.com/go-zactor/zactor/zmq"
)

// The tests of this file are rows of the table in doc.go: what users of the original
// ran into.

// 30 messages to 3 workers: each worker got all 30.
func TestPushTakesTurns(t *testing.T) {
	k := newKit(t)
	push, endpoint := k.bound(zmq4.NewPush)
	var pulls []zmq4.Socket
	for range 3 {
		pulls = append(pulls, k.dialled(zmq4.NewPull, endpoint))
	}
	k.connected(push, 3)
	for range 30 {
		k.send(push, "task")
	}
	for _, p := range pulls {
		for range 10 {
			k.want(p, "task")
		}
	}
}

// A REP with a password let everybody in.
func TestPlainAsksForThePassword(t *testing.T) {
	k := newKit(t)
	rep, endpoint := k.bound(zmq4.NewRep, zmq4.WithSecurity(plain.Security("admin", "secret")))
	for _, wrong := range []zmq4.Security{
		plain.Security("mallory", "wrong"), plain.Security("admin", "wrong"), plain.Security("admin", ""),
	} {
		k.is(k.open(zmq4.NewReq, zmq4.WithSecurity(wrong)).Dial(endpoint), zmq.ErrAuth)
	}
	null := k.open(zmq4.NewReq, zmq4.WithSecurity(null.Security()), zmq4.WithDialerMaxRetries(0))
	if err := null.Dial(endpoint); err == nil {
		t.Error("a client without any security was let in")
	}
	req := k.dialled(zmq4.NewReq, endpoint, zmq4.WithSecurity(plain.Security("admin", "secret")))
	k.send(req, "PING")
	k.want(rep, "PING")
	k.send(rep, "PONG")
	k.want(req, "PONG")
}

// A Dial whose password is wrong says so when it is asked to wait.
func TestDialTellsOfRefusal(t *testing.T) {
	k := newKit(t)
	_, endpoint := k.bound(zmq4.NewRep, zmq4.WithSecurity(plain.Security("admin", "secret")))
	req := k.open(zmq4.NewReq, zmq4.WithSecurity(plain.Security("eve", "x")), zmq4.WithDialerMaxRetries(1000))
	k.is(req.Dial(endpoint), zmq.ErrAuth)
}

// Dial before there is anybody took 2.5 seconds and failed.
func TestDialDoesNotWait(t *testing.T) {
	k := newKit(t)
	for _, transport := range []string{"tcp", "ipc"} {
		endpoint := "ipc://" + t.TempDir() + "/late"
		if transport == "tcp" {
			gone, free := k.bound(zmq4.NewPull)
			k.ok(gone.Close())
			endpoint = free
		}
		push := k.dialled(zmq4.NewPush, endpoint, zmq4.WithDialerRetry(5*time.Millisecond))
		k.send(push, "early")
		pull := k.open(zmq4.NewPull)
		k.ok(pull.Listen(endpoint))
		k.want(pull, "early")
	}
}

// Who wants it gets a Dial that waits, and fails in the end.
func TestDialMaxRetries(t *testing.T) {
	k := newKit(t)
	pull, endpoint := k.bound(zmq4.NewPull)
	opts := []zmq4.Option{zmq4.WithDialerMaxRetries(3), zmq4.WithDialerRetry(time.Millisecond)}
	push := k.dialled(zmq4.NewPush, endpoint, opts...)
	if core, _ := zmq4.Core(push); core.Stats().Connected != 1 {
		t.Error("Dial has not waited for the peer")
	}
	k.send(push, "hello")
	k.want(pull, "hello")
	req, asked := k.open(zmq4.NewReq, opts...), k.open(zmq4.NewRep)
	k.ok(asked.Listen("tcp://127.0.0.1:*"))
	for range 2 { // the second finds what the first has made
		k.ok(req.Dial("tcp://" + asked.Addr().String()))
	}
	k.ok(pull.Close())
	if err := k.open(zmq4.NewPush, opts...).Dial(endpoint); err == nil {
		t.Error("Dial has found a peer where none is")
	}
}

// A lost peer was lost for good.
func TestReconnect(t *testing.T) {
	k := newKit(t)
	pull, endpoint := k.bound(zmq4.NewPull)
	push := k.dialled(zmq4.NewPush, endpoint, zmq4.WithDialerRetry(5*time.Millisecond))
	k.send(push, "one")
	k.want(pull, "one")
	k.ok(pull.Close())
	core, _ := zmq4.Core(push)
	k.until("the loss is noticed", func() bool { return core.Stats().Connected == 0 })
	k.send(push, "two")
	again := k.open(zmq4.NewPull)
	k.ok(again.Listen(endpoint))
	k.want(again, "two")
}

// Half a second's messages were lost when Close came after them.
func TestCloseSendsFirst(t *testing.T) {
	k := newKit(t)
	pull, endpoint := k.bound(zmq4.NewPull)
	push := k.dialled(zmq4.NewPush, endpoint)
	for range 500 {
		k.send(push, "x")
	}
	k.ok(push.Close())
	k.ok(push.Close())
	for range 500 {
		k.want(pull, "x")
	}
}

// PUB keeps what a slow subscriber has not taken, as it did, and copies what is sent.
func TestPubKeepsAndCopies(t *testing.T) {
	k := newKit(t)
	pub, endpoint := k.bound(zmq4.NewPub)
	sub := k.dialled(zmq4.NewSub, endpoint)
	k.ok(sub.SetOption(zmq4.OptionSubscribe, ""))
	k.until("the subscription is there", func() bool { return len(pub.(zmq4.Topics).Topics()) == 1 })
	const total = 50_000
	buf := make([]byte, 1)
	for i := range total {
		buf[0] = byte(i)
		k.ok(pub.Send(zmq4.NewMsg(buf)))
	}
	for i := range total {
		m, err := sub.Recv()
		k.ok(err)
		if len(m.Bytes()) != 1 || m.Bytes()[0] != byte(i) {
			t.Fatalf("message %d is %v", i, m)
		}
	}
}

// A second Listen took the place of the first, and subscriptions before Dial hung.
func TestListenTwiceSubscribeFirst(t *testing.T) {
	k := newKit(t)
	pub := k.open(zmq4.NewPub)
	sub := k.open(zmq4.NewSub)
	k.ok(sub.SetOption(zmq4.OptionSubscribe, "news"))
	for range 2 {
		k.ok(pub.Listen("tcp://127.0.0.1:0"))
		k.ok(sub.Dial("tcp://" + pub.Addr().String()))
	}
	core, _ := zmq4.Core(pub)
	k.ok(core.WaitSubscribers(k.ctx, "news", 2))
	k.send(pub, "news", "x")
	k.want(sub, "news", "x")
	k.want(sub, "news", "x")
}

// Two requests in a row were taken.
func TestReqTakesTurns(t *testing.T) {
	k := newKit(t)
	req := k.dialled(zmq4.NewReq, "inproc://req-takes-turns", zmq4.WithCore(zmq.WithLinger(0)))
	k.send(req, "one")
	k.is(req.Send(zmq4.NewMsgString("two")), zmq.ErrState)
}

// A proxy of XSUB and XPUB passed no subscriptions, and Pause and Resume did nothing.
func TestProxy(t *testing.T) {
	k := newKit(t)
	in, inside := k.bound(zmq4.NewXSub)
	out, outside := k.bound(zmq4.NewXPub)
	proxy := zmq4.NewProxy(k.ctx, in, out, nil)
	ended := make(chan error, 1)
	go func() { ended <- proxy.Run() }()

	pub := k.dialled(zmq4.NewPub, inside)
	sub := k.dialled(zmq4.NewSub, outside)
	k.ok(sub.SetOption(zmq4.OptionSubscribe, "news"))
	core, _ := zmq4.Core(pub)
	k.ok(core.WaitSubscribers(k.ctx, "news", 1))
	k.send(pub, "news", "one")
	k.want(sub, "news", "one")

	proxy.Pause()
	before := proxy.Stats().Frontend.Received
	k.send(pub, "news", "two")
	proxy.Resume()
	k.want(sub, "news", "two")
	if got := proxy.Stats().Frontend.Received; before != 1 || got != 2 {
		t.Errorf("counted %d and then %d messages", before, got)
	}
	proxy.Kill()
	k.ok(<-ended)
}

// A proxy that can't be is not nil, and says so.
func TestProxyOfNothing(t *testing.T) {
	k := newKit(t)
	p := zmq4.NewProxy(k.ctx, nil, k.open(zmq4.NewXPub), nil)
	p.Pause()
	p.Resume()
	p.Kill()
	k.is(p.Run(), zmq4.ErrForeign)
	if p.Stats() != (zmq.ProxyStats{}) {
		t.Error("it has counted")
	}
}

// Programs compare these errors with ==.
func TestErrorsOfOld(t *testing.T) {
	k := newKit(t)
	push, _ := k.bound(zmq4.NewPush, zmq4.WithTimeout(time.Millisecond))
	if err := push.Send(zmq4.NewMsgString("x")); err != context.DeadlineExceeded {
		t.Errorf("Send without a peer: %v", err)
	}
	pull, _ := k.bound(zmq4.NewPull)
	got := make(chan error, 1)
	go func() {
		m, err := pull.Recv()
		got <- errors.Join(err, m.Err())
	}()
	k.ok(pull.Close())
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("Recv while it is closed: %v", err)
	}
	if m, err := pull.Recv(); err != context.Canceled || m.Err() != err {
		t.Errorf("Recv after Close: %v, %v", err, m.Err())
	}
	if err := pull.Listen("tcp://127.0.0.1:*"); !errors.Is(err, context.Canceled) {
		t.Errorf("Listen after Close: %v", err)
	}
	ctx, cancel := context.WithCancel(k.ctx)
	sub := zmq4.NewSub(ctx)
	defer sub.Close()
	cancel()
	if _, err := sub.Recv(); err != context.Canceled {
		t.Errorf("Recv when the context has ended: %v", err)
	}
}
