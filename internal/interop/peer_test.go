//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// peer is one running peer.py, to which many may speak: an answer finds the one who asked.
type peer struct {
	*proc.Peer

	mu      sync.Mutex // guards what follows
	next    int
	waiting map[int]chan reply
	dead    bool
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

// startPeer starts a peer that lives until the test ends or it is killed.
func startPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{waiting: map[int]chan reply{}}
	read := make(chan struct{})
	t.Cleanup(func() { <-read })
	p.Peer = proc.PythonPeer(t, nil, "testdata/peer.py")
	go func() {
		defer close(read)
		p.readReplies()
	}()
	return p
}

// readReplies hands each answer to the call that waits for it, until the process ends or
// says what is no answer.
func (p *peer) readReplies() {
	var r reply
	for line := range p.Lines() {
		if r = (reply{}); json.Unmarshal([]byte(line), &r) != nil {
			break
		}
		p.mu.Lock()
		p.waiting[r.ID] <- r
		delete(p.waiting, r.ID)
		p.mu.Unlock()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	for _, c := range p.waiting {
		close(c)
	}
	p.waiting = nil
}

// start sends a command; its answer arrives in the channel, which is closed
// without one if the process ends.
func (p *peer) start(op string, a args) (<-chan reply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return nil, fmt.Errorf("peer is dead: %s", p.Stderr())
	}
	p.next++
	c := make(chan reply, 1)
	p.waiting[p.next] = c
	cmd := map[string]any{"id": p.next, "op": op}
	for k, v := range a {
		cmd[k] = v
	}
	return c, p.Tell(cmd)
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
			t.Fatalf("peer ended during %s:\n%s", op, p.Stderr())
		}
		return r
	case <-timer.C:
		p.Kill()
		t.Fatalf("peer hangs in %s:\n%s", op, p.Stderr())
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

// alive tells whether the process still answers.
func (p *peer) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}
