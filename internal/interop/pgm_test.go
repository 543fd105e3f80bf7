//go:build interop && linux

package interop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/netns"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

const (
	multicastCount = 10_000
	multicastRate  = 40_000 // kbit/s

	// A publisher of libzmq takes no NAK that comes from its own host: OpenPGM drops
	// what has its own address, as its multicast would. So on the loopback interface
	// it has to go slowly enough for nothing to be lost on a busy machine.
	gentleRate = 8_000
)

// multicastMessage is the same as message in pgm.py: every fiftieth takes three
// packets.
func multicastMessage(i int) msg.Msg {
	m := msg.NewString(fmt.Sprintf("%c%d", 'a'+i%3, i))
	if i%50 == 0 {
		m.AppendString(strings.Repeat("x", 3000))
	}
	if i%7 == 0 {
		m.AppendString("")
		m.AppendString(strings.Repeat("y", i%300))
	}
	return m
}

// startMulticast starts a pgm.py, on a host unless that is "".
func startMulticast(t *testing.T, host, role, endpoint string, count int, recovery time.Duration) *proc.Peer {
	t.Helper()
	rate := multicastRate
	if host == "" {
		rate = gentleRate
	}
	args := []string{"testdata/pgm.py", role, endpoint, strconv.Itoa(count),
		strconv.Itoa(rate), strconv.FormatInt(recovery.Milliseconds(), 10)}
	if host == "" {
		return proc.PythonPeer(t, nil, args[0], args[1:]...)
	}
	return proc.NewPeer(t, netns.Command(host, nil, append([]string{proc.PythonPath}, args...)...))
}

// saysNext hears a peer's next line, which is to be that.
func saysNext(t *testing.T, p *proc.Peer, want string) {
	t.Helper()
	if l := p.Line(); l != want {
		t.Fatalf("the peer says %q, want %q; %s", l, want, p.Stderr())
	}
}

// stage is where a multicast test plays: the loopback interface, or two namespaces.
type stage struct {
	ours, theirs string // endpoints
	inside       func(*testing.T, func())
	host         string                          // theirs
	cut          func(*testing.T, time.Duration) // nil where the link can't be cut
}

// multicastGroup is a group and a port that no other test uses.
func multicastGroup() string {
	return fmt.Sprintf("239.193.%d.%d:%d", rand.IntN(256), 1+rand.IntN(250), 20_000+rand.IntN(10_000))
}

func loopback(*testing.T) stage {
	ep := "epgm://127.0.0.1;" + multicastGroup()
	return stage{ours: ep, theirs: ep, inside: func(_ *testing.T, fn func()) { fn() }}
}

// hosts is a network of two, ours and theirs.
func hosts(t *testing.T) stage {
	t.Helper()
	l := netns.New(t)
	a, b := l.Host(), l.Host()
	route := func(host string) { l.IP("-n", host, "route", "replace", "239.0.0.0/8", "dev", "eth0") }
	for host, cidr := range map[string]string{a: "10.77.0.1/24", b: "10.77.0.2/24"} {
		l.Plug(host, "eth0", cidr)
		route(host)
	}
	g := multicastGroup()
	return stage{
		ours: "epgm://eth0;" + g, theirs: "epgm://10.77.0.2;" + g, host: b,
		inside: func(t *testing.T, fn func()) { netns.Inside(t, a, fn) },
		cut: func(t *testing.T, d time.Duration) {
			t.Helper()
			l.IP("-n", a, "link", "set", "eth0", "down")
			time.Sleep(d) // the cut is what is tested, not something that is waited for
			l.IP("-n", a, "link", "set", "eth0", "up")
			route(a)
		},
	}
}

// onStages runs a test on each stage.
func onStages(t *testing.T, fn func(t *testing.T, st stage)) {
	t.Run("loopback", func(t *testing.T) { fn(t, loopback(t)) })
	t.Run("namespaces", func(t *testing.T) { fn(t, hosts(t)) })
	t.Run("raw", func(t *testing.T) { fn(t, hosts(t).raw()) })
}

// raw is the stage for native PGM.
func (st stage) raw() stage {
	st.ours, st.theirs = strings.TrimPrefix(st.ours, "e"), strings.TrimPrefix(st.theirs, "e")
	return st
}

// connected is a socket of ours at the stage's endpoint.
func (st stage) connected(t *testing.T, typ zmq.Type, recovery time.Duration) *zmq.Socket {
	t.Helper()
	s, err := zmq.New(context.Background(), typ, zmq.WithSendHWM(0), zmq.WithRecvHWM(0), zmq.WithLinger(0), zmq.WithRecvBuffer(4<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	st.inside(t, func() {
		err = s.Connect(st.ours, zmq.WithMulticastRate(multicastRate), zmq.WithMulticastRecovery(recovery))
	})
	if errors.Is(err, fs.ErrPermission) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// warm sends until the peer has joined.
func warm(t *testing.T, pub *zmq.Socket, p *proc.Peer) {
	t.Helper()
	saysNext(t, p, "ready")
	for end := time.Now().Add(2 * ztest.Patience); time.Now().Before(end); {
		if err := pub.SendString(t.Context(), "warm"); err != nil {
			t.Fatal(err)
		}
		select {
		case l := <-p.Lines():
			if l != "joined" {
				t.Fatalf("the peer says %q: %s", l, p.Stderr())
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("the peer hears nothing: %s", p.Stderr())
}

// TestInteropPGMSend: what we publish, libzmq receives.
func TestInteropPGMSend(t *testing.T) {
	onStages(t, func(t *testing.T, st stage) {
		pub := st.connected(t, zmq.Pub, 10*time.Second)
		p := startMulticast(t, st.host, "sub", st.theirs, multicastCount, 10*time.Second)
		warm(t, pub, p)
		for i := range multicastCount {
			if err := pub.Send(t.Context(), multicastMessage(i)); err != nil {
				t.Fatal(err)
			}
		}
		saysNext(t, p, fmt.Sprintf("got %d", multicastCount))
	})
}

// TestInteropPGMReceive: what libzmq publishes, we receive.
func TestInteropPGMReceive(t *testing.T) {
	onStages(t, func(t *testing.T, st stage) {
		sub := st.connected(t, zmq.XSub, 10*time.Second)
		p := startMulticast(t, st.host, "pub", st.theirs, multicastCount, 10*time.Second)
		first(t, sub)
		p.Say(0)
		if got := receive(t, sub, multicastCount); got != multicastCount {
			t.Errorf("%d messages", got)
		}
		if s := sub.Stats(); s.Gaps != 0 {
			t.Errorf("%d gaps", s.Gaps)
		}
	})
}

// first waits for the first message.
func first(t *testing.T, sub *zmq.Socket) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*ztest.Patience)
	defer cancel()
	if _, err := sub.Recv(ctx); err != nil {
		t.Fatal(err)
	}
}

// receive takes messages up to the last of count, or until none comes any more, and
// counts them.
func receive(t *testing.T, sub *zmq.Socket, count int) (got int) {
	t.Helper()
	for last := -1; last < count-1; {
		ctx, cancel := context.WithTimeout(t.Context(), ztest.Patience)
		m, err := sub.Recv(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		if string(m.Frames[0]) == "warm" {
			continue
		}
		i, err := strconv.Atoi(string(m.Frames[0][1:]))
		if err != nil || i <= last || !m.Equal(multicastMessage(i)) {
			t.Fatalf("after %d comes %.60v", last, m)
		}
		last = i
		got++
	}
	return got
}

// TestInteropPGMCut: a link that is cut for 200 ms costs nothing.
func TestInteropPGMCut(t *testing.T) {
	const count, pause = 2000, 500 * time.Microsecond
	t.Run("send", func(t *testing.T) {
		st := hosts(t)
		pub := st.connected(t, zmq.Pub, 10*time.Second)
		p := startMulticast(t, st.host, "sub", st.theirs, count, 10*time.Second)
		warm(t, pub, p)
		cutAmid(t, st, 200*time.Millisecond, func() { publishPaced(t, pub, count, pause) })
		saysNext(t, p, fmt.Sprintf("got %d", count))
	})
	t.Run("receive", func(t *testing.T) {
		st := hosts(t)
		sub := st.connected(t, zmq.XSub, 10*time.Second)
		p := startMulticast(t, st.host, "pub", st.theirs, count, 10*time.Second)
		first(t, sub)
		got := 0
		cutAmid(t, st, 200*time.Millisecond, func() {
			p.Say(pause.Microseconds())
			got = receive(t, sub, count)
		})
		if s := sub.Stats(); got != count || s.Gaps != 0 {
			t.Errorf("%d of %d messages, %d gaps", got, count, s.Gaps)
		}
	})
}

// publishPaced sends at a pace.
func publishPaced(t *testing.T, pub *zmq.Socket, count int, pause time.Duration) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for i := range count {
		if err := pub.Send(t.Context(), multicastMessage(i)); err != nil {
			t.Error(err)
			return
		}
		<-tick.C
	}
}

// cutAmid cuts the link while fn runs.
func cutAmid(t *testing.T, st stage, d time.Duration, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	time.Sleep(300 * time.Millisecond) // amid
	st.cut(t, d)
	<-done
}

// TestInteropPGMGap: what was lost in a cut that is longer than the window is said to
// be, and what comes afterwards is received.
func TestInteropPGMGap(t *testing.T) {
	const count, pause = 4000, 500 * time.Microsecond
	st := hosts(t)
	sub := st.connected(t, zmq.XSub, 50*time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := sub.Events(ctx, zmq.EventGap)
	p := startMulticast(t, st.host, "pub", st.theirs, count, 50*time.Millisecond)
	first(t, sub)
	got := 0
	cutAmid(t, st, time.Second, func() {
		p.Say(pause.Microseconds())
		got = receive(t, sub, count)
	})
	s := sub.Stats()
	if got == count || got < count/4 || s.Gaps == 0 || s.LostPackets == 0 {
		t.Errorf("%d of %d messages, %d gaps of %d packets", got, count, s.Gaps, s.LostPackets)
	}
	for e := range events {
		if e.Kind != zmq.EventGap || e.Value == 0 || e.Err == nil || !strings.HasPrefix(e.Remote, "10.77.0.2:") {
			t.Errorf("event %+v", e)
		}
		break
	}
}

// TestInteropPGMLoop: sockets of one host hear each other, unless the publisher does
// not want it. (libzmq's never do.)
func TestInteropPGMLoop(t *testing.T) {
	st := hosts(t)
	sub := st.connected(t, zmq.XSub, time.Second)
	for _, loop := range []bool{false, true} {
		pub, err := zmq.NewPub(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		st.inside(t, func() { err = pub.Connect(st.ours, zmq.WithMulticastLoop(loop)) })
		if err == nil {
			err = pub.SendString(t.Context(), fmt.Sprint(loop))
		}
		if err = errors.Join(err, pub.Close()); err != nil { // which waits until it is sent
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), ztest.Patience)
	defer cancel()
	if got, err := sub.RecvString(ctx); got != "true" || err != nil {
		t.Errorf("heard %q, %v", got, err)
	}
}
