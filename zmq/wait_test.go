package zmq_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

func TestTryReturnsAtOnce(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		_, err := pull.TryRecv()
		k.is(err, zmq.ErrAgain)
		k.is(err, os.ErrDeadlineExceeded)
		push := k.open(zmq.Push)
		k.is(push.TrySend(msg.NewString("x")), zmq.ErrAgain)
		k.ok(k.dial(push, endpoint))
		k.ok(push.TrySend(msg.NewString("x")))
		k.until("it arrives", func() bool {
			m, err := pull.TryRecv()
			return err == nil && same(text(m), []string{"x"})
		})
	})
}

func TestTimeouts(t *testing.T) {
	over(t, func(k *kit) {
		for _, d := range []time.Duration{0, time.Millisecond} {
			push, pull := k.open(zmq.Push, zmq.WithSendTimeout(d)), k.open(zmq.Pull, zmq.WithRecvTimeout(d))
			k.is(push.SendString(k.ctx, "x"), zmq.ErrAgain)
			k.is(push.SendString(k.ctx, "x"), os.ErrDeadlineExceeded)
			_, err := pull.Recv(k.ctx)
			k.is(err, zmq.ErrAgain)
			_, err = pull.RecvBatch(k.ctx, make([]msg.Msg, 2))
			k.is(err, zmq.ErrAgain)
			k.ok(k.dial(push, k.bind(pull)))
			k.ok(push.Set(zmq.WithSendTimeout(-1)))
			k.ok(pull.Set(zmq.WithRecvTimeout(-1)))
			k.send(push, "x")
			k.want(pull, "x")
		}
	})
}

// A timeout is for the call, however often something happens meanwhile that is of
// no use to it.
func TestTimeoutIsNotProlonged(t *testing.T) {
	k := alone(t, "inproc")
	router, endpoint := k.bound(zmq.Router)
	req := k.connect(zmq.Req, endpoint, zmq.WithRecvTimeout(50*time.Millisecond))
	k.send(req, "ask")
	id := k.recv(router)[0]
	dealer := k.open(zmq.Dealer, zmq.WithSendTimeout(50*time.Millisecond))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				_ = router.SendString(k.ctx, id, "malformed")
				wake(dealer)
			}
		}
	})
	_, err := req.Recv(k.ctx)
	k.is(err, zmq.ErrAgain)
	k.is(dealer.SendString(k.ctx, "nobody is there"), zmq.ErrAgain)
	close(stop)
	wg.Wait()
}

// wake lets those look again who wait for a peer of s to have room: an endpoint
// comes and goes that never takes anything.
func wake(s *zmq.Socket) {
	const endpoint = "inproc://nobody binds this"
	if s.Connect(endpoint, zmq.WithImmediate(true)) == nil {
		_ = s.Disconnect(endpoint)
	}
}

// What is ready beats a context that has ended.
func TestReadyBeatsAnEndedContext(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		for i := range 100 {
			k.ok(push.SendString(ended, fmt.Sprint(i)))
		}
		k.until("they have arrived", func() bool { return pull.Stats().Unread == 100 })
		for i := range 100 {
			got, err := pull.RecvString(ended)
			k.ok(err)
			if got != fmt.Sprint(i) {
				t.Fatalf("got %q, want %d", got, i)
			}
		}
		_, err := pull.Recv(ended)
		k.is(err, context.Canceled)
		_, err = pull.RecvBatch(ended, make([]msg.Msg, 1))
		k.is(err, context.Canceled)
		k.is(k.open(zmq.Push).SendString(ended, "x"), context.Canceled)
		past, cancel := context.WithDeadline(k.ctx, time.Unix(0, 0))
		defer cancel()
		_, err = pull.Recv(past)
		k.is(err, context.DeadlineExceeded)
	})
}

// Every entry, on each of its ways, sends and takes what is ready with a context that has
// ended, and returns the context's error where it would have to wait. (FAULTS A10)
func TestEveryEntryBeatsAnEndedContext(t *testing.T) {
	sends := map[string]func(s *zmq.Socket, frames ...string) error{
		"Send":       func(s *zmq.Socket, f ...string) error { return s.Send(ended, msg.NewString(f...)) },
		"SendString": func(s *zmq.Socket, f ...string) error { return s.SendString(ended, f...) },
		"SendBytes": func(s *zmq.Socket, f ...string) error {
			return s.SendBytes(ended, msg.NewString(f...).Frames...)
		},
		"SendBatch": func(s *zmq.Socket, f ...string) error {
			_, err := s.SendBatch(ended, []msg.Msg{msg.NewString(f...)})
			return err
		},
		"TrySend": func(s *zmq.Socket, f ...string) error { return s.TrySend(msg.NewString(f...)) },
	}
	recvs := map[string]func(s *zmq.Socket) (msg.Msg, error){
		"Recv":    func(s *zmq.Socket) (msg.Msg, error) { return s.Recv(ended) },
		"TryRecv": func(s *zmq.Socket) (msg.Msg, error) { return s.TryRecv() },
		"RecvBatch": func(s *zmq.Socket) (msg.Msg, error) {
			ms := make([]msg.Msg, 1)
			_, err := s.RecvBatch(ended, ms)
			return ms[0], err
		},
		"RecvString": func(s *zmq.Socket) (msg.Msg, error) {
			text, err := s.RecvString(ended)
			return msg.NewString(text), err
		},
		"Messages": func(s *zmq.Socket) (m msg.Msg, err error) {
			for m, err = range s.Messages(ended) {
				break
			}
			return m, err
		},
	}
	// The ways that a message takes: straight to the only peer's queue, to what all
	// subscribers share, and through the type's policy.
	ways := map[string]struct {
		from, to zmq.Type
		peers    int
		address  string // in front of the body
		waits    bool   // Send waits where there is no room
	}{
		"only peer":            {zmq.Push, zmq.Pull, 1, "", true},
		"several peers":        {zmq.Push, zmq.Pull, 2, "", true},
		"publisher":            {zmq.Pub, zmq.Sub, 1, "", false},
		"publisher to several": {zmq.Pub, zmq.Sub, 2, "", false},
		"request":              {zmq.Req, zmq.Rep, 1, "", true},
		"routed":               {zmq.Router, zmq.Dealer, 1, "peer", false},
	}
	over(t, func(k *kit) {
		for way, w := range ways {
			from, endpoint := k.bound(w.from)
			var to []*zmq.Socket
			for range w.peers {
				peer := k.open(w.to, zmq.WithRoutingID("peer"))
				if w.to == zmq.Sub {
					k.ok(peer.Subscribe(""))
				}
				k.ok(k.dial(peer, endpoint))
				to = append(to, peer)
			}
			k.ok(from.WaitConnected(k.ctx, w.peers))
			if w.to == zmq.Sub {
				k.ok(from.WaitSubscribers(k.ctx, "", w.peers))
			}
			frames := []string{"body"}
			if w.address != "" {
				frames = []string{w.address, "body"}
			}
			for sendName, send := range sends {
				for recvName, recv := range recvs {
					want := 1
					if w.from == zmq.Pub {
						want = w.peers
					}
					if err := send(from, frames...); err != nil {
						k.Fatalf("%s, %q: %v", sendName, way, err)
					}
					for got := 0; got < want; got++ {
						var peer *zmq.Socket
						k.until("a message is there", func() bool {
							i := slices.IndexFunc(to, func(s *zmq.Socket) bool { return s.Poll()&zmq.PollIn != 0 })
							if i >= 0 {
								peer = to[i]
							}
							return i >= 0
						})
						if m, err := recv(peer); err != nil || string(m.Frames[0]) != "body" {
							k.Fatalf("%s, %q: %q, %v", recvName, way, m.Frames, err)
						}
						if w.to == zmq.Rep {
							k.ok(send(peer, "answer"))
							k.until("the answer is there", func() bool { return from.Poll()&zmq.PollIn != 0 })
							if m, err := recv(from); err != nil || string(m.Frames[0]) != "answer" {
								k.Fatalf("%s, %q: %q, %v", recvName, way, m.Frames, err)
							}
						}
					}
				}
			}
			for name, recv := range recvs {
				empty := k.open(zmq.Pull)
				if _, err := recv(empty); name == "TryRecv" {
					k.is(err, zmq.ErrAgain)
				} else {
					k.is(err, context.Canceled)
				}
			}
			for name, send := range sends {
				if !w.waits {
					break
				}
				alone := k.open(w.from)
				if err := send(alone, frames...); name == "TrySend" {
					k.is(err, zmq.ErrAgain)
				} else {
					k.is(err, context.Canceled)
				}
			}
		}
	})
}

// A call that ends with its context has had no effect: nothing is lost, doubled
// or sent after all.
func TestCancelledCallsHaveNoEffect(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithRecvHWM(10))
		push := k.connect(zmq.Push, endpoint, zmq.WithSendHWM(10))
		const total = 3000
		go func() {
			for i := 0; i < total; {
				ctx, cancel := context.WithTimeout(k.ctx, time.Duration(i%50)*time.Microsecond)
				err := push.SendString(ctx, fmt.Sprint(i))
				cancel()
				if err == nil {
					i++
				} else if k.ctx.Err() != nil {
					t.Error(err)
					return
				}
			}
		}()
		for i := 0; i < total; {
			ctx, cancel := context.WithTimeout(k.ctx, time.Duration(i%30)*time.Microsecond)
			got, err := pull.RecvString(ctx)
			cancel()
			if err != nil {
				k.ok(k.ctx.Err())
				continue
			}
			if got != fmt.Sprint(i) {
				t.Fatalf("got %q, want %d", got, i)
			}
			i++
		}
		k.silent(pull)
	})
}

// One wake-up that goes to a call that gives up is passed on to the next.
func TestManyReceivers(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		const workers, total = 8, 2000
		var mu sync.Mutex
		seen := map[string]int{}
		var wg sync.WaitGroup
		ctx, stop := context.WithCancel(k.ctx)
		for w := range workers {
			wg.Go(func() {
				for ctx.Err() == nil {
					one, cancel := context.WithTimeout(ctx, time.Duration(w)*200*time.Microsecond)
					got, err := pull.RecvString(one)
					cancel()
					if err != nil {
						continue
					}
					mu.Lock()
					seen[got]++
					n := len(seen)
					mu.Unlock()
					if n == total {
						stop()
					}
				}
			})
		}
		for i := range total {
			k.send(push, fmt.Sprint(i))
		}
		wg.Wait()
		stop()
		for i := range total {
			if n := seen[fmt.Sprint(i)]; n != 1 {
				t.Fatalf("message %d came %d times", i, n)
			}
		}
	})
}

// Many senders: each one's messages stay in order.
func TestManySenders(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithRecvHWM(5))
		push := k.connect(zmq.Push, endpoint, zmq.WithSendHWM(5))
		const senders, each = 8, 300
		for s := range senders {
			go func() {
				for i := range each {
					if err := push.SendString(k.ctx, fmt.Sprint(s), fmt.Sprint(i)); err != nil {
						t.Error(err)
						return
					}
				}
			}()
		}
		next := map[string]int{}
		for range senders * each {
			got := k.recv(pull)
			if got[1] != fmt.Sprint(next[got[0]]) {
				t.Fatalf("sender %s: got %s, want %d", got[0], got[1], next[got[0]])
			}
			next[got[0]]++
		}
	})
}

func TestWaitConnected(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		k.ok(pull.WaitConnected(ended, 0))
		k.is(pull.WaitConnected(ended, 1), context.Canceled)
		waited := k.blocked(func() error { return pull.WaitConnected(k.ctx, 2) })
		a := k.connect(zmq.Push, endpoint)
		k.ok(pull.WaitConnected(k.ctx, 1))
		k.connect(zmq.Push, endpoint)
		k.ok(k.result(waited))
		k.ok(pull.WaitConnected(ended, 2))
		k.ok(a.Close())
		k.until("one is gone", func() bool { return pull.WaitConnected(ended, 2) != nil })
		waited = k.blocked(func() error { return pull.WaitConnected(k.ctx, 2) })
		k.ok(pull.Close())
		k.is(k.result(waited), zmq.ErrClosed)
	})
}

func TestWaitSubscribers(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub)
		waited := k.blocked(func() error { return pub.WaitSubscribers(k.ctx, "abc", 2) })
		a, b := k.connect(zmq.Sub, endpoint), k.connect(zmq.Sub, endpoint)
		k.ok(a.Subscribe("a"))
		k.ok(a.Subscribe("ab"))
		k.ok(b.Subscribe("x"))
		k.ok(pub.WaitSubscribers(k.ctx, "x", 1))
		k.ok(pub.WaitSubscribers(k.ctx, "abc", 1))
		k.is(pub.WaitSubscribers(ended, "abc", 2), context.Canceled)
		k.ok(b.Subscribe(""))
		k.ok(k.result(waited))
		waited = k.blocked(func() error { return pub.WaitSubscribers(k.ctx, "abc", 3) })
		k.ok(pub.Close())
		k.is(k.result(waited), zmq.ErrClosed)
	})
}
