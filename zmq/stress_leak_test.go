package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// stressPartners are the pairs of types that talk to each other, each type at least
// once on either side.
var stressPartners = []struct{ a, b zmq.Type }{
	{zmq.Push, zmq.Pull}, {zmq.Pull, zmq.Push}, {zmq.Dealer, zmq.Router}, {zmq.Router, zmq.Dealer},
	{zmq.Req, zmq.Rep}, {zmq.Rep, zmq.Req}, {zmq.Pub, zmq.Sub}, {zmq.Sub, zmq.Pub},
	{zmq.XPub, zmq.XSub}, {zmq.XSub, zmq.XPub}, {zmq.Pair, zmq.Pair}, {zmq.Dealer, zmq.Dealer},
	{zmq.Router, zmq.Router}, {zmq.Req, zmq.Router}, {zmq.Dealer, zmq.Rep}, {zmq.Pub, zmq.XSub}, {zmq.XPub, zmq.Sub},
}

// Sockets of every type, opened, linked, used and closed, leave no goroutine, no
// descriptor and no memory behind.
func TestStressNoLeak(t *testing.T) {
	ztest.Watchdog(t, 20*time.Minute)
	seed := ztest.Seed(t)
	stressLives(t, seed, 2*len(stressPartners)) // whatever is made once is made now
	before := ztest.Measure()
	stressLives(t, seed+1, ztest.Size(100, 60_000)) // of every type ten thousand or more
	after, ok := ztest.Settled(before, 4<<20)
	if !ok {
		t.Errorf("before %+v, after %+v", before, after)
	}
	t.Logf("before %+v, after %+v", before, after)
}

// stressLives gives n pairs of sockets a life, eight at a time, in Contexts that
// last for some of them.
func stressLives(t *testing.T, seed uint64, n int) {
	t.Helper()
	const lanes = 8
	var wg sync.WaitGroup
	for lane := range lanes {
		wg.Go(func() {
			rng := stressRand(seed, uint64(lane))
			ctx := zmq.NewContext(context.Background())
			for i := lane; i < n; i += lanes {
				if err := stressLife(ctx, rng, i); err != nil {
					t.Error(err)
				}
				if rng.IntN(10) == 0 {
					_ = ctx.Close()
					ctx = zmq.NewContext(context.Background())
				}
			}
			_ = ctx.Close()
		})
	}
	wg.Wait()
}

// stressLife is the life of the i-th pair.
func stressLife(ctx context.Context, rng *rand.Rand, i int) error {
	p := stressPartners[i%len(stressPartners)]
	tr := stressTransports[(i/len(stressPartners))%len(stressTransports)]
	name := fmt.Sprintf("%v and %v over %s", p.a, p.b, tr.name)
	a, err := zmq.New(ctx, p.a)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	b, err := zmq.New(ctx, p.b)
	if err != nil {
		a.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	err = stressUse(ctx, rng, tr.endpoint, a, b)
	if rng.IntN(2) == 0 {
		a, b = b, a
	}
	_ = a.Set(zmq.WithLinger(time.Duration(rng.IntN(3)) * time.Millisecond))
	_ = b.Set(zmq.WithLinger(0))
	a.Close()
	b.Close()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// stressUse links two sockets, moves a few messages, and leaves some behind.
func stressUse(ctx context.Context, rng *rand.Rand, endpoint string, a, b *zmq.Socket) error {
	if endpoint == stressTransports[0].endpoint {
		endpoint = fmt.Sprintf(endpoint, stressNames.Add(1))
	}
	bound, err := a.Bind(endpoint)
	if err != nil {
		return err
	}
	if err := b.Connect(bound); err != nil {
		return err
	}
	for _, s := range []*zmq.Socket{a, b} {
		if s.Type() == zmq.Sub || s.Type() == zmq.XSub {
			if err := s.Subscribe(""); err != nil {
				return err
			}
		}
	}
	if rng.IntN(4) > 0 {
		wctx, cancel := context.WithTimeout(ctx, ztest.Patience)
		defer cancel()
		if err := b.WaitConnected(wctx, 1); err != nil {
			return err
		}
	}
	for range rng.IntN(20) {
		for _, s := range []*zmq.Socket{a, b} {
			_ = s.TrySend(msg.New([]byte("to"), msg.Alloc(rng.IntN(20_000))))
			if m, err := s.TryRecv(); err == nil {
				m.Release()
			}
		}
	}
	switch rng.IntN(8) {
	case 0:
		return b.Disconnect(bound)
	case 1:
		return a.Unbind(bound)
	}
	return nil
}

// Close, from any goroutine and at any moment, ends every call that waits.
func TestStressCloseEndsBlockedCalls(t *testing.T) {
	ztest.Watchdog(t, 10*time.Minute)
	seed := ztest.Seed(t)
	rng := stressRand(seed, 0)
	types := []zmq.Type{zmq.Push, zmq.Pull, zmq.Dealer, zmq.Router, zmq.Req, zmq.Rep, zmq.Pub, zmq.Sub, zmq.XPub, zmq.XSub, zmq.Pair}
	for round := range ztest.Size(120, 5000) {
		typ := types[round%len(types)]
		s, err := zmq.New(t.Context(), typ, zmq.WithSendHWM(1), zmq.WithLinger(time.Millisecond), zmq.WithReconnectInterval(time.Millisecond, 0))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Bind("tcp://127.0.0.1:*"); err != nil {
			t.Fatal(err)
		}
		if err := s.Connect("tcp://127.0.0.1:1"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for name, call := range blockingCalls {
			wg.Go(func() {
				if err := call(s); !endOfCall(err) {
					t.Errorf("%s on %v: %v", name, typ, err)
				}
			})
		}
		for range 1 + rng.IntN(3) {
			wait := time.Duration(rng.IntN(2000)) * time.Microsecond
			wg.Go(func() {
				time.Sleep(wait)
				var unsent *zmq.UnsentError // nobody is there
				if err := s.Close(); err != nil && !errors.As(err, &unsent) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}

// endOfCall reports whether err is a way in which a call may end on a socket that
// was closed meanwhile.
func endOfCall(err error) bool {
	return err == nil || errors.Is(err, zmq.ErrClosed) || errors.Is(err, zmq.ErrNotSupported) || errors.Is(err, zmq.ErrState)
}

// blockingCalls go on until the socket closes.
var blockingCalls = map[string]func(*zmq.Socket) error{
	"Recv": func(s *zmq.Socket) error {
		_, err := s.Recv(context.Background())
		return err
	},
	"Send": func(s *zmq.Socket) error {
		if s.Type() == zmq.Pub || s.Type() == zmq.XPub || s.Type() == zmq.Router || s.Type() == zmq.XSub {
			return nil // these never wait
		}
		for {
			if err := s.SendString(context.Background(), "x", "y"); err != nil {
				return err
			}
		}
	},
	"WaitConnected":   func(s *zmq.Socket) error { return s.WaitConnected(context.Background(), 99) },
	"WaitSubscribers": func(s *zmq.Socket) error { return s.WaitSubscribers(context.Background(), "x", 99) },
	"Messages": func(s *zmq.Socket) error {
		for _, err := range s.Messages(context.Background()) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"Chan": func(s *zmq.Socket) error {
		for range s.Chan(context.Background()) {
		}
		return nil
	},
	"Monitor": func(s *zmq.Socket) error {
		for range s.Events(context.Background(), zmq.EventAll) {
		}
		return nil
	},
	"Watch": func(s *zmq.Socket) error {
		c := make(chan struct{}, 1)
		stop := s.Notify(c)
		defer stop()
		for {
			if _, err := s.Option("LAST_ENDPOINT"); err != nil {
				return err
			}
			if err := s.Set(zmq.WithRecvHWM(9)); err != nil {
				return err
			}
			<-c
			if s.Poll() == zmq.PollIn|zmq.PollOut {
				if err := s.Set(); err != nil {
					return err
				}
			}
		}
	},
}
