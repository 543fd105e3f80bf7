//go:build interop

package interop

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// theirs opens libzmq's sockets, in one process for all of them.
type theirs struct{ p *peer }

func (s theirs) name() string { return "libzmq" }

func (s theirs) open(t *testing.T, typ string, o setup) end {
	t.Helper()
	opts := map[string]any{}
	if o.id != "" {
		opts["ROUTING_ID"] = raw(o.id)
	}
	if o.mandatory {
		opts["ROUTER_MANDATORY"] = 1
	}
	if o.heartbeat > 0 {
		opts["HEARTBEAT_IVL"], opts["HEARTBEAT_TIMEOUT"] = o.heartbeat.Milliseconds(), missed.Milliseconds()
	}
	if o.ttl > 0 {
		opts["HEARTBEAT_TTL"] = o.ttl.Milliseconds()
	}
	r := s.p.must(t, "socket", args{"type": typ, "opts": opts})
	e := &theirEnd{t: t, p: s.p, sock: r.Sock, linger: o.linger}
	t.Cleanup(e.close)
	return e
}

func (s theirs) fresh(t *testing.T) side {
	t.Helper()
	return theirs{startPeer(t)}
}

func (s theirs) proxy(t *testing.T, front, back string) (string, string) {
	t.Helper()
	bound := func(typ string) args { return args{"type": typ, "bind": "tcp://127.0.0.1:*"} }
	r := s.p.must(t, "proxy", args{"front": bound(front), "back": bound(back)})
	t.Cleanup(func() { s.p.must(t, "unproxy", nil) })
	return r.Endpoints[0], r.Endpoints[1]
}

// theirEnd is a socket in the peer process.
type theirEnd struct {
	t      *testing.T
	p      *peer
	sock   int
	linger time.Duration
	closed bool
}

// do runs a command on this socket.
func (e *theirEnd) do(op string, a args) reply {
	e.t.Helper()
	return e.p.must(e.t, op, e.with(a))
}

// later starts a command on this socket; wait returns its answer.
func (e *theirEnd) later(op string, a args) (wait func() reply) {
	e.t.Helper()
	c, err := e.p.start(op, e.with(a))
	if err != nil {
		e.t.Fatal(err)
	}
	return func() reply {
		e.t.Helper()
		r := e.p.finish(e.t, op, c)
		if r.Error != "" {
			e.t.Fatalf("peer %s: %s: %s", op, r.Error, r.Text)
		}
		return r
	}
}

func (e *theirEnd) with(a args) args {
	if a == nil {
		a = args{}
	}
	a["sock"] = e.sock
	if _, ok := a["timeout"]; !ok {
		a["timeout"] = ztest.Patience.Milliseconds()
	}
	return a
}

func (e *theirEnd) bind(endpoint string) string {
	e.t.Helper()
	return e.do("bind", args{"endpoint": endpoint}).Endpoint
}

func (e *theirEnd) connect(endpoint string) {
	e.t.Helper()
	e.do("connect", args{"endpoint": endpoint})
}

func (e *theirEnd) disconnect(endpoint string) {
	e.t.Helper()
	e.do("disconnect", args{"endpoint": endpoint})
}

func (e *theirEnd) unbind(endpoint string) {
	e.t.Helper()
	e.do("unbind", args{"endpoint": endpoint})
}

func (e *theirEnd) subscribe(prefix string) {
	e.t.Helper()
	e.do("subscribe", args{"hex": hex.EncodeToString([]byte(prefix))})
}

func (e *theirEnd) unsubscribe(prefix string) {
	e.t.Helper()
	e.do("unsubscribe", args{"hex": hex.EncodeToString([]byte(prefix))})
}

func (e *theirEnd) send(frames ...frame) {
	e.t.Helper()
	e.do("send", args{"frames": frames})
}

func (e *theirEnd) recv(timeout time.Duration) (message, bool) {
	e.t.Helper()
	r := e.p.do(e.t, "recv", e.with(args{"timeout": timeout.Milliseconds()}))
	switch r.Error {
	case "":
		return r.Frames, true
	case "EAGAIN":
		return nil, false
	}
	e.t.Fatalf("peer recv: %s: %s", r.Error, r.Text)
	return nil, false
}

func (e *theirEnd) sendSeq(start, n, size int) func() {
	e.t.Helper()
	wait := e.later("sendseq", args{"start": start, "n": n, "size": size})
	return func() { e.t.Helper(); wait() }
}

func (e *theirEnd) recvSeq(start, n int) func() {
	e.t.Helper()
	wait := e.later("recvseq", args{"start": start, "n": n})
	return func() {
		e.t.Helper()
		if r := wait(); r.Stop != "" {
			e.t.Fatalf("%d of %d messages arrived, then: %s", r.N, n, r.Stop)
		}
	}
}

func (e *theirEnd) recvAll(quiet time.Duration) []string {
	e.t.Helper()
	heads := e.do("recvall", args{"timeout": quiet.Milliseconds()}).Heads
	for i, h := range heads {
		b, err := hex.DecodeString(h)
		if err != nil {
			e.t.Fatal(err)
		}
		heads[i] = string(b)
	}
	return heads
}

// close is idempotent, and silent if the process is gone with the socket.
func (e *theirEnd) close() {
	if e.closed || !e.p.alive() {
		return
	}
	e.closed = true
	e.p.do(e.t, "close", args{"sock": e.sock, "linger": e.linger.Milliseconds()})
}

// crash kills the whole process; only a side that fresh made may do this.
func (e *theirEnd) crash() { e.p.Kill() }

// monitor starts to watch the socket.
func (e *theirEnd) monitor() {
	e.t.Helper()
	e.do("monitor", nil)
}

// events returns the names of the events since the last call, up to until, or
// all that came within timeout.
func (e *theirEnd) events(until string, timeout time.Duration) []string {
	e.t.Helper()
	return e.do("events", args{"until": until, "timeout": timeout.Milliseconds()}).Events
}
