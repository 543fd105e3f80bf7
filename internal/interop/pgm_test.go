//go:build interop

package interop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-zactor/zactor/internal/ztest"
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

// multicastPeer is a running pgm.py.
type multicastPeer struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines chan string
	notes transcript
}

// startMulticast starts a pgm.py, in a namespace unless that is "".
func startMulticast(t *testing.T, namespace, role, endpoint string, count int, recovery time.Duration) *multicastPeer {
	t.Helper()
	rate := multicastRate
	if namespace == "" {
		rate = gentleRate
	}
	args := []string{python, "testdata/pgm.py", role, endpoint, strconv.Itoa(count),
		strconv.Itoa(rate), strconv.FormatInt(recovery.Milliseconds(), 10)}
	if namespace != "" {
		args = append([]string{"ip", "netns", "exec", namespace}, args...)
	}
	p := &multicastPeer{t: t, cmd: exec.Command(args[0], args[1:]...), lines: make(chan string, 16)}
	p.cmd.Stderr = &p.notes
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		p.stdin.Close()
		stop := time.AfterFunc(ztest.Patience, func() { _ = p.cmd.Process.Kill() })
		defer stop.Stop()
		<-read
		_ = p.cmd.Wait()
	})
	return p
}

// line is the next line, which must come.
func (p *multicastPeer) line() string {
	p.t.Helper()
	select {
	case l, ok := <-p.lines:
		if !ok {
			p.t.Fatalf("the peer has ended: %s", p.notes.String())
		}
		return l
	case <-time.After(2 * ztest.Patience):
		p.t.Fatalf("the peer says nothing: %s", p.notes.String())
	}
	panic("unreachable")
}

func (p *multicastPeer) expect(want string) {
	p.t.Helper()
	if l := p.line(); l != want {
		p.t.Fatalf("the peer says %q, want %q; %s", l, want, p.notes.String())
	}
}

// stage is where a multicast test plays: the loopback interface, or two namespaces.
type stage struct {
	ours, theirs string // endpoints
	inside       func(*testing.T, func())
	namespace    string                          // theirs
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

func ip(t *testing.T, args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// namespaces makes two network namespaces and a wire between them.
func namespaces(t *testing.T) stage {
	t.Helper()
	id := fmt.Sprintf("%05d", rand.IntN(100_000))
	a, b, va, vb := "zpa"+id, "zpb"+id, "zva"+id, "zvb"+id
	t.Cleanup(func() {
		_ = ip(t, "netns", "del", a)
		_ = ip(t, "netns", "del", b)
	})
	for _, args := range [][]string{
		{"netns", "add", a}, {"netns", "add", b},
		{"link", "add", va, "netns", a, "type", "veth", "peer", "name", vb, "netns", b},
		{"-n", a, "addr", "add", "10.77.0.1/24", "dev", va}, {"-n", b, "addr", "add", "10.77.0.2/24", "dev", vb},
		{"-n", a, "link", "set", "lo", "up"}, {"-n", b, "link", "set", "lo", "up"},
		{"-n", a, "link", "set", va, "up"}, {"-n", b, "link", "set", vb, "up"},
		{"-n", a, "route", "add", "239.0.0.0/8", "dev", va}, {"-n", b, "route", "add", "239.0.0.0/8", "dev", vb},
	} {
		if err := ip(t, args...); err != nil {
			t.Skipf("no namespaces here: %v", err)
		}
	}
	g := multicastGroup()
	return stage{
		ours: "epgm://" + va + ";" + g, theirs: "epgm://10.77.0.2;" + g, namespace: b,
		inside: func(t *testing.T, fn func()) { within(t, a, fn) },
		cut: func(t *testing.T, d time.Duration) {
			t.Helper()
			if err := ip(t, "-n", a, "link", "set", va, "down"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(d) // the cut is what is tested, not something that is waited for
			if err := errors.Join(ip(t, "-n", a, "link", "set", va, "up"), ip(t, "-n", a, "route", "replace", "239.0.0.0/8", "dev", va)); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// within runs fn on a thread that is in another network namespace: a socket stays in
// the one where it was made.
func within(t *testing.T, name string, fn func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := os.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()))
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	other, err := os.Open("/var/run/netns/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := unix.Setns(int(other.Fd()), unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setns(int(own.Fd()), unix.CLONE_NEWNET); err != nil {
			panic(err) // this thread must not be used any more
		}
	}()
	fn()
}

// onStages runs a test on each stage.
func onStages(t *testing.T, fn func(t *testing.T, st stage)) {
	t.Run("loopback", func(t *testing.T) { fn(t, loopback(t)) })
	t.Run("namespaces", func(t *testing.T) { fn(t, namespaces(t)) })
	t.Run("raw", func(t *testing.T) { fn(t, namespaces(t).raw()) })
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
func warm(t *testing.T, pub *zmq.Socket, p *multicastPeer) {
	t.Helper()
	p.expect("ready")
	for end := time.Now().Add(2 * ztest.Patience); time.Now().Before(end); {
		if err := pub.SendString(t.Context(), "warm"); err != nil {
			t.Fatal(err)
		}
		select {
		case l := <-p.lines:
			if l != "joined" {
				t.Fatalf("the peer says %q: %s", l, p.notes.String())
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("the peer hears nothing: %s", p.notes.String())
}

// TestInteropPGMSend: what we publish, libzmq receives.
func TestInteropPGMSend(t *testing.T) {
	onStages(t, func(t *testing.T, st stage) {
		pub := st.connected(t, zmq.Pub, 10*time.Second)
		p := startMulticast(t, st.namespace, "sub", st.theirs, multicastCount, 10*time.Second)
		warm(t, pub, p)
		for i := range multicastCount {
			if err := pub.Send(t.Context(), multicastMessage(i)); err != nil {
				t.Fatal(err)
			}
		}
		p.expect(fmt.Sprintf("got %d", multicastCount))
	})
}

// TestInteropPGMReceive: what libzmq publishes, we receive.
func TestInteropPGMReceive(t *testing.T) {
	onStages(t, func(t *testing.T, st stage) {
		sub := st.connected(t, zmq.XSub, 10*time.Second)
		p := startMulticast(t, st.namespace, "pub", st.theirs, multicastCount, 10*time.Second)
		first(t, sub)
		fmt.Fprintln(p.stdin, 0)
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
		st := namespaces(t)
		pub := st.connected(t, zmq.Pub, 10*time.Second)
		p := startMulticast(t, st.namespace, "sub", st.theirs, count, 10*time.Second)
		warm(t, pub, p)
		cutAmid(t, st, 200*time.Millisecond, func() { publishPaced(t, pub, count, pause) })
		p.expect(fmt.Sprintf("got %d", count))
	})
	t.Run("receive", func(t *testing.T) {
		st := namespaces(t)
		sub := st.connected(t, zmq.XSub, 10*time.Second)
		p := startMulticast(t, st.namespace, "pub", st.theirs, count, 10*time.Second)
		first(t, sub)
		got := 0
		cutAmid(t, st, 200*time.Millisecond, func() {
			fmt.Fprintln(p.stdin, pause.Microseconds())
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
	st := namespaces(t)
	sub := st.connected(t, zmq.XSub, 50*time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := sub.Events(ctx, zmq.EventGap)
	p := startMulticast(t, st.namespace, "pub", st.theirs, count, 50*time.Millisecond)
	first(t, sub)
	got := 0
	cutAmid(t, st, time.Second, func() {
		fmt.Fprintln(p.stdin, pause.Microseconds())
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
	st := namespaces(t)
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
