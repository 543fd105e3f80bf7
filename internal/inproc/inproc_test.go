package inproc

import (
	"context"
	"errors"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// socket is a Host that counts its links.
type socket struct {
	mu     sync.Mutex
	links  int
	refuse error
}

func (s *socket) Readable(*queue.Pipe) {}
func (s *socket) Writable(*queue.Pipe) {}

func (s *socket) AttachLocal(*queue.Pipe, string, string, []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse == nil {
		s.links++
	}
	return s.refuse
}

func (s *socket) RefusedLocal(*queue.Pipe, string, error) {}

func (s *socket) LinkedLocal(*queue.Pipe, *Connection) {}

func (s *socket) DetachLocal(*queue.Pipe, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links--
}

func (s *socket) Lost(*queue.Pipe, int) {}

func (s *socket) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links
}

func (s *socket) newPipe() *queue.Pipe {
	p := queue.NewJoinable(s, queue.Limits{SendHWM: 10, RecvHWM: 10})
	p.SetOrigin(&buf.Origin{Peer: &buf.Peer{}})
	return p
}

// noLinger is for a Close that does not wait for what nobody has taken.
func noLinger() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func put(t *testing.T, p *queue.Pipe, text string) {
	t.Helper()
	if s, _ := p.Put(nil, [][]byte{[]byte(text)}, false); s != queue.OK {
		t.Fatalf("put: %v", s)
	}
}

func TestNameIsTakenOnce(t *testing.T) {
	var r Registry
	s := &socket{}
	b, err := r.Bind("a", End{Host: s, Type: "PULL"}, s.newPipe)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Bind("a", End{Host: s, Type: "PULL"}, s.newPipe); !errors.Is(err, ErrInUse) {
		t.Errorf("second bind: %v", err)
	}
	b.Close()
	again, err := r.Bind("a", End{Host: s, Type: "PULL"}, s.newPipe)
	if err != nil {
		t.Errorf("after it was given up: %v", err)
	}
	again.Close()
}

// Whoever connects first waits, and what he has put meanwhile arrives; when the
// binding goes he waits again.
func TestAnyOrder(t *testing.T) {
	var r Registry
	push, pull := &socket{}, &socket{}
	p := push.newPipe()
	c, err := r.Connect("a", End{Host: push, Type: "PUSH"}, p)
	if err != nil || push.count() != 0 {
		t.Fatalf("%v, %d links", err, push.count())
	}
	put(t, p, "early")
	var far *queue.Pipe
	bind := func() *Binding {
		b, err := r.Bind("a", End{Host: pull, Type: "PULL"}, func() *queue.Pipe { far = pull.newPipe(); return far })
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for range 3 {
		b := bind()
		if push.count() != 1 || pull.count() != 1 {
			t.Fatalf("%d and %d links", push.count(), pull.count())
		}
		if m, ok, _ := far.In.Next(0); !ok || string(m.Frames[0]) != "early" {
			t.Fatalf("got %v, %v", m, ok)
		}
		b.Close()
		if push.count() != 0 || pull.count() != 0 {
			t.Fatalf("after close %d and %d links", push.count(), pull.count())
		}
		put(t, p, "early")
	}
	c.Close(noLinger())
	b := bind()
	if pull.count() != 0 {
		t.Error("a closed connection was linked")
	}
	b.Close()
	if len(r.waiting) != 0 || len(r.bound) != 0 {
		t.Errorf("%d wait, %d are bound", len(r.waiting), len(r.bound))
	}
}

func TestTypesMustFit(t *testing.T) {
	var r Registry
	pub, pull := &socket{}, &socket{}
	b, _ := r.Bind("a", End{Host: pub, Type: "PUB"}, pub.newPipe)
	c, err := r.Connect("a", End{Host: pull, Type: "PULL"}, pull.newPipe())
	if !errors.Is(err, ErrIncompatible) || pub.count() != 0 {
		t.Errorf("%v, %d links", err, pub.count())
	}
	c.Close(noLinger())
	b.Close()
}
