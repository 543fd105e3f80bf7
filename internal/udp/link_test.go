package udp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
)

// owner is the socket of a link in a test.
type owner struct {
	link.Nobody
	pipe     *queue.Pipe
	readable chan struct{}

	mu                        sync.Mutex
	lost, full, bad, detached int
}

func newOwner() *owner { return &owner{readable: make(chan struct{}, 100)} }

func (o *owner) NewPipe() *queue.Pipe { return o.pipe }
func (o *owner) Readable(*queue.Pipe) { o.readable <- struct{}{} }
func (o *owner) Panicked(_, _ string, p *contain.Panic) {
	panic(p) // which no test but that of containment means to happen
}
func (o *owner) Writable(*queue.Pipe)      {}
func (o *owner) Lost(_ *queue.Pipe, n int) { o.add(&o.lost, n) }
func (o *owner) Detach(*queue.Pipe, bool)  { o.add(&o.detached, 1) }
func (o *owner) add(at *int, n int)        { o.mu.Lock(); *at += n; o.mu.Unlock() }
func (o *owner) read(at *int) int          { o.mu.Lock(); defer o.mu.Unlock(); return *at }
func (o *owner) Unheard(_ netip.AddrPort, refused, lost uint64) {
	o.add(&o.full, int(refused+lost))
}
func (o *owner) Dropped(full bool) {
	if full {
		o.add(&o.full, 1)
	} else {
		o.add(&o.bad, 1)
	}
}

func parse(t *testing.T, text string) endpoint.Endpoint {
	t.Helper()
	ep, err := endpoint.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ep
}

// started binds a link that is closed when the test ends.
func started(t *testing.T, text string, cfg Config) (*Link, *queue.Pipe, *owner) {
	t.Helper()
	l, err := Bind(context.Background(), parse(t, text), cfg)
	if err != nil {
		t.Fatal(err)
	}
	o := newOwner()
	p := queue.New(o, queue.Limits{})
	o.pipe = p
	if err := l.Start(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Close(context.Background())
		if o.read(&o.detached) != 1 {
			t.Error("the socket was not told of the end")
		}
	})
	return l, p, o
}

func TestBoundEndpoints(t *testing.T) {
	for text, prefix := range map[string]string{
		"udp://127.0.0.1:*": "udp://127.0.0.1:", "udp://*:0": "udp://0.0.0.0:", "udp://localhost:*": "udp://127.0.0.1:",
		"udp://127.0.0.1;239.255.41.52:*": "udp://127.0.0.1;239.255.41.52:",
	} {
		l, _, _ := started(t, text, Config{TOS: 16, SndBuf: 1 << 16, RcvBuf: 1 << 16})
		port, ok := strings.CutPrefix(l.Endpoint(), prefix)
		if !ok || port == "0" || port == "*" {
			t.Errorf("%s became %s", text, l.Endpoint())
		}
	}
}

func TestBindErrors(t *testing.T) {
	for _, text := range []string{
		"udp://192.0.2.200:1", "udp://nobody.invalid:1", "udp://no-such-interface;239.255.41.52:1", "udp://192.0.2.200;239.255.41.52:1",
	} {
		if l, err := Bind(context.Background(), parse(t, text), Config{}); err == nil {
			l.Abandon()
			t.Errorf("%s was bound", text)
		}
	}
}

// What cannot be sent is counted, and keeps nothing else from being sent.
func TestLinkCountsLosses(t *testing.T) {
	plain, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	_ = plain.SetDeadline(time.Now().Add(time.Minute))
	_, p, o := started(t, "udp://127.0.0.1:*", Config{Addresses: true})
	for _, m := range [][]string{{"nobody", "x"}, {plain.LocalAddr().String(), "first"}, {"127.0.0.1:0", "x"}, {plain.LocalAddr().String(), "second"}} {
		if s, flush := p.Put(nil, [][]byte{[]byte(m[0]), []byte(m[1])}, false); s != queue.OK {
			t.Fatal(s)
		} else if flush {
			p.Flush()
		}
	}
	b := make([]byte, 100)
	for _, want := range []string{"first", "second"} {
		if n, _, err := plain.ReadFrom(b); err != nil || string(b[:n]) != want {
			t.Errorf("%q, %v; want %q", b[:n], err, want)
		}
	}
	<-p.Out.Idle()
	if n := o.read(&o.lost); n != 2 {
		t.Errorf("%d lost", n)
	}
}

// Close waits for what was accepted, and a link that is closed takes no more.
func TestLinkCloseSends(t *testing.T) {
	plain, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	_ = plain.SetDeadline(time.Now().Add(time.Minute))
	l, err := Dial(context.Background(), parse(t, "udp://"+plain.LocalAddr().String()), Config{Hops: 1})
	if err != nil {
		t.Fatal(err)
	}
	o := newOwner()
	p := queue.New(o, queue.Limits{})
	p.Out.HoldMessages()
	const n = 50
	for i := range n { // before it is started
		if s, flush := p.Put(nil, [][]byte{[]byte("g"), fmt.Append(nil, i)}, false); s != queue.OK || flush {
			t.Fatal(s, flush)
		}
	}
	o.pipe = p
	if err := l.Start(o); err != nil {
		t.Fatal(err)
	}
	l.Close(context.Background())
	b := make([]byte, 100)
	for i := range n {
		if k, _, err := plain.ReadFrom(b); err != nil || string(b[:k]) != fmt.Sprintf("\x01g%d", i) {
			t.Fatalf("%q, %v", b[:k], err)
		}
	}
	if s, _ := p.Put(nil, [][]byte{nil, nil}, false); s != queue.Closed {
		t.Errorf("a closed link answers %v", s)
	}
	if o.read(&o.lost) != 0 || o.read(&o.detached) != 1 {
		t.Errorf("%d lost, %d detached", o.lost, o.detached)
	}
}

// strict is an owner that refuses.
type strict struct{ *owner }

func (strict) Admit(*queue.Pipe, *link.Peer) error { return errors.New("full") }

// A link that its socket does not let in leaves nothing.
func TestLinkIsRefused(t *testing.T) {
	l, err := Bind(t.Context(), parse(t, "udp://127.0.0.1:*"), Config{Addresses: true})
	if err != nil {
		t.Fatal(err)
	}
	o := newOwner()
	o.pipe = queue.New(o, queue.Limits{})
	if err := l.Start(strict{o}); err == nil || o.read(&o.detached) != 1 {
		t.Errorf("%v, detached %d times", err, o.read(&o.detached))
	}
	pc, err := net.ListenPacket("udp4", l.conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	pc.Close()
}
