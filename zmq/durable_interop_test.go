//go:build interop

package zmq_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// durablePython runs a program of the real libzmq with the endpoint as its argument.
func durablePython(k *kit, program, endpoint string) <-chan string {
	cmd := exec.CommandContext(k.ctx, "/usr/bin/python3", "-c", "import zmq, sys, time\nc = zmq.Context()\n"+program, endpoint)
	out := make(chan string, 1)
	go func() {
		b, err := cmd.CombinedOutput()
		if err != nil {
			k.Errorf("python: %v: %s", err, b)
		}
		out <- strings.TrimSpace(string(b))
	}()
	return out
}

// libzmq's peers take no notice of any of it.
func TestInteropDurableAndGaps(t *testing.T) {
	k := alone(t, "tcp")
	pub, endpoint := k.bound(zmq.Pub, zmq.WithDurableBounds(10, 0, 0))
	out := durablePython(k, `
s = c.socket(zmq.SUB); s.subscribe(b""); s.connect(sys.argv[1])
print(s.recv().decode(), s.recv().decode())`, endpoint)
	k.ok(pub.WaitSubscribers(k.ctx, "", 1))
	k.send(pub, "1")
	k.send(pub, "2")
	if got := <-out; got != "1 2" {
		t.Errorf("libzmq's SUB got %q", got)
	}

	sub := k.open(zmq.Sub, zmq.WithDurable("name"), zmq.WithGapNotices(true))
	k.ok(sub.Subscribe(""))
	at := k.endpoint()
	k.ok(sub.Connect(at))
	out = durablePython(k, `
s = c.socket(zmq.XPUB); s.bind(sys.argv[1]); print(s.recv())
for i in range(3): s.send(str(i).encode())
time.sleep(0.3); c.destroy(linger=1000)`, at)
	for _, want := range []string{"0", "1", "2"} {
		k.want(sub, want)
	}
	if got := <-out; got != `b'\x01'` {
		t.Errorf("libzmq's XPUB got %q", got)
	}
}

// libzmq's PULL and PUSH talk to ours with WithRequeue.
func TestInteropRequeue(t *testing.T) {
	k := alone(t, "tcp")
	push, endpoint := k.bound(zmq.Push, zmq.WithRequeue(true))
	out := durablePython(k, `
s = c.socket(zmq.PULL); s.connect(sys.argv[1])
print(s.recv().decode())`, endpoint)
	k.send(push, "job")
	if got := <-out; got != "job" {
		t.Errorf("got %q", got)
	}
	pull, endpoint := k.bound(zmq.Pull, zmq.WithRequeue(true))
	out = durablePython(k, `
s = c.socket(zmq.PUSH); s.connect(sys.argv[1]); s.send(b"job"); c.destroy(linger=1000)`, endpoint)
	k.want(pull, "job")
	<-out
}
