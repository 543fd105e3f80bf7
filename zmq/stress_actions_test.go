package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Random calls on sockets of all types, from several goroutines, among them Close:
// nothing panics, nothing waits for ever, every error is one that the manual has,
// and everything closes.
func TestStressSocketActions(t *testing.T) {
	ztest.Watchdog(t, 10*time.Minute)
	seed := ztest.Seed(t)
	before := ztest.Measure()
	for round := range ztest.Size(6, 300) {
		w := &world{t: t, seed: seed + uint64(round)*1000, dir: t.TempDir()}
		w.play(150 * time.Millisecond)
	}
	if after, ok := ztest.Settled(before, 16<<20); !ok {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

// world is a Context with sockets that come and go.
type world struct {
	t    *testing.T
	seed uint64
	dir  string
	ctx  *zmq.Context

	mu      sync.Mutex
	sockets []*zmq.Socket
}

func (w *world) play(d time.Duration) {
	w.ctx = zmq.NewContext(context.Background())
	ctx, cancel := context.WithTimeout(w.ctx, d)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for rng := stressRand(w.seed, uint64(i)); ctx.Err() == nil; {
				w.act(ctx, rng)
			}
		})
	}
	wg.Wait()
	w.mu.Lock()
	for _, s := range w.sockets {
		_ = s.Set(zmq.WithLinger(0))
	}
	w.mu.Unlock()
	if err := unlessUnsent(w.ctx.Close()); err != nil {
		w.t.Error(err)
	}
}

// endpoint is one of few, so that sockets meet.
func (w *world) endpoint(rng *rand.Rand) string {
	switch n := rng.IntN(3); rng.IntN(4) {
	case 0:
		return fmt.Sprintf("tcp://127.0.0.1:%d", 1+n) // nobody is there
	case 1:
		return fmt.Sprintf("ipc://%s/%d", w.dir, n)
	case 2:
		return "tcp://127.0.0.1:*"
	default:
		return fmt.Sprintf("inproc://%d", n)
	}
}

func (w *world) socket(rng *rand.Rand) *zmq.Socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.sockets) == 0 {
		return nil
	}
	return w.sockets[rng.IntN(len(w.sockets))]
}

var actionTypes = []zmq.Type{zmq.Pair, zmq.Pub, zmq.Sub, zmq.Req, zmq.Rep, zmq.Dealer, zmq.Router, zmq.Pull, zmq.Push, zmq.XPub, zmq.XSub}

// open makes a socket, and closes an old one when there are many.
func (w *world) open(ctx context.Context, rng *rand.Rand) error {
	opts := []zmq.Option{
		zmq.WithLinger(time.Duration(rng.IntN(3)) * time.Millisecond), zmq.WithSendHWM(rng.IntN(4)), zmq.WithRecvHWM(rng.IntN(4)),
		zmq.WithReconnectInterval(time.Millisecond, 10*time.Millisecond), zmq.WithHandshakeInterval(time.Duration(1+rng.IntN(50)) * time.Millisecond),
		zmq.WithImmediate(rng.IntN(4) == 0), zmq.WithHeartbeat(time.Duration(rng.IntN(20))*time.Millisecond, 0, time.Second),
	}
	s, err := zmq.New(ctx, actionTypes[rng.IntN(len(actionTypes))], opts...)
	if err != nil {
		return err
	}
	switch s.Type() {
	case zmq.Dealer, zmq.Req, zmq.Router:
		err = s.Set(zmq.WithRoutingID(string(rune('a' + rng.IntN(3)))))
	}
	if s.Type() == zmq.Router {
		err = errors.Join(err, s.Set(zmq.WithRouterMandatory(rng.IntN(2) == 0), zmq.WithRouterHandover(rng.IntN(2) == 0)))
	}
	w.mu.Lock()
	w.sockets = append(w.sockets, s)
	var old *zmq.Socket
	if len(w.sockets) > 10 {
		old = w.sockets[0]
		w.sockets = w.sockets[1:]
	}
	w.mu.Unlock()
	if old != nil {
		old.Close()
	}
	return err
}

// act does one thing.
func (w *world) act(parent context.Context, rng *rand.Rand) {
	ctx, cancel := context.WithTimeout(parent, time.Duration(rng.IntN(2000))*time.Microsecond)
	defer cancel()
	s := w.socket(rng)
	if s == nil || rng.IntN(40) == 0 {
		w.check("New", w.open(parent, rng))
		return
	}
	name, err := action(ctx, rng, s, w.endpoint(rng))
	w.check(name, err)
}

// action calls a method of s.
func action(ctx context.Context, rng *rand.Rand, s *zmq.Socket, endpoint string) (string, error) {
	frame := func() []byte { return msg.Alloc(rng.IntN(1 + rng.IntN(20_000))) }
	topic := string(rune('a' + rng.IntN(3)))
	switch rng.IntN(24) {
	case 0:
		_, err := s.Bind(endpoint)
		return "Bind", err
	case 1:
		return "Connect", s.Connect(strings.Replace(endpoint, "*", "3", 1))
	case 2:
		return "Unbind", s.Unbind(endpoint)
	case 3:
		return "Disconnect", s.Disconnect(endpoint)
	case 4, 5:
		return "Send", s.Send(ctx, msg.New([]byte(topic), frame()))
	case 6:
		return "SendBytes", s.SendBytes(ctx, []byte(topic), []byte{}, []byte(topic))
	case 7:
		return "TrySend", s.TrySend(msg.New([]byte{byte(rng.IntN(3))}))
	case 8:
		_, err := s.SendBatch(ctx, []msg.Msg{msg.NewString(topic, "1"), msg.NewString(topic, "2")})
		return "SendBatch", err
	case 9, 10:
		m, err := s.Recv(ctx)
		if rng.IntN(2) == 0 {
			m.Release()
		}
		return "Recv", err
	case 11:
		_, err := s.TryRecv()
		return "TryRecv", err
	case 12:
		ms := make([]msg.Msg, 1+rng.IntN(5))
		n, err := s.RecvBatch(ctx, ms)
		for i := range n {
			ms[i].Release()
		}
		return "RecvBatch", err
	case 13:
		for _, err := range s.Messages(ctx) {
			if err != nil || rng.IntN(3) == 0 {
				return "Messages", err
			}
		}
		return "Messages", nil
	case 14:
		for range s.Chan(ctx) {
		}
		return "Chan", nil
	case 15:
		return "Subscribe", s.Subscribe(topic)
	case 16:
		return "Unsubscribe", s.Unsubscribe(topic)
	case 17:
		for range s.Events(ctx, zmq.EventAll) {
		}
		return "Monitor", nil
	case 18:
		return "MonitorSocket", s.MonitorSocket([]string{"", "inproc://monitor-1", "inproc://monitor-2"}[rng.IntN(3)], zmq.EventAll)
	case 19:
		return "Wait", errors.Join(s.WaitConnected(ctx, rng.IntN(3)), s.WaitSubscribers(ctx, topic, rng.IntN(3)))
	case 20:
		s.Poll()
		stop := s.Notify(make(chan struct{}, 1))
		stop()
		_ = s.Stats().Drops.Total()
		_ = fmt.Sprint(s.Peers())
		return "Poll", nil
	case 21:
		_, err := s.Option("LAST_ENDPOINT")
		return "Option", err
	case 22:
		return "Set", s.Set(zmq.WithSendHWM(rng.IntN(5)), zmq.WithRecvHWM(rng.IntN(5)), zmq.WithRecvTimeout(time.Duration(rng.IntN(3)-1)*time.Millisecond))
	}
	if rng.IntN(10) > 0 {
		return "Type", nil
	}
	if rng.IntN(2) == 0 {
		return "Close", s.Close()
	}
	return "Shutdown", s.Shutdown(ctx)
}

// check complains of errors that have no place here.
func (w *world) check(name string, err error) {
	for _, known := range []error{
		nil, zmq.ErrClosed, zmq.ErrAgain, zmq.ErrState, zmq.ErrNotSupported, zmq.ErrHostUnreachable, zmq.ErrNoEndpoint,
		zmq.ErrAddrInUse, zmq.ErrInvalidEndpoint, zmq.ErrInvalidMessage, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, known) {
			return
		}
	}
	var unsent *zmq.UnsentError
	if errors.As(err, &unsent) && (name == "Close" || name == "Shutdown") {
		return
	}
	var op *net.OpError
	if name == "Bind" && (errors.As(err, &op) || errors.Is(err, os.ErrPermission)) {
		return // the low ports are not for everybody
	}
	w.t.Errorf("%s: %v", name, err)
}
