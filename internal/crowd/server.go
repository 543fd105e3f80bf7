package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

const user, password = "crowd", "a password"

// ready is the server's first line.
type ready struct {
	Endpoint string
	Key      string
}

// served is what a server has seen.
type served struct {
	Received int // different messages
	Doubled  int
	Failed   uint64 // handshakes
	Evicted  uint64
	PeakMiB  int // resident, at the worst moment
}

// slow is a store of passwords that takes its time.
type slow struct {
	takes time.Duration
	right auth.Passwords
}

func (s *slow) Verify(ctx context.Context, user string, password []byte) (bool, error) {
	t := time.NewTimer(s.takes)
	defer t.Stop()
	select {
	case <-t.C:
		return s.right.Verify(ctx, user, password)
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// pull is a server that counts.
type pull struct {
	socket *zmq.Socket
	ready  ready
	auth   *auth.Auth
	wg     sync.WaitGroup

	mu   sync.Mutex
	seen map[string]int
}

func newPull(ctx context.Context, j *job) (*pull, error) {
	p := &pull{seen: map[string]int{}}
	var opts []zmq.Option
	switch j.Mechanism {
	case "plain":
		a, err := auth.New(ctx)
		if err != nil {
			return nil, err
		}
		p.auth = a
		store := &slow{takes: j.Verify}
		if err := store.right.Set(user, password); err != nil {
			return nil, err
		}
		a.Plain(auth.AnyDomain, store)
		opts = append(opts, zmq.WithPlainServer())
	case "curve":
		c, err := cert.New()
		if err != nil {
			return nil, err
		}
		p.ready.Key = c.Public()
		opts = append(opts, zmq.WithCurveServer(c), zmq.WithAllowAnyKey(true))
	}
	if j.Backlog > 0 {
		opts = append(opts, zmq.WithBacklog(j.Backlog))
	}
	if j.Places > 0 {
		opts = append(opts, zmq.WithMaxHandshakes(j.Places))
	}
	var err error
	if p.socket, err = zmq.NewPull(ctx, opts...); err != nil {
		return nil, err
	}
	if p.ready.Endpoint, err = p.socket.Bind(j.Endpoint); err != nil {
		return nil, err
	}
	p.wg.Go(func() { p.count(ctx) })
	return p, nil
}

func (p *pull) count(ctx context.Context) {
	for m := range p.socket.Messages(ctx) {
		p.mu.Lock()
		p.seen[m.PopString()]++
		p.mu.Unlock()
	}
}

func (p *pull) result() served {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.socket.Stats()
	r := served{Received: len(p.seen), Failed: s.HandshakesFailed, Evicted: s.Evicted, PeakMiB: peak()}
	for _, n := range p.seen {
		r.Doubled += n - 1
	}
	return r
}

func (p *pull) received() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

// waitFor waits until so many messages are there, or ctx ends.
func (p *pull) waitFor(ctx context.Context, n int) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for p.received() < n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *pull) close() {
	p.socket.Close()
	p.wg.Wait()
	if p.auth != nil {
		p.auth.Close()
	}
}

// server serves until its input tells how many messages there must be in the end, and
// they are there or have had time to come.
func server(j *job, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), j.Patience)
	defer cancel()
	p, err := newPull(ctx, j)
	if err != nil {
		return err
	}
	defer p.close()
	if err := say(out, p.ready); err != nil {
		return err
	}
	var want int
	if _, err := fmt.Fscan(in, &want); err != nil {
		return err
	}
	last, stop := context.WithTimeout(ctx, settle)
	defer stop()
	p.waitFor(last, want)
	return say(out, p.result())
}

// settle is how long what was sent may take to show. What is lost takes all of it.
const settle = 5 * time.Second

var highWater = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// peak is the most memory that was resident, in MiB; 0 where the system doesn't say.
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	m := highWater.FindSubmatch(bytes.TrimSpace(status))
	if m == nil {
		return 0
	}
	kib, _ := strconv.Atoi(string(m[1]))
	return kib >> 10
}
