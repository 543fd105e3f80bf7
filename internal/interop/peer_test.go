//go:build interop

package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// python is the interpreter that Debian's python3-zmq is installed for; one of
// the same name earlier in PATH may be another.
const python = "/usr/bin/python3"

// peer is one running peer.py.
type peer struct {
	cmd    *exec.Cmd
	stdin  *json.Encoder
	hangUp func() error
	stderr transcript

	mu      sync.Mutex // guards what follows
	next    int
	waiting map[int]chan reply
	dead    bool

	read chan struct{} // closed when the reading goroutine has ended
}

// args are a command's fields beside its name.
type args map[string]any

// reply is the union of all that peer.py answers with.
type reply struct {
	ID        int      `json:"id"`
	Error     string   `json:"error"`
	Text      string   `json:"text"`
	Sock      int      `json:"sock"`
	N         int      `json:"n"`
	Stop      string   `json:"stop"`
	Endpoint  string   `json:"endpoint"`
	Endpoints []string `json:"endpoints"`
	Events    []string `json:"events"`
	Heads     []string `json:"heads"`
	Libzmq    string   `json:"libzmq"`
	Pyzmq     string   `json:"pyzmq"`
	Frames    message  `json:"frames"`
}

// transcript is what a process says on stderr, which a test may read at any time.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

// startPeer starts a peer that lives until the test ends or kill is called.
func startPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{waiting: map[int]chan reply{}, read: make(chan struct{})}
	p.cmd = exec.Command(python, "testdata/peer.py")
	p.cmd.Stderr = &p.stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.stdin, p.hangUp = json.NewEncoder(in), in.Close
	go p.readReplies(bufio.NewReader(out))
	t.Cleanup(p.quit)
	return p
}

// readReplies hands each answer to the call that waits for it, until the
// process closes its stdout; it owns that pipe.
func (p *peer) readReplies(out *bufio.Reader) {
	defer close(p.read)
	dec := json.NewDecoder(out)
	for {
		var r reply
		err := dec.Decode(&r)
		p.mu.Lock()
		if err != nil {
			p.dead = true
			for _, c := range p.waiting {
				close(c)
			}
			p.waiting = nil
			p.mu.Unlock()
			return
		}
		p.waiting[r.ID] <- r
		delete(p.waiting, r.ID)
		p.mu.Unlock()
	}
}

// start sends a command; its answer arrives in the channel, which is closed
// without one if the process ends.
func (p *peer) start(op string, a args) (<-chan reply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return nil, fmt.Errorf("peer is dead: %s", p.stderr.String())
	}
	p.next++
	c := make(chan reply, 1)
	p.waiting[p.next] = c
	cmd := map[string]any{"id": p.next, "op": op}
	for k, v := range a {
		cmd[k] = v
	}
	return c, p.stdin.Encode(cmd)
}

// do runs a command and returns its answer, which may be an error of libzmq's.
// A peer that does not answer is killed, for it would not answer the next
// command either.
func (p *peer) do(t *testing.T, op string, a args) reply {
	t.Helper()
	c, err := p.start(op, a)
	if err != nil {
		t.Fatalf("peer %s: %v", op, err)
	}
	return p.finish(t, op, c)
}

// finish waits for the answer to a command that start began.
func (p *peer) finish(t *testing.T, op string, c <-chan reply) reply {
	t.Helper()
	// Commands carry their own, shorter timeouts; this one is for a hung process.
	timer := time.NewTimer(2 * ztest.Patience)
	defer timer.Stop()
	select {
	case r, ok := <-c:
		if !ok {
			<-p.read
			t.Fatalf("peer ended during %s:\n%s", op, p.stderr.String())
		}
		return r
	case <-timer.C:
		p.kill()
		t.Fatalf("peer hangs in %s:\n%s", op, p.stderr.String())
	}
	panic("unreachable")
}

// must is do for a command that is not to fail.
func (p *peer) must(t *testing.T, op string, a args) reply {
	t.Helper()
	r := p.do(t, op, a)
	if r.Error != "" {
		t.Fatalf("peer %s %v: %s: %s", op, a, r.Error, r.Text)
	}
	return r
}

// quit lets the process end by itself, as it does at the end of its input.
func (p *peer) quit() {
	_ = p.hangUp()
	select {
	case <-p.read:
		_ = p.cmd.Wait()
	case <-time.After(ztest.Patience):
		p.kill()
	}
}

// kill ends the process at once, as a crash would.
func (p *peer) kill() {
	_ = p.cmd.Process.Kill()
	<-p.read
	_ = p.cmd.Wait()
}

// freeze and thaw stop and continue the process without closing anything.
func (p *peer) freeze() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }
func (p *peer) thaw() error   { return p.cmd.Process.Signal(syscall.SIGCONT) }

// alive tells whether the process still answers.
func (p *peer) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}
