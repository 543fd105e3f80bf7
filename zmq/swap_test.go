package zmq_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// swapDir is a directory whose log of an endpoint can be looked at.
func swapFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.swap"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func swapNumbers(k *kit, push *zmq.Socket, from, to int) {
	k.Helper()
	for i := from; i < to; i++ {
		k.ok(push.SendString(k.ctx, strconv.Itoa(i), strings.Repeat("x", i%300)))
	}
}

func wantNumbers(k *kit, pull *zmq.Socket, from, to int) {
	k.Helper()
	for i := from; i < to; i++ {
		k.want(pull, strconv.Itoa(i), strings.Repeat("x", i%300))
	}
}

// More than the high-water mark is accepted, and comes in order; what is in memory
// goes first, and new messages last.
func TestSwapTakesWhatIsOver(t *testing.T) {
	networked(t, func(k *kit) {
		dir := k.TempDir()
		endpoint := k.endpoint()
		push := k.open(zmq.Push, zmq.WithSendHWM(10), zmq.WithSwap(dir, 0))
		k.ok(push.Connect(endpoint))
		swapNumbers(k, push, 0, 2000)
		if st := push.Stats(); st.Queued != 2000 || st.Sent != 2000 {
			t.Errorf("queued %d, sent %d; want 2000", st.Queued, st.Sent)
		}
		if len(swapFiles(k.T, dir)) == 0 {
			k.Error("nothing is on disk")
		}
		pull := k.open(zmq.Pull)
		_, err := pull.Bind(endpoint)
		k.ok(err)
		wantNumbers(k, pull, 0, 1000)
		swapNumbers(k, push, 2000, 3000)
		wantNumbers(k, pull, 1000, 3000)
		k.until("all is written", func() bool { return push.Stats().Queued == 0 })
	})
}

// With a bound, the swap is full like any queue, and takes more once it was emptied.
func TestSwapIsBounded(t *testing.T) {
	k := alone(t, "tcp")
	endpoint := k.endpoint()
	push := k.open(zmq.Push, zmq.WithSendHWM(5), zmq.WithSwap(k.TempDir(), 100_000))
	k.ok(push.Connect(endpoint))
	n := 0
	for ; ; n++ {
		err := push.TrySend(msgOf(fmt.Sprintf("%4d %s", n, strings.Repeat("y", 1000))))
		if errors.Is(err, zmq.ErrAgain) {
			break
		}
		k.ok(err)
	}
	if n < 80 || n > 110 {
		t.Errorf("%d messages of a kilobyte in 100 kB", n)
	}
	blocked := k.blocked(func() error { return push.SendString(k.ctx, "last") })
	pull := k.open(zmq.Pull)
	_, err := pull.Bind(endpoint)
	k.ok(err)
	for i := range n {
		if got := k.recv(pull); !strings.HasPrefix(got[0], fmt.Sprintf("%4d ", i)) {
			t.Fatalf("%.20q, want %d", got, i)
		}
	}
	k.ok(<-blocked)
	k.want(pull, "last")
}

// What was not sent is there for the next socket.
func TestSwapOutlivesTheSocket(t *testing.T) {
	networked(t, func(k *kit) {
		dir, endpoint := k.TempDir(), k.endpoint()
		opts := []zmq.Option{zmq.WithSwap(dir, 0), zmq.WithSwapSync(true), zmq.WithLinger(0)}
		push := k.open(zmq.Push, opts...)
		k.ok(push.Connect(endpoint))
		swapNumbers(k, push, 0, 50)
		other := k.open(zmq.Push, opts...)
		k.is(other.Connect(endpoint), zmq.ErrSwap) // it is in use
		k.ok(push.Close())
		k.ok(other.Connect(endpoint))
		swapNumbers(k, other, 50, 60)
		pull := k.open(zmq.Pull)
		_, err := pull.Bind(endpoint)
		k.ok(err)
		wantNumbers(k, pull, 0, 60)
	})
}

// A subscriber that does not read loses nothing.
func TestSwapForSlowSubscribers(t *testing.T) {
	k := alone(t, "tcp")
	pub, endpoint := k.bound(zmq.Pub, zmq.WithSendHWM(100), zmq.WithSwap(k.TempDir(), 0))
	slow, quick := k.open(zmq.Sub, zmq.WithRecvHWM(10)), k.open(zmq.Sub)
	for _, s := range []*zmq.Socket{slow, quick} {
		k.ok(s.Subscribe(""))
		k.ok(s.Connect(endpoint))
	}
	k.ok(pub.WaitSubscribers(k.ctx, "", 2))
	const n, size = 3000, 10_000 // more than the kernel's buffers hold
	body := strings.Repeat("z", size)
	for i := range n {
		k.ok(pub.SendString(k.ctx, strconv.Itoa(i), body))
	}
	for _, s := range []*zmq.Socket{quick, slow} {
		for i := range n {
			k.want(s, strconv.Itoa(i), body)
		}
	}
	if d := pub.Stats().Drops.Total(); d != 0 {
		t.Errorf("%d dropped", d)
	}
}

func TestSwapRefuses(t *testing.T) {
	k := alone(t, "tcp")
	file := filepath.Join(k.TempDir(), "file")
	k.ok(os.WriteFile(file, nil, 0o600))
	for _, tt := range []struct {
		opts []zmq.Option
		want error
		says string
	}{
		{[]zmq.Option{zmq.WithSwap(file, 0)}, zmq.ErrSwap, file},
		{[]zmq.Option{zmq.WithSwap(k.TempDir(), 0), zmq.WithImmediate(true)}, zmq.ErrInvalidOption, "IMMEDIATE"},
		{[]zmq.Option{zmq.WithSwapSync(true)}, zmq.ErrInvalidOption, "WithSwap"},
	} {
		err := k.open(zmq.Push, tt.opts...).Connect(k.endpoint())
		k.is(err, tt.want)
		k.mentions(err, tt.says)
	}
	_, err := zmq.New(k.zctx, zmq.Push, zmq.WithSwap("x", -2))
	k.is(err, zmq.ErrInvalidOption)
}

// A bit that turns on disk costs the message it is in, is named, and costs no other.
func TestSwapNamesDamage(t *testing.T) {
	k := alone(t, "tcp")
	dir, endpoint := k.TempDir(), k.endpoint()
	opts := []zmq.Option{zmq.WithSwap(dir, 0), zmq.WithSwapSync(true), zmq.WithLinger(0)}
	push := k.open(zmq.Push, opts...)
	k.ok(push.Connect(endpoint))
	for i := range 20 {
		k.ok(push.SendString(k.ctx, fmt.Sprintf("message %02d", i)))
	}
	k.ok(push.Close())
	file := swapFiles(t, dir)[0]
	p, err := os.ReadFile(file)
	k.ok(err)
	p[strings.Index(string(p), "message 07")] ^= 4
	k.ok(os.WriteFile(file, p, 0o600))

	push = k.open(zmq.Push, opts...)
	events := k.watch(push, zmq.EventGap)
	k.ok(push.Connect(endpoint))
	if e := events.next(); e.Value != 1 || !strings.Contains(e.Err.Error(), file) {
		t.Errorf("%v", e)
	}
	pull := k.open(zmq.Pull)
	_, err = pull.Bind(endpoint)
	k.ok(err)
	for i := range 20 {
		if i != 7 {
			k.want(pull, fmt.Sprintf("message %02d", i))
		}
	}
}

// swapChild is what TestSwapKilled runs and kills.
const swapChild = "ZACTOR_SWAP_CHILD"

// TestSwapKilled kills a sender that goes through its swap, again and again
// (ZACTOR_FULL=1: 1000 times), mostly when it has had some messages accepted. Every message that Send has accepted arrives once or
// more, and in order.
func TestSwapKilled(t *testing.T) {
	if child := os.Getenv(swapChild); child != "" {
		sendUntilKilled(t, child)
		return
	}
	rounds := ztest.Size(8, 1000)
	k := patientKit(t, "tcp", 10*time.Minute)
	pull, endpoint := k.bound(zmq.Pull)
	arrived := make(chan int, 1)
	go collectNumbers(k, pull, arrived)
	dir, accepted := t.TempDir(), 0
	for range rounds {
		accepted = runAndKill(k, dir+"|"+endpoint+"|"+strconv.Itoa(accepted), accepted)
	}
	// The last one is left to say what the others could not.
	push := k.open(zmq.Push, zmq.WithSwap(dir, 0), zmq.WithSwapSync(true))
	k.ok(push.Connect(endpoint))
	k.ok(push.SendString(k.ctx, "end"))
	if got := <-arrived; got < accepted {
		t.Errorf("%d messages were accepted, %d arrived", accepted, got)
	}
	if !t.Failed() {
		ztest.Record(t, "A21", "kills", "%d: all of the %d messages that Send had accepted arrived", rounds, accepted)
	}
}

// collectNumbers receives until the end. A message may come again, but none may be
// left out.
func collectNumbers(k *kit, pull *zmq.Socket, arrived chan<- int) {
	next := 0
	defer func() { arrived <- next }()
	for {
		m, err := pull.Recv(k.ctx)
		if err != nil || string(m.Frames[0]) == "end" {
			return
		}
		n, _ := strconv.Atoi(string(m.Frames[0]))
		if n > next {
			k.Errorf("%d came when %d was due", n, next)
			return
		}
		next = max(next, n+1)
	}
}

// runAndKill returns the number behind the last message that the child had accepted.
func runAndKill(k *kit, child string, accepted int) int {
	k.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestSwapKilled$")
	cmd.Env = append(os.Environ(), swapChild+"="+child)
	out, err := cmd.StdoutPipe()
	k.ok(err)
	cmd.Stderr = os.Stderr
	k.ok(cmd.Start())
	early := rand.IntN(4) == 0 // perhaps while it reads what the one before has left
	if early {
		time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	}
	last := 1 + rand.IntN(50)
	for lines := bufio.NewScanner(out); lines.Scan(); last-- {
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			accepted = max(accepted, n+1)
		}
		if last == 1 { // it sends on until it is dead
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if last > 0 && !early {
		k.Fatal("the child ended before it was killed")
	}
	return accepted
}

// sendUntilKilled sends numbers, and says which were accepted. The first one may have
// been sent before: its sender was killed before it could say so.
func sendUntilKilled(t *testing.T, child string) {
	part := strings.Split(child, "|")
	push, err := zmq.NewPush(context.Background(), zmq.WithSwap(part[0], 0), zmq.WithSwapSync(true))
	if err == nil {
		err = push.Connect(part[1])
	}
	first, _ := strconv.Atoi(part[2])
	for i := first; err == nil; i++ {
		if err = push.SendString(context.Background(), strconv.Itoa(i), strings.Repeat("k", i%2000)); err == nil {
			fmt.Println(i)
		}
	}
	t.Fatal(err)
}
