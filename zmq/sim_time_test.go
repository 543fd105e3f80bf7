package zmq_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest/vectors"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// gaps are the times between attempts to connect within d.
func gaps(s *sim, d time.Duration, opts ...zmq.Option) []time.Duration {
	s.Helper()
	k := s.connected(zmq.Push, opts...)
	before := len(s.net.Dials())
	time.Sleep(d)
	dials := s.net.Dials()[before:]
	k.Close()
	var list []time.Duration
	for i := 1; i < len(dials); i++ {
		list = append(list, dials[i].Sub(dials[i-1]))
	}
	return list
}

// Attempts to connect: 100 ms give or take half for ten seconds, then ever more
// rarely up to 5 s; never in step with each other (promise P8).
func TestSimReconnectTimes(t *testing.T) {
	const ms = time.Millisecond
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
		passed := time.Duration(0)
		different := map[time.Duration]bool{}
		for _, g := range gaps(s, 3*time.Minute) {
			low, high := 50*ms, 150*ms
			if passed > 9800*ms { // the first attempt may have been before we counted
				low, high = 50*ms, 7500*ms
			}
			if g < low || g > high {
				s.Errorf("after %v an attempt %v later", passed, g)
			}
			passed += g
			different[g] = true
		}
		if len(different) < 50 {
			s.Errorf("only %d different distances", len(different))
		}
		list := gaps(s, 10*time.Minute)
		for _, g := range list[len(list)-20:] {
			if g < 2500*ms || g > 7500*ms {
				s.Errorf("in the end attempts are %v apart", g)
			}
		}
	})
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
		want := []time.Duration{100, 200, 400, 800, 1000, 1000, 1000}
		for i, g := range gaps(s, 20*time.Second, zmq.WithReconnectInterval(100*ms, time.Second)) {
			// The first attempt may have been before we counted.
			low, high := want[min(i, len(want)-1)]*ms/2, want[min(i+1, len(want)-1)]*ms*3/2
			if g < low || g > high {
				s.Errorf("with a maximum: attempt %d after %v, want %v to %v", i, g, low, high)
			}
		}
		if list := gaps(s, time.Hour, zmq.WithReconnectInterval(-1, 0)); len(list) != 0 {
			s.Errorf("without reconnecting: %v", list)
		}
	})
}

// Outages of up to ten seconds are over within 250 ms of the server's return.
func TestSimReconnectIsPrompt(t *testing.T) {
	simulate(t, 2, zmqtest.Faults{Delay: time.Millisecond}, func(s *sim) {
		push := s.connected(zmq.Push)
		for _, outage := range []time.Duration{0, time.Second, 3 * time.Second, 9 * time.Second} {
			time.Sleep(outage)
			if err := push.SendString(s.ctx, outage.String()); err != nil {
				s.Fatal(err)
			}
			back := time.Now()
			pull := s.bound(zmq.Pull)
			m, err := pull.RecvString(s.ctx)
			if err != nil || m != outage.String() {
				s.Fatal(m, err)
			}
			if d := time.Since(back); d > 250*time.Millisecond {
				s.Errorf("after an outage of %v it took %v", outage, d)
			}
			pull.Close()
			s.unlinked(push)
		}
	})
}

// unlinked waits until k has lost its peer.
func (s *sim) unlinked(k *zmq.Socket) {
	s.Helper()
	for range 10_000 {
		if k.Stats().Connected == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	s.Fatal("still connected")
}

// A server that is there and is no ZMTP peer is asked more and more rarely, and
// works as soon as it becomes one.
func TestSimHopelessServer(t *testing.T) {
	simulate(t, 3, zmqtest.Faults{}, func(s *sim) {
		l, _, err := s.net.Listen(s.ctx, simEndpoint)
		if err != nil {
			s.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				c.Write(append(speakerGreeting(), "\x04\x04oops"...))
				io.Copy(io.Discard, c)
				c.Close()
			}
		}()
		push := s.connected(zmq.Push)
		time.Sleep(5 * time.Minute)
		if n := len(s.net.Dials()); n > 100 || n < 30 {
			s.Errorf("%d attempts in five minutes", n)
		}
		l.Close()
		<-done
		pull := s.bound(zmq.Pull)
		if err := push.SendString(s.ctx, "at last"); err != nil {
			s.Fatal(err)
		}
		if m, err := pull.RecvString(s.ctx); err != nil || m != "at last" {
			s.Error(m, err)
		}
	})
}

// A peer that falls silent without closing is found by heartbeats: after the
// interval a PING, after the timeout the end.
func TestSimHeartbeats(t *testing.T) {
	const second = time.Second
	cases := []struct{ interval, timeout, want time.Duration }{
		{2 * second, 0, 4 * second},
		{2 * second, 5 * second, 7 * second},
		{10 * second, second, 11 * second},
	}
	for _, c := range cases {
		simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
			pull := s.bound(zmq.Pull)
			push := s.connected(zmq.Push, zmq.WithHeartbeat(c.interval, c.timeout, 0))
			s.linked(push, pull)
			synctest.Wait()
			time.Sleep(time.Hour) // heartbeats alone keep a connection
			if n := push.Stats().Disconnects; n != 0 {
				s.Fatalf("lost a live peer %d times", n)
			}
			s.net.Partition()
			end := s.ended(push)
			d, err := end()
			if d > c.want || d < c.want-c.interval || err == nil || !strings.Contains(err.Error(), "PING") {
				s.Errorf("%v, %v: noticed after %v: %v", c.interval, c.timeout, d, err)
			}
			s.net.Heal()
			s.linked(push)
		})
	}
}

// The TTL of a peer's PING is a time in tenths of a second, all of sixteen bits.
func TestSimTTL(t *testing.T) {
	v := vectors.Load(t)
	cases := []struct {
		name string
		ping []byte
		want time.Duration
	}{
		{"vector 656", vectors.Bytes(t, v.Frames["ping_ttl_656_means_65_6_s"]), 65600 * time.Millisecond},
		{"1", wire.AppendPing(nil, 1, nil), 100 * time.Millisecond},
		{"655", wire.AppendPing(nil, 655, nil), 65500 * time.Millisecond},
		{"65535", vectors.Bytes(t, "04070450494e47ffff"), 6553500 * time.Millisecond},
		{"0", wire.AppendPing(nil, 0, nil), 0},
	}
	for _, c := range cases {
		simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
			pull := s.bound(zmq.Pull)
			raw := s.raw("PUSH")
			s.linked(pull)
			end := s.ended(pull)
			raw.Write(c.ping)
			if c.want == 0 {
				time.Sleep(24 * time.Hour)
				if n := pull.Stats().Connected; n != 1 {
					s.Errorf("a TTL of 0 ended the connection")
				}
				raw.Close()
				end()
				return
			}
			d, err := end()
			if d != c.want || err == nil || !strings.Contains(err.Error(), "TTL") {
				s.Errorf("TTL %s: the end after %v: %v", c.name, d, err)
			}
		})
	}
	// A PING before the time is over, or any other traffic, is a sign of life.
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
		pull := s.bound(zmq.Pull)
		raw := s.raw("PUSH")
		s.linked(pull)
		end := s.ended(pull)
		for range 10 {
			raw.Write(wire.AppendPing(nil, 100, nil))
			time.Sleep(9 * time.Second)
		}
		if d, _ := end(); d != 81*time.Second+10*time.Second {
			s.Errorf("the end after %v", d)
		}
	})
}

// A PONG carries the context of the PING, the first 16 bytes of it and no more.
func TestSimPong(t *testing.T) {
	v := vectors.Load(t)
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
		pull := s.bound(zmq.Pull)
		raw := s.raw("PUSH")
		s.linked(pull)
		s.heard(raw)
		for _, c := range []struct{ ping, pong []byte }{
			{vectors.Bytes(t, v.Frames["ping_ttl10_ctx"]), vectors.Bytes(t, v.Frames["pong_ctx"])},
			{vectors.Bytes(t, v.Special["ping_context_17_echo_first_16"]), append([]byte("\x04\x15\x04PONG"), bytes.Repeat([]byte("z"), 16)...)},
			{wire.AppendPing(nil, 0, nil), []byte("\x04\x05\x04PONG")},
		} {
			raw.Write(c.ping)
			if got := s.heard(raw); !bytes.Equal(got, c.pong) {
				s.Errorf("PING % x: PONG % x", c.ping, got)
			}
		}
	})
}

// While a full queue keeps us from reading, the peer's silence is our doing: it is
// not taken for dead.
func TestSimHeartbeatWhileFull(t *testing.T) {
	simulate(t, 1, zmqtest.Faults{Buffer: 4 << 10}, func(s *sim) {
		pull := s.bound(zmq.Pull, zmq.WithRecvHWM(2), zmq.WithHeartbeat(time.Second, 0, 0))
		push := s.connected(zmq.Push, zmq.WithSendHWM(2))
		s.linked(push, pull)
		ctx, cancel := context.WithTimeout(s.ctx, time.Hour)
		defer cancel()
		n := 0
		for push.Send(ctx, big(n)) == nil {
			n++
		}
		if lost := pull.Stats().Disconnects; lost != 0 {
			s.Fatalf("lost its peer %d times while it did not read", lost)
		}
		for i := range n {
			m, err := pull.Recv(s.ctx)
			if err != nil || !m.Equal(big(i)) {
				s.Fatalf("message %d: %v", i, err)
			}
		}
	})
}

// The handshake has one absolute deadline on either side, whatever trickles in.
func TestSimHandshakeDeadline(t *testing.T) {
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
		pull := s.bound(zmq.Pull, zmq.WithHandshakeInterval(7*time.Second))
		end := s.ended(pull)
		c, err := s.net.Dial(s.ctx, simEndpoint)
		if err != nil {
			s.Fatal(err)
		}
		over := make(chan struct{})
		go func() {
			defer close(over)
			for _, b := range speakerHello("PUSH") {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		if d, err := end(); d != 7*time.Second || !errors.Is(err, os.ErrDeadlineExceeded) {
			s.Errorf("server: the end after %v: %v", d, err)
		}
		c.Close()
		<-over
	})
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
		l, _, _ := s.net.Listen(s.ctx, simEndpoint)
		var conns []net.Conn
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				conns = append(conns, c) // and not a word
			}
		}()
		push := s.connected(zmq.Push, zmq.WithHandshakeInterval(3*time.Second))
		if d, err := s.ended(push)(); d != 3*time.Second || !errors.Is(err, os.ErrDeadlineExceeded) {
			s.Errorf("client: the end after %v: %v", d, err)
		}
		push.Close()
		l.Close()
		<-done
		for _, c := range conns {
			c.Close()
		}
	})
}

// Close waits for the linger time and no longer, and Shutdown knows how many
// messages were left.
func TestSimLinger(t *testing.T) {
	for _, linger := range []time.Duration{0, time.Second, time.Hour} {
		simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
			push := s.connected(zmq.Push, zmq.WithLinger(linger))
			for i := range 10 {
				if err := push.SendString(s.ctx, fmt.Sprint(i)); err != nil {
					s.Fatal(err)
				}
			}
			start := time.Now()
			push.Close()
			if d := time.Since(start); d != linger {
				s.Errorf("linger %v: Close took %v", linger, d)
			}
		})
	}
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) { // the default is 30 s
		push, err := zmq.NewPush(s.ctx)
		if err != nil {
			s.Fatal(err)
		}
		push.Connect(simEndpoint)
		push.SendString(s.ctx, "x")
		start := time.Now()
		push.Close()
		if d := time.Since(start); d != 30*time.Second {
			s.Errorf("by default Close took %v", d)
		}
	})
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) { // for ever, and the peer comes
		push := s.connected(zmq.Push, zmq.WithLinger(-1))
		for i := range 10 {
			push.SendString(s.ctx, fmt.Sprint(i))
		}
		time.AfterFunc(time.Hour, func() {
			pull := s.bound(zmq.Pull)
			for i := range 10 {
				if m, err := pull.RecvString(s.ctx); err != nil || m != fmt.Sprint(i) {
					s.Error(m, err)
				}
			}
		})
		start := time.Now()
		push.Close()
		if d := time.Since(start); d < time.Hour || d > time.Hour+10*time.Second {
			s.Errorf("Close took %v", d)
		}
		synctest.Wait()
	})
}

// Shutdown says exactly how many accepted messages did not leave.
func TestSimUnsent(t *testing.T) {
	for _, n := range []int{0, 1, 7, 300} {
		simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
			push := s.connected(zmq.Push)
			for i := range n {
				if err := push.SendString(s.ctx, fmt.Sprint(i)); err != nil {
					s.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
			defer cancel()
			start := time.Now()
			err := push.Shutdown(ctx)
			var unsent *zmq.UnsentError
			switch {
			case n == 0 && (err != nil || time.Since(start) != 0):
				s.Errorf("nothing to send: %v after %v", err, time.Since(start))
			case n > 0 && (!errors.As(err, &unsent) || unsent.N != n || time.Since(start) != 5*time.Second):
				s.Errorf("%d to send: %v after %v", n, err, time.Since(start))
			}
		})
	}
	// With a reader that takes some and then stops: what it has, and what is said to
	// be unsent, is everything but what is under way in the network.
	simulate(t, 1, zmqtest.Faults{Buffer: 2000}, func(s *sim) {
		pull := s.bound(zmq.Pull, zmq.WithRecvHWM(3))
		push := s.connected(zmq.Push)
		s.linked(push, pull)
		const n = 500
		for i := range n {
			if err := push.Send(s.ctx, big(i)); err != nil {
				s.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(s.ctx, time.Second)
		defer cancel()
		err := push.Shutdown(ctx)
		got := 0
		for {
			m, err := pull.TryRecv()
			if err != nil {
				break
			}
			if !m.Equal(big(got)) {
				s.Fatalf("message %d: %v", got, m)
			}
			got++
			synctest.Wait()
		}
		var unsent *zmq.UnsentError
		if !errors.As(err, &unsent) || got+unsent.N < n-1 || got+unsent.N > n {
			s.Errorf("%d received, %v of %d", got, err, n)
		}
	})
}

// Two may close one socket that lingers: the end of its context and a Close. In a bubble
// neither may wait on a lock, for then time would stand still.
func TestSimTwoClose(t *testing.T) {
	simulate(t, 1, zmqtest.Faults{}, func(s *sim) {
		ctx, cancel := context.WithCancel(s.ctx)
		k, err := zmq.NewPush(ctx, zmq.WithLinger(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Connect(simEndpoint); err != nil {
			t.Fatal(err)
		}
		if err := k.SendString(ctx, "to nobody"); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		cancel()
		synctest.Wait()
		var unsent *zmq.UnsentError
		if err := k.Close(); !errors.As(err, &unsent) || time.Since(start) != time.Minute {
			t.Errorf("closed after %v: %v", time.Since(start), err)
		}
	})
}
