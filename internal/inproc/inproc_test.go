package inproc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// socket is a Handler that counts its links.
type socket struct {
	link.Nobody
	mu     sync.Mutex
	links  int
	refuse error
	made   *queue.Pipe // the last new one
}

func (s *socket) Readable(*queue.Pipe) {}
func (s *socket) Writable(*queue.Pipe) {}

func (s *socket) Admit(*queue.Pipe, *link.Peer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links++
	return s.refuse
}

func (s *socket) Detach(*queue.Pipe, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links--
}

func (s *socket) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links
}

func (s *socket) NewPipe() *queue.Pipe {
	p := queue.NewJoinable(s, queue.Limits{SendHWM: 10, RecvHWM: 10})
	p.SetOrigin(&buf.Origin{Peer: &buf.Peer{}})
	s.made = p
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
	b, err := r.Bind("a", End{Handler: s, Type: "PULL"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Bind("a", End{Handler: s, Type: "PULL"}); !errors.Is(err, ErrInUse) {
		t.Errorf("second bind: %v", err)
	}
	b.Close()
	again, err := r.Bind("a", End{Handler: s, Type: "PULL"})
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
	p := push.NewPipe()
	c, err := r.Connect("a", End{Handler: push, Type: "PUSH"}, p)
	if err != nil || push.count() != 0 {
		t.Fatalf("%v, %d links", err, push.count())
	}
	put(t, p, "early")
	bind := func() *Binding {
		b, err := r.Bind("a", End{Handler: pull, Type: "PULL"})
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
		if m, ok, _ := pull.made.In.Next(0); !ok || string(m.Frames[0]) != "early" {
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
	b, _ := r.Bind("a", End{Handler: pub, Type: "PUB"})
	c, err := r.Connect("a", End{Handler: pull, Type: "PULL"}, pull.NewPipe())
	if !errors.Is(err, ErrIncompatible) || pub.count() != 0 {
		t.Errorf("%v, %d links", err, pub.count())
	}
	c.Close(noLinger())
	b.Close()
}

// diary is a socket that notes what it is told, and refuses what it is to refuse.
type diary struct {
	socket
	name   string
	refuse string
	notes  *[]string
}

func (d *diary) note(what string) error {
	*d.notes = append(*d.notes, d.name+" "+what)
	if d.refuse == what {
		return errors.New("not this one")
	}
	return nil
}

func (d *diary) NewPipe() *queue.Pipe                 { return queue.NewJoinable(d, queue.Limits{}) }
func (d *diary) Admit(*queue.Pipe, *link.Peer) error  { return d.note("admit") }
func (d *diary) Attach(*queue.Pipe, *link.Peer) error { return d.note("attach") }
func (d *diary) Ready(p *queue.Pipe, _ *link.Peer) error {
	return d.note(fmt.Sprint("ready ", p.Peer() != nil))
}
func (d *diary) Detach(_ *queue.Pipe, final bool) { _ = d.note(fmt.Sprint("detach ", final)) }
func (d *diary) Event(e link.Event)               { _ = d.note(fmt.Sprint("event ", e.Endpoint, " ", e.Err)) }

// Both sockets are asked before either hears that the other is there, and each hears the
// end of what it was asked about.
func TestSequence(t *testing.T) {
	for name, c := range map[string]struct {
		bound, dialled string // what each refuses
		want           []string
	}{
		"linked": {want: []string{
			"bound admit", "dialled admit", "bound attach", "dialled attach", "bound ready true", "dialled ready true",
			"bound detach true", "dialled detach true",
		}},
		"the binder refuses": {bound: "admit", want: []string{
			"bound admit", "bound detach true", "dialled event inproc://a not this one", "dialled detach true",
		}},
		"the other refuses": {dialled: "admit", want: []string{
			"bound admit", "dialled admit", "bound detach true", "dialled detach false", "bound event inproc://a not this one", "dialled detach true",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var r Registry
			var notes []string
			bound, dialled := &diary{name: "bound", refuse: c.bound, notes: &notes}, &diary{name: "dialled", refuse: c.dialled, notes: &notes}
			b, err := r.Bind("a", End{Handler: bound, Type: "PULL"})
			if err != nil {
				t.Fatal(err)
			}
			con, err := r.Connect("a", End{Handler: dialled, Type: "PUSH"}, dialled.NewPipe())
			if err != nil {
				t.Fatal(err)
			}
			con.Close(noLinger())
			b.Close()
			if !slices.Equal(notes, c.want) {
				t.Errorf("got  %q\nwant %q", notes, c.want)
			}
		})
	}
}
