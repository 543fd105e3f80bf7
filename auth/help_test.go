package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// bench is what a test works with: a Context with an authenticator.
type bench struct {
	*testing.T
	ctx  context.Context
	zctx *zmq.Context
	auth *auth.Auth
}

func newBench(t *testing.T, opts ...auth.Option) *bench {
	t.Helper()
	b := &bench{T: t, ctx: ztest.Within(t), zctx: zmq.NewContext(context.Background())}
	t.Cleanup(func() {
		if err := b.zctx.Close(); err != nil && !errors.As(err, new(*zmq.UnsentError)) {
			t.Error(err)
		}
	})
	var err error
	b.auth, err = auth.New(b.zctx, opts...)
	b.ok(err)
	t.Cleanup(func() { b.auth.Close() })
	return b
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) is(err, target error) {
	b.Helper()
	if !errors.Is(err, target) {
		b.Fatalf("got error %v, want %v", err, target)
	}
}

func (b *bench) open(typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	b.Helper()
	s, err := zmq.New(b.zctx, typ, append(opts, zmq.WithLinger(0))...)
	b.ok(err)
	b.Cleanup(func() { s.Close() })
	return s
}

// server binds a PULL at the loopback address.
func (b *bench) server(opts ...zmq.Option) (*zmq.Socket, string) {
	b.Helper()
	s := b.open(zmq.Pull, opts...)
	endpoint, err := s.Bind("tcp://127.0.0.1:*")
	b.ok(err)
	return s, endpoint
}

// client connects a PUSH.
func (b *bench) client(endpoint string, opts ...zmq.Option) *zmq.Socket {
	b.Helper()
	s := b.open(zmq.Push, append([]zmq.Option{zmq.WithReconnectInterval(20*time.Millisecond, 0)}, opts...)...)
	b.ok(s.Connect(endpoint))
	return s
}

// passes sends a message and returns the user that the server saw.
func (b *bench) passes(client, server *zmq.Socket) string {
	b.Helper()
	b.ok(client.SendString(b.ctx, "hello"))
	m, err := server.Recv(b.ctx)
	b.ok(err)
	return m.Peer().UserID
}

// passesAtLast sends until a message arrives: those that are on a connection when it
// ends are lost.
func (b *bench) passesAtLast(client, server *zmq.Socket) {
	b.Helper()
	b.until("a message arrives", func() bool {
		_ = client.TrySend(message("hello"))
		m, err := server.TryRecv()
		return err == nil && m.PopString() == "hello"
	})
}

// refused makes sure that a client was told that it may not.
func (b *bench) refused(client *zmq.Socket) {
	b.Helper()
	b.until("the client is told that it is refused", func() bool { return errors.Is(client.WaitConnected(ended, 1), zmq.ErrAuth) })
}

// ended is a context that has ended: a call with it looks, and does not wait.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (b *bench) until(what string, cond func() bool) {
	b.Helper()
	ztest.Eventually(b, what, cond)
}

// hears waits for something to have happened.
func (b *bench) hears(c <-chan struct{}) {
	b.Helper()
	ztest.Soon(b, "it happens", c)
}

// disconnects collects why connections of a socket end.
func (b *bench) disconnects(s *zmq.Socket) <-chan zmq.Event {
	c := make(chan zmq.Event, 1024)
	events := s.Events(b.ctx, zmq.EventDisconnected)
	go func() {
		for e := range events {
			c <- e
		}
	}()
	return c
}

// withdrawn waits for a connection to end because its permission did.
func (b *bench) withdrawn(c <-chan zmq.Event) {
	b.Helper()
	select {
	case e := <-c:
		if !errors.Is(e.Err, zmq.ErrAuth) || !strings.Contains(e.Err.Error(), "withdrawn") {
			b.Errorf("the connection ended because of %v", e.Err)
		}
	case <-b.ctx.Done():
		b.Error("the connection did not end")
	}
}

var (
	serverCert = mustCert()
	aliceCert  = mustCert("name", "Alice", "X-Role", "admin")
	bobCert    = mustCert("name", "Bob")
)

func mustCert(meta ...string) *cert.Cert {
	c, err := cert.New()
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(meta); i += 2 {
		if err := c.SetMeta(meta[i], meta[i+1]); err != nil {
			panic(err)
		}
	}
	return c
}

func asCurve(c *cert.Cert) zmq.Option { return zmq.WithCurveClient(c, serverCert.Public()) }

func passwordsOf(pairs ...string) *auth.Passwords {
	p := new(auth.Passwords)
	for i := 0; i < len(pairs); i += 2 {
		if err := p.Set(pairs[i], pairs[i+1]); err != nil {
			panic(err)
		}
	}
	return p
}

func message(text string) msg.Msg { return msg.NewString(text) }
