package zmq_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// handoverChild has the path where the child process takes over.
const handoverChild = "ZACTOR_TEST_HANDOVER"

// Under load a second process takes an endpoint over from the first one: every message
// arrives once, at one of the two, and nobody is ever refused.
func TestEndpointHandover(t *testing.T) {
	if path := os.Getenv(handoverChild); path != "" {
		takeOverAndTell(t, path)
		return
	}
	runOver(t, []string{"tcp", "ipc"}, testHandover)
}

func testHandover(k *kit) {
	const clients = 4
	each := ztest.Size(5_000, 30_000)
	pull, bound := k.bound(zmq.Pull)
	path := filepath.Join(k.TempDir(), "h")

	var senders sync.WaitGroup
	var refused []*watcher
	var pushes []*zmq.Socket
	half := make(chan struct{}, clients)
	release := make(chan struct{})
	for c := range clients {
		push := k.connect(zmq.Push, bound, zmq.WithReconnectInterval(time.Millisecond, 10*time.Millisecond))
		refused = append(refused, k.watch(push, zmq.EventClosed))
		pushes = append(pushes, push)
		senders.Add(1)
		go func() {
			defer senders.Done()
			for i := range each {
				if i == each/2 {
					half <- struct{}{}
				}
				if i == each*3/4 {
					<-release // that something is left for the successor
				}
				if err := push.SendString(k.ctx, fmt.Sprintf("%d:%d", c, i), strings.Repeat("x", i%5000)); err != nil {
					k.Error(err)
					return
				}
			}
		}()
	}

	seen := map[string]int{}
	ctx, stop := context.WithCancel(k.ctx)
	received := make(chan struct{})
	go func() {
		defer close(received)
		for {
			m, err := pull.Recv(ctx)
			if err != nil {
				break
			}
			seen[m.PopString()]++
		}
		for {
			m, err := pull.TryRecv()
			if err != nil {
				return
			}
			seen[m.PopString()]++
		}
	}()
	for range clients {
		<-half
	}
	cmd, lines := handoverSuccessor(k, path)
	k.ok(pull.Handover(k.ctx, bound, path))
	close(release)
	stop()
	<-received
	old := len(seen)
	for len(seen) < clients*each {
		select {
		case line, ok := <-lines:
			if !ok {
				k.Fatalf("the successor has ended with %d of %d", len(seen), clients*each)
			}
			seen[line]++
		case <-k.ctx.Done():
			for _, push := range pushes {
				k.Logf("%+v", push.Stats())
			}
			k.Fatalf("%d of %d came, %d of them at the first process", len(seen), clients*each, old)
		}
	}
	senders.Wait()
	for _, w := range refused {
		if len(w.c) > 0 {
			k.Errorf("an attempt to connect failed: %v", <-w.c)
		}
	}
	_ = cmd.Process.Kill()
	for line := range lines {
		seen[line]++
	}
	for line, n := range seen {
		if n != 1 {
			k.Errorf("%q came %d times", line, n)
		}
	}
	if old == 0 || old == clients*each {
		k.Errorf("%d of %d came at the first process", old, clients*each)
	}
}

// handoverSuccessor starts the second process; lines is what it says it received.
func handoverSuccessor(k *kit, path string) (*exec.Cmd, <-chan string) {
	cmd := exec.Command(os.Args[0], "-test.run", "^TestEndpointHandover$")
	cmd.Env = append(os.Environ(), handoverChild+"="+path)
	out, err := cmd.StdoutPipe()
	k.ok(err)
	cmd.Stderr = os.Stderr
	k.ok(cmd.Start())
	k.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			if strings.Contains(s.Text(), ":") {
				lines <- s.Text()
			}
		}
	}()
	return cmd, lines
}

func takeOverAndTell(t *testing.T, path string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	pull, err := zmq.NewPull(ctx)
	if err == nil {
		_, err = pull.TakeOver(ctx, path)
	}
	w := bufio.NewWriter(os.Stdout)
	for err == nil {
		m, again := pull.TryRecv()
		if again != nil {
			w.Flush()
			m, err = pull.Recv(ctx)
		}
		if err == nil {
			fmt.Fprintln(w, m.PopString())
		}
	}
	t.Fatal(err)
}

// A receiver that takes its time, with 40 ms a message, loses nothing when it hands over, and
// gets nothing twice.
func TestHandoverOfASlowReceiver(t *testing.T) {
	runOver(t, []string{"tcp", "ipc", "curve"}, func(k *kit) {
		const clients, each = 3, 12
		narrow := []zmq.Option{zmq.WithRecvHWM(1), zmq.WithRecvBuffer(4096)}
		old, next := k.open(zmq.Pull, narrow...), k.open(zmq.Pull)
		bound, err := k.listen(old, k.endpoint())
		k.ok(err)
		path := filepath.Join(k.TempDir(), "h")
		seen := map[string]int{}
		take := func(m msg.Msg) {
			seen[m.PopString()]++
			time.Sleep(40 * time.Millisecond) // it is what the test is about
		}
		for c := range clients {
			push := k.open(zmq.Push, zmq.WithSendBuffer(4096), zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
			k.ok(k.dial(push, bound))
			k.ok(push.WaitConnected(k.ctx, 1))
			for i := range each {
				k.send(push, fmt.Sprintf("%d:%d", c, i), strings.Repeat("x", 200_000))
			}
		}
		taken := make(chan error, 1)
		go func() {
			opts := []zmq.Option{}
			if k.scheme == "curve" {
				opts = append(opts, zmq.WithCurveServer(serverKeys()), zmq.WithAllowAnyKey(true))
			}
			_, err := next.TakeOver(k.ctx, path, opts...)
			taken <- err
		}()
		over := make(chan error, 1)
		go func() { over <- old.Handover(k.ctx, bound, path) }()
		ctx, stop := context.WithCancel(k.ctx)
		go func() {
			err := <-over
			stop()
			over <- err
		}()
		k.ok(<-taken)
		for {
			m, err := old.Recv(ctx)
			if err != nil {
				break
			}
			take(m)
		}
		k.ok(<-over)
		for m, err := old.TryRecv(); err == nil; m, err = old.TryRecv() {
			take(m)
		}
		first := len(seen)
		for len(seen) < clients*each {
			m, err := next.Recv(k.ctx)
			if err != nil {
				k.Fatalf("%d of %d came, %d of them at the first: %v", len(seen), clients*each, first, err)
			}
			seen[m.PopString()]++
		}
		for what, n := range seen {
			if n != 1 {
				k.Errorf("%s came %d times", what, n)
			}
		}
		k.silent(next)
	})
}

// Without a successor everything stays as it is.
func TestEndpointHandoverToNobody(t *testing.T) {
	runOver(t, []string{"tcp", "ipc"}, func(k *kit) {
		pull, bound := k.bound(zmq.Pull)
		path := filepath.Join(k.TempDir(), "h")
		ctx, cancel := context.WithTimeout(k.ctx, 10*time.Millisecond)
		defer cancel()
		k.is(pull.Handover(ctx, bound, path), context.DeadlineExceeded)
		push := k.joined(zmq.Push, bound)
		k.send(push, "still there")
		k.want(pull, "still there")
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			k.Errorf("the socket file is left behind: %v", err)
		}
		k.is(pull.Handover(ctx, "tcp://127.0.0.1:1", path), zmq.ErrNoEndpoint)
		_, err := pull.Bind("inproc://handover-" + k.scheme)
		k.ok(err)
		k.is(pull.Handover(ctx, "inproc://handover-"+k.scheme, path), zmq.ErrNotSupported)
		_, err = k.open(zmq.Pull).TakeOver(ctx, path)
		k.is(err, context.DeadlineExceeded)
	})
}
