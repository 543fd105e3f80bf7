package zmq_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// stressTransports are endpoints to bind; a %d is made unique.
var stressTransports = []struct{ name, endpoint string }{
	{"inproc", "inproc://stress-%d"},
	{"ipc", "ipc://*"},
	{"tcp", "tcp://127.0.0.1:*"},
}

var stressNames atomic.Int64

// stressBind binds s at a fresh endpoint of a transport.
func stressBind(t testing.TB, s *zmq.Socket, endpoint string, opts ...zmq.Option) string {
	t.Helper()
	if endpoint == stressTransports[0].endpoint {
		endpoint = fmt.Sprintf(endpoint, stressNames.Add(1))
	}
	bound, err := s.Bind(endpoint, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return bound
}

// stressSocket makes a socket that does not linger, and closes when the test ends.
func stressSocket(t testing.TB, ctx context.Context, typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	t.Helper()
	s, err := zmq.New(ctx, typ, append([]zmq.Option{zmq.WithLinger(0)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// stressLink makes two sockets and connects the first to the second.
func stressLink(t testing.TB, ctx context.Context, endpoint string, from, to zmq.Type, opts ...zmq.Option) (a, b *zmq.Socket) {
	t.Helper()
	b = stressSocket(t, ctx, to, opts...)
	bound := stressBind(t, b, endpoint)
	a = stressSocket(t, ctx, from, opts...)
	if err := a.Connect(bound); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// stressContext is a Context of its own, terminated when the test ends.
func stressContext(t testing.TB, opts ...zmq.ContextOption) *zmq.Context {
	t.Helper()
	c := zmq.NewContext(context.Background(), append([]zmq.ContextOption{zmq.WithMaxSockets(60000)}, opts...)...)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := unlessUnsent(c.Shutdown(ctx)); err != nil {
			t.Error(err)
		}
	})
	return c
}

// arena makes the frames of one message after another in the same bytes, as a
// program does that reuses its buffers.
type arena struct{ b []byte }

func (a *arena) alloc(n int) []byte {
	if cap(a.b)-len(a.b) < n {
		a.b = make([]byte, 0, 2*cap(a.b)+n)
	}
	at := len(a.b)
	a.b = a.b[:at+n]
	return a.b[at : at+n : at+n]
}

// sender sends the messages of a flow in every way that there is.
type sender struct {
	s     *zmq.Socket
	flow  *ztest.Flow
	to    []byte // a routing id to put in front, for a ROUTER
	arena arena
	batch []msg.Msg
}

func (x *sender) wrap(frames [][]byte) [][]byte {
	if x.to == nil {
		return frames
	}
	return append([][]byte{x.to}, frames...)
}

// send sends message num. It reports how it did so, for the error.
func (x *sender) send(ctx context.Context, num uint64) error {
	switch num % 3 {
	case 0:
		x.arena.b = x.arena.b[:0]
		return x.s.SendBytes(ctx, x.wrap(x.flow.Frames(num, x.arena.alloc))...)
	case 1:
		return x.s.Send(ctx, msg.New(x.wrap(x.flow.Frames(num, msg.Alloc))...))
	}
	return x.s.Send(ctx, msg.New(x.wrap(x.flow.Frames(num, nil))...))
}

// sendSome sends messages from num on, one or several, and returns the number of
// the first one that was not sent.
func (x *sender) sendSome(ctx context.Context, num, end uint64) (uint64, error) {
	if num%64 != 0 || num+8 > end {
		if err := x.send(ctx, num); err != nil {
			return num, err
		}
		return num + 1, nil
	}
	x.batch = x.batch[:0]
	for i := range uint64(8) {
		x.batch = append(x.batch, msg.New(x.wrap(x.flow.Frames(num+i, msg.Alloc))...))
	}
	n, err := x.s.SendBatch(ctx, x.batch)
	return num + uint64(n), err
}

// all sends the messages 0 to n-1.
func (x *sender) all(ctx context.Context, n uint64) error {
	for num := uint64(0); num < n; {
		next, err := x.sendSome(ctx, num, n)
		if err != nil {
			return fmt.Errorf("send message %d: %w", num, err)
		}
		num = next
	}
	return nil
}

// receiver receives in several ways, and stalls at random.
type receiver struct {
	s     *zmq.Socket
	view  *ztest.View
	rng   *rand.Rand
	skip  int // frames in front that are not the flow's
	calm  bool
	batch [16]msg.Msg

	// Where connections are lost, order holds within each: what is queued from an
	// old one is received in turn with what comes by the new one.
	ledger *ztest.Ledger
	views  map[string]*ztest.View // by connection
}

// take checks one message, and releases every other one.
func (r *receiver) take(m *msg.Msg) {
	r.viewOf(m).Take(m.Frames[r.skip:])
	if r.rng.Uint32()&1 == 0 {
		m.Release()
	}
}

// viewOf is the view of the message's connection, if there may be several.
func (r *receiver) viewOf(m *msg.Msg) *ztest.View {
	if r.ledger == nil {
		return r.view
	}
	key := m.Peer().RemoteAddr
	if r.skip > 0 {
		key = string(m.Frames[0]) // the routing id
	}
	if r.views == nil {
		r.views = map[string]*ztest.View{}
	}
	if r.views[key] == nil {
		r.views[key] = r.ledger.View(nil)
	}
	return r.views[key]
}

// some receives at least one message.
func (r *receiver) some(ctx context.Context) (int, error) {
	r.stall()
	if r.rng.Uint32()&3 != 0 {
		m, err := r.s.Recv(ctx)
		if err == nil {
			r.take(&m)
		}
		return 1, err
	}
	n, err := r.s.RecvBatch(ctx, r.batch[:1+r.rng.IntN(len(r.batch))])
	for i := range n {
		r.take(&r.batch[i])
	}
	return n, err
}

// stall pauses now and then, for so long that queues fill up on both sides.
func (r *receiver) stall() {
	if r.calm {
		return
	}
	switch x := r.rng.Uint32(); {
	case x%20000 == 0:
		time.Sleep(time.Duration(r.rng.IntN(20)) * time.Millisecond)
	case x%500 == 0:
		time.Sleep(time.Duration(r.rng.IntN(200)) * time.Microsecond)
	}
}

// all receives n messages.
func (r *receiver) all(ctx context.Context, n int) error {
	for got := 0; got < n; {
		k, err := r.some(ctx)
		if err != nil {
			return fmt.Errorf("receive after %d of %d: %w", got, n, err)
		}
		got += k
	}
	return nil
}

func stressRand(seed uint64, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
