//go:build interop

package interop

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// ours opens zactor's sockets, in the default Context.
type ours struct{}

func (ours) name() string { return "zactor" }

// constructors are the ways to make each of the classic types.
var constructors = map[string]func(context.Context, ...zmq.Option) (*zmq.Socket, error){
	"PAIR": zmq.NewPair, "PUB": zmq.NewPub, "SUB": zmq.NewSub, "REQ": zmq.NewReq, "REP": zmq.NewRep,
	"DEALER": zmq.NewDealer, "ROUTER": zmq.NewRouter, "PULL": zmq.NewPull, "PUSH": zmq.NewPush,
	"XPUB": zmq.NewXPub, "XSUB": zmq.NewXSub,
}

func (ours) open(t *testing.T, typ string, o setup) end {
	t.Helper()
	// libzmq's own default, so that both sides come back at the same pace.
	opts := []zmq.Option{zmq.WithLinger(o.linger), zmq.WithReconnectInterval(100*time.Millisecond, 0)}
	if o.id != "" {
		opts = append(opts, zmq.WithRoutingID(o.id))
	}
	if o.mandatory {
		opts = append(opts, zmq.WithRouterMandatory(true))
	}
	if o.heartbeat > 0 {
		opts = append(opts, zmq.WithHeartbeat(o.heartbeat, missed, o.ttl))
	}
	// Not in the test's context, which ends before the clean-up that closes it.
	s, err := constructors[typ](context.Background(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	e := &ourEnd{t: t, s: s}
	t.Cleanup(e.close)
	return e
}

func (o ours) fresh(*testing.T) side { return o }

func (o ours) proxy(t *testing.T, front, back string) (string, string) {
	t.Helper()
	f, b := o.open(t, front, setup{}).(*ourEnd), o.open(t, back, setup{}).(*ourEnd)
	endpoints := [2]string{f.bind("tcp://127.0.0.1:*"), b.bind("tcp://127.0.0.1:*")}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- zmq.Proxy(ctx, f.s, b.s, nil) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("proxy: %v", err)
		}
	})
	return endpoints[0], endpoints[1]
}

// ourEnd is a socket of this process.
type ourEnd struct {
	crashed bool
	t       *testing.T
	s       *zmq.Socket
}

// check fails the test on an error that is not expected of anyone.
func (e *ourEnd) check(what string, err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatalf("our %v: %s: %v", e.s.Type(), what, err)
	}
}

func (e *ourEnd) bind(endpoint string) string {
	e.t.Helper()
	bound, err := e.s.Bind(endpoint)
	e.check("bind", err)
	return bound
}

func (e *ourEnd) connect(endpoint string) {
	e.t.Helper()
	e.check("connect", e.s.Connect(endpoint))
}

func (e *ourEnd) disconnect(endpoint string) {
	e.t.Helper()
	e.check("disconnect", e.s.Disconnect(endpoint))
}

func (e *ourEnd) unbind(endpoint string) {
	e.t.Helper()
	e.check("unbind", e.s.Unbind(endpoint))
}

func (e *ourEnd) subscribe(prefix string) {
	e.t.Helper()
	e.check("subscribe", e.s.Subscribe(prefix))
}

func (e *ourEnd) unsubscribe(prefix string) {
	e.t.Helper()
	e.check("unsubscribe", e.s.Unsubscribe(prefix))
}

func (e *ourEnd) send(frames ...frame) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), ztest.Patience)
	defer cancel()
	list := make([][]byte, len(frames))
	for i, f := range frames {
		list[i] = f.bytes()
	}
	err := e.s.SendBytes(ctx, list...)
	for errors.Is(err, zmq.ErrHostUnreachable) && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
		err = e.s.SendBytes(ctx, list...)
	}
	e.check("send", err)
}

func (e *ourEnd) recv(timeout time.Duration) (message, bool) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), timeout)
	defer cancel()
	m, err := e.s.Recv(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, false
	}
	e.check("recv", err)
	got := make(message, m.Len())
	for i, f := range m.Frames {
		got[i] = digestOf(f)
	}
	m.Release()
	return got, true
}

func (e *ourEnd) sendSeq(start, n, size int) func() {
	return e.later("sendSeq", func(ctx context.Context) error {
		for i := start; i < start+n; i++ {
			m := make([]byte, max(8, size))
			binary.BigEndian.PutUint64(m, uint64(i))
			if err := e.s.Send(ctx, msg.New(m)); err != nil {
				return fmt.Errorf("message %d: %w", i, err)
			}
		}
		return nil
	})
}

func (e *ourEnd) recvSeq(start, n int) func() {
	return e.later("recvSeq", func(ctx context.Context) error {
		for i := start; i < start+n; i++ {
			m, err := e.s.Recv(ctx)
			if err != nil {
				return fmt.Errorf("message %d: %w", i, err)
			}
			if m.Len() != 1 || len(m.Frames[0]) < 8 {
				return fmt.Errorf("%v where %d was due", m, i)
			}
			if got := binary.BigEndian.Uint64(m.Frames[0]); got != uint64(i) {
				return fmt.Errorf("message %d where %d was due", got, i)
			}
			m.Release()
		}
		return nil
	})
}

// later runs a step in a goroutine; wait returns when it is done.
func (e *ourEnd) later(what string, step func(context.Context) error) (wait func()) {
	ctx, cancel := context.WithTimeout(e.t.Context(), 2*ztest.Patience)
	done := make(chan error, 1)
	go func() {
		defer cancel()
		done <- step(ctx)
	}()
	return func() {
		e.t.Helper()
		e.check(what, <-done)
	}
}

func (e *ourEnd) recvAll(quiet time.Duration) []string {
	e.t.Helper()
	var heads []string
	for {
		m, ok := e.recv(quiet)
		if !ok {
			return heads
		}
		heads = append(heads, m[0].text())
	}
}

func (e *ourEnd) close() {
	var unsent *zmq.UnsentError
	err := e.s.Close()
	if e.crashed && errors.As(err, &unsent) {
		return // there was no time to send
	}
	if err != nil {
		e.t.Errorf("our %v: close: %v", e.s.Type(), err)
	}
}

// crash is the nearest thing to it in one process: a linger of zero.
func (e *ourEnd) crash() {
	e.t.Helper()
	e.check("linger", e.s.Set(zmq.WithLinger(0)))
	e.crashed = true
	e.close()
}

// peers is how many are connected.
func (e *ourEnd) peers() int {
	n := 0
	for _, p := range e.s.Peers() {
		if p.Connected {
			n++
		}
	}
	return n
}

// awaitPeers waits until there are so many.
func (e *ourEnd) awaitPeers(n int) {
	e.t.Helper()
	ztest.Eventually(e.t, fmt.Sprintf("%d peers", n), func() bool {
		if e.peers() == n {
			return true
		}
		time.Sleep(5 * time.Millisecond)
		return false
	})
}
