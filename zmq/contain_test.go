package zmq_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// This file makes the hooks of a socket's program fail in every way there is. What
// hooks there are stands in the table of internal/arch/contain_test.go.

// disasters are the ways for a hook not to return.
var disasters = map[string]func(){
	"panic":  func() { panic("disaster") },
	"error":  func() { panic(fmt.Errorf("disaster: %w", net.ErrClosed)) },
	"nil":    func() { panic(nil) },
	"goexit": runtime.Goexit,
}

// fuse makes one call of a hook a disaster: the one after so many others.
type fuse struct {
	left atomic.Int32
	how  func()
}

func (f *fuse) burn() {
	if f != nil && f.left.Add(-1) == 0 {
		f.how()
	}
}

// fragile is a network whose connections have a fuse for each of their methods.
type fragile struct{ fuses map[string]*fuse }

func (n *fragile) Listen(_ context.Context, endpoint string) (net.Listener, string, error) {
	n.fuses["Listen"].burn()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	return &fragileListener{l, n}, "tcp://" + l.Addr().String(), nil
}

func (n *fragile) Dial(ctx context.Context, endpoint string) (net.Conn, error) {
	n.fuses["Dial"].burn()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", endpoint[len("tcp://"):])
	return &fragileConn{c, n}, err
}

type fragileListener struct {
	net.Listener
	n *fragile
}

func (l *fragileListener) Accept() (net.Conn, error) {
	l.n.fuses["Accept"].burn()
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &fragileConn{c, l.n}, nil
}

func (l *fragileListener) Close() error {
	err := l.Listener.Close()
	l.n.fuses["CloseListener"].burn()
	return err
}

type fragileConn struct {
	net.Conn
	n *fragile
}

func (c *fragileConn) Read(p []byte) (int, error) {
	c.n.fuses["Read"].burn()
	return c.Conn.Read(p)
}

func (c *fragileConn) Write(p []byte) (int, error) {
	c.n.fuses["Write"].burn()
	return c.Conn.Write(p)
}

func (c *fragileConn) Close() error {
	err := c.Conn.Close()
	c.n.fuses["Close"].burn()
	return err
}

func (c *fragileConn) RemoteAddr() net.Addr {
	c.n.fuses["RemoteAddr"].burn()
	return c.Conn.RemoteAddr()
}

func (c *fragileConn) SetDeadline(t time.Time) error {
	c.n.fuses["SetDeadline"].burn()
	return c.Conn.SetDeadline(t)
}

// Whatever a program's network does instead of returning, wherever it is called from, a
// connection ends at most: the next one serves, and everything can be closed.
func TestNetworkIsContained(t *testing.T) {
	for _, method := range []string{"Accept", "Dial", "Read", "Write", "Close", "RemoteAddr", "SetDeadline"} {
		for name, how := range disasters {
			for _, nth := range []int32{1, 2, 3, 6} {
				t.Run(fmt.Sprint(method, "/", name, "/", nth), func(t *testing.T) {
					t.Parallel()
					f := &fuse{how: how}
					f.left.Store(nth)
					contained(t, f, &fragile{map[string]*fuse{method: f}})
				})
			}
		}
	}
}

func contained(t *testing.T, f *fuse, n zmq.Network) {
	ctx, cancel := context.WithTimeout(context.Background(), ztest.Patience)
	defer cancel()
	zctx := zmq.NewContext(ctx, zmq.WithNetwork(n))
	opts := []zmq.Option{zmq.WithReconnectInterval(time.Millisecond, 0), zmq.WithLinger(0), zmq.WithRoutingID("peer"), zmq.WithRouterHandover(true)}
	router, err := zmq.NewRouter(zctx, opts[:2:2]...)
	if err != nil {
		t.Fatal(err)
	}
	if err := router.Set(opts[3]); err != nil {
		t.Fatal(err)
	}
	endpoint, err := router.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	dealer, err := zmq.NewDealer(zctx, opts[:3:3]...)
	if err != nil {
		t.Fatal(err)
	}
	if err := dealer.Connect(endpoint); err != nil {
		t.Fatal(err)
	}
	// Until a round works after the fuse has blown.
	for rounds, last := 0, false; ; rounds++ {
		blown := f.left.Load() <= 0
		if rounds > 200 {
			t.Logf("the hook was called %d times too few", f.left.Load())
			break
		}
		_ = dealer.SendString(ctx, "hello")
		short, stop := context.WithTimeout(ctx, 20*time.Millisecond)
		m, err := router.Recv(short)
		stop()
		if err == nil {
			err = router.Send(ctx, m)
			if last && err == nil {
				break
			}
		}
		last = blown && err == nil
		if ctx.Err() != nil {
			t.Fatal("never came back to life")
		}
	}
	stats := func() uint64 { return router.Stats().Panics + dealer.Stats().Panics }
	if f.left.Load() <= 0 && stats() == 0 {
		t.Error("the panic was not counted")
	}
	closed := make(chan error, 1)
	go func() { closed <- unlessUnsent(zctx.Close()) }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-ctx.Done():
		t.Error("Close hangs")
	}
}

// A panic in a listener's Close neither ends nor hangs the one who unbinds.
func TestListenerCloseIsContained(t *testing.T) {
	k := alone(t, "tcp")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	k.ok(err)
	f := &fuse{how: func() { panic("disaster") }}
	f.left.Store(1)
	s := k.open(zmq.Pull)
	events := k.watch(s, zmq.EventCloseFailed)
	bound, err := s.Bind("tcp://"+l.Addr().String(), zmq.WithListener(&fragileListener{l, &fragile{map[string]*fuse{"CloseListener": f}}}))
	k.ok(err)
	k.ok(s.Unbind(bound))
	k.is(events.next().Err, zmq.ErrPanic)
}

// badWriter is a log writer that fails.
type badWriter struct{ how func() }

func (w badWriter) Write(p []byte) (int, error) { w.how(); return len(p), nil }

// badHandler is a slog handler that fails wherever it is asked.
type badHandler struct {
	slog.Handler
	how func()
}

func (h badHandler) Handle(context.Context, slog.Record) error { h.how(); return nil }

// A logger that panics loses its line, which is counted, and nothing else.
func TestLoggerIsContained(t *testing.T) {
	for name, how := range disasters {
		if name == "goexit" { // ends the goroutine that logs: TestLoggerThatEndsTheGoroutine
			continue
		}
		for kind, opt := range map[string]zmq.Option{
			"zerolog": zmq.WithLogger(zerolog.New(badWriter{how})),
			"slog":    zmq.WithSlog(slog.New(badHandler{slog.NewTextHandler(badWriter{how}, &slog.HandlerOptions{Level: slog.LevelDebug}), how})),
		} {
			t.Run(kind+"/"+name, func(t *testing.T) { loggedEnds(alone(t, "tcp"), opt, true) })
		}
	}
}

// One that calls runtime.Goexit ends the connection that is ending anyway.
func TestLoggerThatEndsTheGoroutine(t *testing.T) {
	loggedEnds(alone(t, "tcp"), zmq.WithLogger(zerolog.New(badWriter{runtime.Goexit})), false)
}

func loggedEnds(k *kit, opt zmq.Option, counted bool) {
	pull, endpoint := k.bound(zmq.Pull, opt)
	for i := range 3 {
		push := k.joined(zmq.Push, endpoint, opt)
		k.send(push, fmt.Sprint(i))
		k.want(pull, fmt.Sprint(i))
		k.ok(push.Close())
	}
	k.until("all are gone", func() bool { return pull.Stats().Connected == 0 })
	if counted {
		k.until("the lines are counted", func() bool { return pull.Stats().LogPanics == 3 })
		if n := pull.Stats().Panics; n != 0 {
			k.Errorf("a logger's panic counts as %d of a connection", n)
		}
	}
}

// A TLS callback that fails ends the connection, on either side.
func TestTLSCallbacksAreContained(t *testing.T) {
	serverConf, clientConf := testTLS(t)
	for name, how := range disasters {
		for _, side := range []string{"server", "client"} {
			t.Run(side+"/"+name, func(t *testing.T) {
				k := alone(t, "tcp")
				f := &fuse{how: how}
				f.left.Store(1)
				server, client := serverConf.Clone(), clientConf.Clone()
				verify := func(tls.ConnectionState) error { f.burn(); return nil }
				if side == "server" {
					server.VerifyConnection = verify
				} else {
					client.VerifyConnection = verify
				}
				pull := k.open(zmq.Pull)
				endpoint, err := pull.Bind("wss://127.0.0.1:*", zmq.WithTLSConfig(server))
				k.ok(err)
				push := k.open(zmq.Push, zmq.WithReconnectInterval(time.Millisecond, 0))
				k.ok(push.Connect(endpoint, zmq.WithTLSConfig(client)))
				k.send(push, "hello")
				k.want(pull, "hello")
				if n := pull.Stats().Panics + push.Stats().Panics; n != 1 {
					t.Errorf("%d panics were counted, want 1", n)
				}
			})
		}
	}
}

// What a connection was ended by is told: in the event, which errors.Is finds, with the
// place and the value in its text.
func TestPanicIsTold(t *testing.T) {
	k := alone(t, "tcp")
	f := &fuse{how: func() { panic("the value") }}
	f.left.Store(2)
	zctx := zmq.NewContext(k.ctx, zmq.WithNetwork(&fragile{map[string]*fuse{"Read": f}}))
	defer zctx.Close()
	pull, err := zmq.NewPull(zctx)
	k.ok(err)
	events := k.watch(pull, zmq.EventPanic|zmq.EventDisconnected)
	endpoint, err := pull.Bind("tcp://127.0.0.1:*")
	k.ok(err)
	nc, err := net.Dial("tcp", endpoint[len("tcp://"):])
	k.ok(err)
	defer nc.Close()
	_, err = nc.Write(speakerHello("PUSH"))
	k.ok(err)
	for _, kind := range []zmq.EventMask{zmq.EventPanic, zmq.EventDisconnected} {
		e := events.next()
		if e.Kind != kind || !errors.Is(e.Err, zmq.ErrPanic) || !errors.Is(e.Err, contain.ErrPanic) || e.Remote == "" {
			t.Errorf("event %v, want %v with ErrPanic", e, kind)
		}
		k.mentions(e.Err, "the value")
	}
}

// testTLS is the configuration of a server and of a client that trusts it.
func testTLS(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	certPEM, keyPEM := wsKeyPair()
	pair, err := tls.X509KeyPair([]byte(certPEM), []byte(keyPEM))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(certPEM))
	return &tls.Config{Certificates: []tls.Certificate{pair}}, &tls.Config{RootCAs: pool}
}
