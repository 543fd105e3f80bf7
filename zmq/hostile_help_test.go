package zmq_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// panicWatch is a logger that fails the test when a connection panics: the core
// contains it, so nothing else would show.
func panicWatch(t testing.TB) zerolog.Logger { return zerolog.New(panicWriter{t}) }

type panicWriter struct{ t testing.TB }

func (w panicWriter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("panicked")) {
		w.t.Errorf("%s", p)
	}
	return len(p), nil
}

// fortress is a live socket under attack: honest peers talk to it all the while,
// and its events are written down.
type fortress struct {
	t        testing.TB
	s        *zmq.Socket
	endpoint string
	addr     string
	honest   *honest
	stubborn bool // attackers do not hang up when they are told why: see untilClosed

	mu      sync.Mutex
	changed chan struct{}
	events  map[string][]zmq.Event // by the peer's address
}

// newFortress binds a socket of some type at tcp, with an honest peer.
func newFortress(t testing.TB, typ zmq.Type, opts ...zmq.Option) *fortress {
	t.Helper()
	f := &fortress{t: t, events: map[string][]zmq.Event{}, changed: make(chan struct{})}
	f.s = stressSocket(t, context.Background(), typ, append(opts, zmq.WithLogger(panicWatch(t)))...)
	events := f.s.Events(context.Background(), zmq.EventAll)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range events {
			f.note(e)
		}
	}()
	t.Cleanup(func() { f.s.Close(); <-done })
	f.endpoint = stressBind(t, f.s, "tcp://127.0.0.1:*")
	_, f.addr, _ = strings.Cut(f.endpoint, "://")
	return f
}

func (f *fortress) note(e zmq.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.Kind == zmq.EventAccepted { // a port may come again: what an earlier connection had is over
		delete(f.events, e.Remote)
	}
	f.events[e.Remote] = append(f.events[e.Remote], e)
	close(f.changed)
	f.changed = make(chan struct{})
}

// event waits for the event that says how the connection from an address ended:
// the first one that is a failure or a loss.
func (f *fortress) event(remote string) zmq.Event {
	f.t.Helper()
	late := time.After(ztest.Patience)
	for {
		f.mu.Lock()
		list := f.events[remote]
		if len(list) > 0 && list[0].Kind != zmq.EventAccepted {
			list = nil // a straggler of an earlier connection from that port
		}
		for _, e := range list {
			if e.Kind != zmq.EventAccepted && e.Kind != zmq.EventHandshakeSucceeded {
				delete(f.events, remote)
				f.mu.Unlock()
				return e
			}
		}
		changed := f.changed
		f.mu.Unlock()
		select {
		case <-changed:
		case <-late:
			f.t.Errorf("no event for the end of %s", remote)
			return zmq.Event{}
		}
	}
}

// attack sends bytes from a fresh connection, in pieces of so many bytes, and
// waits until the fortress hangs up. It returns the event for it.
func (f *fortress) attack(name string, piece int, data ...[]byte) zmq.Event {
	f.t.Helper()
	c, err := net.Dial("tcp", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	defer c.Close()
	all := bytes.Join(data, nil)
	go func() {
		for len(all) > 0 {
			k := min(piece, len(all))
			if _, err := c.Write(all[:k]); err != nil {
				return
			}
			all = all[k:]
		}
	}()
	_ = c.SetReadDeadline(time.Now().Add(60 * time.Second))
	if _, err := untilClosed(c, f.stubborn); errors.Is(err, os.ErrDeadlineExceeded) {
		f.t.Errorf("%s: the connection stays open", name)
		return zmq.Event{}
	}
	return f.event(c.LocalAddr().String())
}

// honest is a flow that must not be touched by what happens to others.
type honest struct {
	id     uint32
	ledger *ztest.Ledger
	peer   *zmq.Socket
	got    atomic.Int64
	stop   context.CancelFunc
	wg     sync.WaitGroup
}

var honestFlows atomic.Uint32

// serveHonest lets an honest peer talk to the fortress, to a PULL or ROUTER, or
// from an XPUB, until the test ends.
func (f *fortress) serveHonest(opts ...zmq.Option) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	h := &honest{id: honestFlows.Add(1), ledger: ztest.NewLedger(), stop: cancel}
	f.honest = h
	from, to := h.peer, f.s
	opts = append(opts, zmq.WithMetadata("X-Honest", "yes"))
	switch f.s.Type() {
	case zmq.Pull:
		h.peer = stressSocket(f.t, context.Background(), zmq.Push, opts...)
		from = h.peer
	case zmq.Router:
		h.peer = stressSocket(f.t, context.Background(), zmq.Dealer, opts...)
		from = h.peer
	case zmq.XPub:
		h.peer = stressSocket(f.t, context.Background(), zmq.Sub, opts...)
		from, to = f.s, h.peer
		if err := errors.Join(h.peer.Subscribe(""), f.s.Set(zmq.WithXPubNoDrop(true))); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := h.peer.Connect(f.endpoint); err != nil {
		f.t.Fatal(err)
	}
	wctx, done := context.WithTimeout(ctx, ztest.Patience)
	defer done()
	if err := h.peer.WaitConnected(wctx, 1); err != nil {
		f.t.Fatal(err)
	}
	if f.s.Type() == zmq.XPub {
		if err := f.s.WaitSubscribers(wctx, "x", 1); err != nil {
			f.t.Fatal(err)
		}
	}
	h.run(ctx, from, to)
	f.t.Cleanup(func() { f.endHonest() })
}

// run moves the flow, slowly enough to leave the machine to others.
func (h *honest) run(ctx context.Context, from, to *zmq.Socket) {
	x := &sender{s: from, flow: &ztest.Flow{ID: h.id, Multi: true, Large: 20 << 10}}
	h.wg.Go(func() {
		for num := uint64(0); ctx.Err() == nil && x.send(ctx, num) == nil; num++ {
			time.Sleep(100 * time.Microsecond)
		}
	})
	view := h.ledger.View(nil)
	h.wg.Go(func() {
		for {
			m, err := to.Recv(ctx)
			if err != nil {
				return
			}
			frames := m.Frames
			if from.Type() != zmq.XPub && m.Peer().Property("X-Honest") != "yes" {
				continue
			}
			if to.Type() == zmq.Router {
				frames = frames[1:]
			}
			if id, _, err := ztest.Open(frames); err == nil && id < h.id {
				continue // left over from the one before
			}
			view.Take(frames)
			h.got.Add(1)
			m.Release()
		}
	})
}

// thriving waits until the honest flow has moved on.
func (f *fortress) thriving() {
	f.t.Helper()
	before := f.honest.got.Load()
	ztest.Eventually(f.t, "the honest peer is heard", func() bool { return f.honest.got.Load() > before+3 })
}

// endHonest stops the flow and looks at the books.
func (f *fortress) endHonest() {
	h := f.honest
	if h == nil {
		return
	}
	f.honest = nil
	h.stop()
	h.wg.Wait()
	if err := h.ledger.Complete(h.id, h.ledger.Received(h.id)); err != nil {
		f.t.Error(err)
	}
	if n := h.peer.Stats().Disconnects; n > 0 {
		f.t.Errorf("the honest peer lost its connection %d times", n)
	}
}

// isProtocolError reports whether an event says that the peer broke the protocol.
func isProtocolError(e zmq.Event) bool {
	var p *zmq.ProtocolError
	return errors.As(e.Err, &p) && p.Reason != "" && p.Code != 0
}
