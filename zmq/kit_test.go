package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// schemes are the transports that every behaviour is tested over. "curve" is tcp
// that is encrypted: messages wait as messages then, and are cut by the reader.
var schemes = []string{"inproc", "ipc", "tcp", "curve"}

// kit is what a test works with: one Context of its own, closed with all its
// sockets when the test ends.
type kit struct {
	*testing.T
	ctx    context.Context // ends when the test hangs
	zctx   *zmq.Context
	scheme string
	parted []string // what neverParted has found
}

// over runs a test over each transport, and over WebSocket.
func over(t *testing.T, fn func(k *kit)) { runOver(t, append(slices.Clip(schemes), "ws"), fn) }

// networked runs a test over the transports that have connections.
func networked(t *testing.T, fn func(k *kit)) { runOver(t, schemes[1:], fn) }

// wired runs a test over those whose bytes it may look at.
func wired(t *testing.T, fn func(k *kit)) { runOver(t, schemes[1:3], fn) }

func runOver(t *testing.T, schemes []string, fn func(k *kit)) {
	t.Parallel()
	for _, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			fn(newKit(t, scheme))
		})
	}
}

// alone runs a test over one transport.
func alone(t *testing.T, scheme string) *kit {
	t.Helper()
	t.Parallel()
	return newKit(t, scheme)
}

func newKit(t *testing.T, scheme string, opts ...zmq.ContextOption) *kit {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*ztest.Patience) // a test takes many steps, beside others
	t.Cleanup(cancel)
	zctx := zmq.NewContext(context.Background(), opts...)
	t.Cleanup(func() {
		if err := unlessUnsent(zctx.Close()); err != nil {
			t.Error(err)
		}
	})
	return &kit{T: t, ctx: ctx, zctx: zctx, scheme: scheme}
}

var endpoints atomic.Uint32

// endpoint is a new one, free to be bound and connected in any order.
func (k *kit) endpoint() string {
	k.Helper()
	n := endpoints.Add(1)
	switch k.scheme {
	case "inproc":
		return fmt.Sprintf("inproc://test-%d", n)
	case "ipc":
		dir, err := os.MkdirTemp("", "zq")
		k.ok(err)
		k.Cleanup(func() { os.RemoveAll(dir) })
		return "ipc://" + dir + "/s"
	}
	scheme := "tcp"
	if k.scheme == "ws" {
		scheme = "ws"
	}
	return scheme + "://" + ztest.Vacant(k)
}

// ok ends the test when err is not nil.
func (k *kit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// is ends the test unless err is target.
func (k *kit) is(err, target error) {
	k.Helper()
	if !errors.Is(err, target) {
		k.Fatalf("got error %v, want %v", err, target)
	}
}

// open makes a socket that is closed, without linger, when the test ends.
func (k *kit) open(typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	k.Helper()
	s, err := zmq.New(k.zctx, typ, opts...)
	k.ok(err)
	k.Cleanup(func() {
		_ = s.Set(zmq.WithLinger(0)) // fails when it is closed already
		s.Close()
		k.calm(s)
	})
	return s
}

// calm fails the test when something of a socket has panicked, which is contained and
// would not show. Tests that mean it say so in their names.
func (k *kit) calm(s *zmq.Socket) {
	means := func(word string) bool { return strings.Contains(k.Name(), word) }
	if n := s.Stats().Panics; n > 0 && !slices.ContainsFunc([]string{"Contained", "Panic", "EndsTheGoroutine"}, means) {
		k.Errorf("%v: %d panics were contained", s, n)
	}
}

// listen is s.Bind, and dial s.Connect, with what the kit's transport needs. The endpoint may
// have been bound before.
func (k *kit) listen(s *zmq.Socket, endpoint string, opts ...zmq.Option) (string, error) {
	if fd, _ := s.Option("USE_FD"); fd == -1 { // else the address is taken, by that listener
		k.free(endpoint)
	}
	if k.scheme == "curve" {
		opts = append(opts, zmq.WithCurveServer(serverKeys()), zmq.WithAllowAnyKey(true))
	}
	return s.Bind(endpoint, opts...)
}

// free waits until an endpoint that none of our sockets has bound is nobody's: one that was
// unbound may be another program's for as long as it takes to start.
func (k *kit) free(endpoint string) {
	_, address, _ := strings.Cut(endpoint, "://")
	address, _, _ = strings.Cut(address, "/")
	port, err := strconv.Atoi(strings.TrimPrefix(address, "127.0.0.1:"))
	if err != nil || port == 0 {
		return
	}
	for _, s := range k.zctx.Sockets() {
		if s.Endpoint(endpoint).State == zmq.EndpointListening {
			return
		}
	}
	ztest.Free(k, port)
}

func (k *kit) dial(s *zmq.Socket, endpoint string, opts ...zmq.Option) error {
	if k.scheme == "curve" {
		opts = append(opts, zmq.WithCurveClient(clientKeys(), serverKeys().Public()))
	}
	return s.Connect(endpoint, opts...)
}

// mechanism is what peers of the kit's transport are told to have.
func (k *kit) mechanism() string {
	if k.scheme == "curve" {
		return "CURVE"
	}
	return "NULL"
}

var serverKeys, clientKeys = sync.OnceValue(newKeys), sync.OnceValue(newKeys)

func newKeys() *cert.Cert {
	c, err := cert.New()
	if err != nil {
		panic(err)
	}
	return c
}

// bind binds s at an endpoint of the kit's transport.
func (k *kit) bind(s *zmq.Socket) string {
	k.Helper()
	bound, err := k.listen(s, k.endpoint())
	k.ok(err)
	return bound
}

// bound makes a socket that is bound.
func (k *kit) bound(typ zmq.Type, opts ...zmq.Option) (*zmq.Socket, string) {
	k.Helper()
	s := k.open(typ, opts...)
	return s, k.bind(s)
}

// connect makes a socket that is connected.
func (k *kit) connect(typ zmq.Type, endpoint string, opts ...zmq.Option) *zmq.Socket {
	k.Helper()
	s := k.open(typ, opts...)
	k.ok(k.dial(s, endpoint))
	return s
}

// joined makes a socket that is connected and waits until its peer is ready.
func (k *kit) joined(typ zmq.Type, endpoint string, opts ...zmq.Option) *zmq.Socket {
	k.Helper()
	s := k.connect(typ, endpoint, opts...)
	k.ok(s.WaitConnected(k.ctx, 1))
	return s
}

// pair makes two sockets that are connected: the first is bound.
func (k *kit) pair(binder, connecter zmq.Type) (b, c *zmq.Socket) {
	k.Helper()
	b, endpoint := k.bound(binder)
	c = k.connect(connecter, endpoint)
	k.linked(b, c)
	return b, c
}

// linked waits until each of the sockets has a peer.
func (k *kit) linked(sockets ...*zmq.Socket) {
	k.Helper()
	for _, s := range sockets {
		k.ok(s.WaitConnected(k.ctx, 1))
	}
}

func (k *kit) send(s *zmq.Socket, frames ...string) {
	k.Helper()
	if err := s.SendString(k.ctx, frames...); err != nil {
		k.Fatalf("%v: send %q: %v", s.Type(), frames, err)
	}
}

func (k *kit) recv(s *zmq.Socket) []string {
	k.Helper()
	m, err := s.Recv(k.ctx)
	if err != nil {
		k.Fatalf("%v: recv: %v", s.Type(), err)
	}
	return text(m)
}

// want receives a message and compares it.
func (k *kit) want(s *zmq.Socket, frames ...string) {
	k.Helper()
	if got := k.recv(s); !same(got, frames) {
		k.Fatalf("%v: got %q, want %q", s.Type(), got, frames)
	}
}

// silent makes sure that there is nothing to receive. Use it only where whatever
// could have come must have come already.
func (k *kit) silent(s *zmq.Socket) {
	k.Helper()
	if m, err := s.TryRecv(); !errors.Is(err, zmq.ErrAgain) {
		k.Fatalf("%v: got %q, %v; want ErrAgain", s.Type(), text(m), err)
	}
}

// until waits for a condition that nothing reports.
func (k *kit) until(what string, cond func() bool) {
	k.Helper()
	ztest.Eventually(k, what, cond)
}

// blocked runs fn in a goroutine and returns what it will return. It makes sure
// that fn had the chance to return at once and did not take it.
func (k *kit) blocked(fn func() error) <-chan error {
	k.Helper()
	c := make(chan error, 1)
	go func() { c <- fn() }()
	select {
	case err := <-c:
		k.Fatalf("did not block: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	return c
}

// result waits for what a blocked call returns.
func (k *kit) result(c <-chan error) error {
	k.Helper()
	return ztest.Soon(k, "the call returns", c)
}

// fill sends with TrySend until the socket is full and returns how many went.
func (k *kit) fill(s *zmq.Socket, atMost int) int {
	k.Helper()
	for n := range atMost {
		err := s.TrySend(msg.NewString(fmt.Sprint(n)))
		if errors.Is(err, zmq.ErrAgain) {
			return n
		}
		k.ok(err)
	}
	return atMost
}

func text(m msg.Msg) []string {
	frames := make([]string, 0, m.Len())
	for _, f := range m.Frames {
		frames = append(frames, string(f))
	}
	return frames
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// mentions makes sure that an error's text names what it is about.
func (k *kit) mentions(err error, words ...string) {
	k.Helper()
	for _, w := range words {
		if !strings.Contains(fmt.Sprint(err), w) {
			k.Errorf("error %q does not mention %q", err, w)
		}
	}
}

// watcher collects a socket's events.
type watcher struct {
	k *kit
	c chan zmq.Event
}

// watch begins to collect events of s; what happens before is not seen.
func (k *kit) watch(s *zmq.Socket, mask zmq.EventMask) *watcher {
	k.Helper()
	w := &watcher{k: k, c: make(chan zmq.Event, 4096)}
	events := s.Events(k.ctx, mask)
	go func() {
		defer close(w.c)
		for e := range events {
			w.c <- e
		}
	}()
	return w
}

// next is the next event.
func (w *watcher) next() zmq.Event {
	w.k.Helper()
	select {
	case e, ok := <-w.c:
		if !ok {
			w.k.Fatal("the monitor ended")
		}
		return e
	case <-w.k.ctx.Done():
		w.k.Fatal("no event came")
	}
	return zmq.Event{}
}

// sequence makes sure that the next events are of these kinds, and returns them.
func (w *watcher) sequence(kinds ...zmq.EventMask) []zmq.Event {
	w.k.Helper()
	var list []zmq.Event
	for i, kind := range kinds {
		e := w.next()
		list = append(list, e)
		if e.Kind != kind {
			w.k.Fatalf("event %d is %v, want %v; so far: %v", i, e, kind, list)
		}
	}
	return list
}

// ended is a context that has ended: a call with it looks, and does not wait.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// unlessUnsent is nil for messages that nobody was there for.
func unlessUnsent(err error) error {
	if errors.As(err, new(*zmq.UnsentError)) {
		return nil
	}
	return err
}
