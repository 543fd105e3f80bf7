package zmq_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// run runs a proxy until the test ends.
func (k *kit) run(p *zmq.SteerableProxy) <-chan error {
	k.Helper()
	ctx, cancel := context.WithCancel(k.ctx)
	done := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		done <- p.Run(ctx)
	}()
	k.Cleanup(func() {
		cancel()
		<-ended
	})
	return done
}

// ROUTER and DEALER make a shared queue.
func TestProxyOfRequests(t *testing.T) {
	over(t, func(k *kit) {
		front, in := k.bound(zmq.Router)
		back, out := k.bound(zmq.Dealer)
		capture, tap := k.bound(zmq.Push)
		captured := k.joined(zmq.Pull, tap)
		p := zmq.NewProxy(front, back, capture)
		k.run(p)
		servers := []*zmq.Socket{k.connect(zmq.Rep, out), k.connect(zmq.Rep, out)}
		k.ok(back.WaitConnected(k.ctx, 2))
		req := k.connect(zmq.Req, in)
		for i := range 10 {
			k.send(req, fmt.Sprint("ask ", i), "more")
			var got []string
			var from *zmq.Socket
			k.until("a server has it", func() bool {
				for _, s := range servers {
					if m, err := s.TryRecv(); err == nil {
						got, from = text(m), s
						return true
					}
				}
				return false
			})
			if !same(got, []string{fmt.Sprint("ask ", i), "more"}) {
				t.Fatalf("a server got %q", got)
			}
			k.send(from, "answer")
			k.want(req, "answer")
			if c := k.recv(captured); c[len(c)-1] != "more" {
				t.Fatalf("captured %q", c)
			}
			if c := k.recv(captured); c[len(c)-1] != "answer" {
				t.Fatalf("captured %q", c)
			}
		}
		st := p.Statistics()
		if st.Frontend.Received != 10 || st.Backend.Sent != 10 || st.Backend.Received != 10 || st.Frontend.Sent != 10 ||
			st.Frontend.ReceivedBytes != st.Backend.SentBytes || st.Frontend.ReceivedBytes == 0 {
			t.Errorf("statistics %+v", st)
		}
	})
}

// A streamer passes back-pressure through and loses nothing, also when it ends
// with a message in hand.
func TestProxyLosesNothing(t *testing.T) {
	over(t, func(k *kit) {
		front, in := k.bound(zmq.Pull, zmq.WithRecvHWM(5))
		back, out := k.bound(zmq.Push, zmq.WithSendHWM(5))
		push := k.connect(zmq.Push, in, zmq.WithSendHWM(5))
		pull := k.connect(zmq.Pull, out, zmq.WithRecvHWM(5))
		const total = 500
		go func() {
			for i := range total {
				if err := push.SendString(k.ctx, fmt.Sprint(i)); err != nil {
					t.Error(err)
					return
				}
			}
		}()
		for next := 0; next < total; {
			p := zmq.NewProxy(front, back, nil)
			ctx, cancel := context.WithCancel(k.ctx)
			done := make(chan error, 1)
			go func() { done <- p.Run(ctx) }()
			for range min(100, total-next) {
				k.want(pull, fmt.Sprint(next))
				next++
			}
			cancel() // somewhere in the middle
			k.is(k.result(done), context.Canceled)
		}
	})
}

func TestProxyEndsWithASocket(t *testing.T) {
	over(t, func(k *kit) {
		front, _ := k.bound(zmq.Router)
		back, _ := k.bound(zmq.Dealer)
		done := k.blocked(func() error { return zmq.Proxy(k.ctx, front, back, nil) })
		k.ok(back.Close())
		k.is(k.result(done), zmq.ErrClosed)
	})
}

// One socket may be both sides.
func TestProxyOfOneSocket(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		k.run(zmq.NewProxy(router, router, nil))
		dealer := k.connect(zmq.Dealer, endpoint)
		for i := range 10 {
			k.send(dealer, fmt.Sprint(i))
			k.want(dealer, fmt.Sprint(i)) // a ROUTER sends what it got back
		}
	})
}

func TestSteering(t *testing.T) {
	over(t, func(k *kit) {
		front, in := k.bound(zmq.Pull)
		back, out := k.bound(zmq.Push)
		control, steer := k.bound(zmq.Rep)
		p := zmq.NewProxy(front, back, nil)
		p.Control(control)
		done := k.run(p)
		push, pull, wheel := k.connect(zmq.Push, in), k.connect(zmq.Pull, out), k.connect(zmq.Req, steer)
		order := func(cmd string) msg.Msg {
			t.Helper()
			k.send(wheel, cmd)
			m, err := wheel.Recv(k.ctx)
			k.ok(err)
			return m
		}
		k.send(push, "1")
		k.want(pull, "1")
		if m := order("PAUSE"); !same(text(m), []string{""}) {
			t.Errorf("the answer to PAUSE is %q", text(m))
		}
		k.send(push, "2")
		k.until("it waits in the frontend", func() bool { return front.Stats().Unread == 1 })
		k.silent(pull)
		order("RESUME")
		k.want(pull, "2")
		order("nonsense")
		m := order("STATISTICS")
		var numbers []uint64
		for _, f := range m.Frames {
			numbers = append(numbers, binary.NativeEndian.Uint64(f))
		}
		if want := []uint64{2, 2, 0, 0, 0, 0, 2, 2}; fmt.Sprint(numbers) != fmt.Sprint(want) {
			t.Errorf("statistics %v, want %v", numbers, want)
		}
		order("TERMINATE")
		k.ok(k.result(done))
	})
}

// A proxy looks for room before it takes: while nobody receives, no more messages go in
// than the four queues between the two ends hold, as over libzmq's proxy. (FAULTS F6)
func TestProxyTakesNoMoreThanTheMarks(t *testing.T) {
	const hwm = 10
	for _, link := range []struct {
		front, back string
		kernel      int // messages that the network and the writers hold
	}{{"inproc://front", "inproc://back", 0}, {"tcp://10.0.0.1:1", "tcp://10.0.0.1:2", 4}} {
		simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
			small := []zmq.Option{zmq.WithSendHWM(hwm), zmq.WithRecvHWM(hwm)}
			front, back, push, pull := s.open(zmq.Pull, small...), s.open(zmq.Push, small...), s.open(zmq.Push, small...), s.open(zmq.Pull, small...)
			for _, err := range []error{first(front.Bind(link.front)), first(back.Bind(link.back)), push.Connect(link.front), pull.Connect(link.back)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			s.linked(push, pull)
			p := zmq.NewProxy(front, back, nil)
			done := make(chan error, 1)
			go func() { done <- p.Run(s.ctx) }()
			body := strings.Repeat("x", 1<<20) // more than the network holds
			sent := 0
			for more := true; more; synctest.Wait() { // until everything stands still
				more = push.TrySend(msg.NewString(fmt.Sprint(sent), body)) == nil
				if more {
					sent++
				}
			}
			if sent > 4*hwm+link.kernel || sent < 4*hwm-2 {
				t.Errorf("%s: %d messages went in, %d fit the queues", link.front, sent, 4*hwm)
			}
			for i := range sent {
				if m, err := pull.Recv(s.ctx); err != nil || string(m.Frames[0]) != fmt.Sprint(i) {
					t.Fatalf("message %d: %q, %v", i, m.Frames[:min(1, m.Len())], err)
				}
			}
			p.Stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

func first(_ string, err error) error { return err }
