package pgm

import (
	"context"
	"errors"
	"net"
	"runtime"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
)

// fragile is a socket of whose methods one may do something else than return.
type fragile struct {
	*socket
	heard, writable func()
	told            chan *contain.Panic
}

func (f *fragile) Ready(p *queue.Pipe, peer *link.Peer) error {
	f.heard()
	return f.socket.Ready(p, peer)
}
func (f *fragile) Writable(p *queue.Pipe)                 { f.writable(); f.socket.Writable(p) }
func (f *fragile) Panicked(_, _ string, p *contain.Panic) { f.told <- p }

func nothing() {}

func newFragile() *fragile {
	return &fragile{socket: newSocket(10), heard: nothing, writable: nothing, told: make(chan *contain.Panic, 4)}
}

// unreadable is a socket that can't be read.
type unreadable struct {
	net.PacketConn
	how func()
}

func (u unreadable) ReadFrom([]byte) (int, net.Addr, error) { u.how(); return 0, nil, net.ErrClosed }

func (l *packetConn) spoil(how func()) {
	l.PacketConn, l.udp = unreadable{l.PacketConn, how}, nil
}

// An endpoint of which a goroutine panics ends, whole and alone: its socket is told, and
// Close waits for nothing.
func TestEndpointIsContained(t *testing.T) {
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		for place, play := range map[string]func(*testing.T, Config, *fragile, func()) closer{
			"sender's loop": spoilSender, "sender's reader": spoilSenderRead,
			"receiver's loop": spoilReceiver, "receiver's reader": spoilReceiverRead,
		} {
			t.Run(place+"/"+name, func(t *testing.T) {
				f := newFragile()
				c := play(t, config(t), f, how)
				if p := <-f.told; p.Where != "pgm" {
					t.Errorf("told of %v", p)
				}
				c.Close(t.Context())
				if len(f.told) > 0 {
					t.Errorf("told of %v as well", <-f.told)
				}
			})
		}
	}
}

type closer = interface{ Close(context.Context) }

func spoilSender(t *testing.T, cfg Config, f *fragile, how func()) closer {
	f.writable = how
	p := queue.New(f, queue.Limits{SendHWM: 2})
	for range 3 { // the last one is told to wait
		p.Put(nil, [][]byte{[]byte("x")}, true)
	}
	f.own = p
	s, err := Send(cfg, f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func spoilSenderRead(t *testing.T, cfg Config, f *fragile, how func()) closer {
	at, err := locate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := at.speak()
	if err != nil {
		t.Fatal(err)
	}
	l.spoil(how)
	s := newSender(cfg, at, l, f, queue.New(f, queue.Limits{}))
	s.run()
	return s
}

// spoilReceiver has a source that is known when another one is heard, which panics.
func spoilReceiver(t *testing.T, cfg Config, f *fragile, how func()) closer {
	sources := 0
	f.heard = func() { // in the loop
		if sources++; sources == 2 {
			how()
		}
	}
	r, err := Receive(cfg, f)
	if err != nil {
		t.Fatal(err)
	}
	send(t, cfg, newSocket(0))
	f.until(t, "a source", func() bool { return f.live == 1 })
	send(t, cfg, newSocket(0))
	f.until(t, "the end of the source", func() bool { return f.live == 0 })
	if err := f.ended[0]; !errors.Is(err, contain.ErrPanic) {
		t.Errorf("the source ended with %v", err)
	}
	return r
}

func spoilReceiverRead(t *testing.T, cfg Config, f *fragile, how func()) closer {
	at, err := locate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := newReceiver(cfg, at, f)
	if err := r.open(); err != nil {
		t.Fatal(err)
	}
	r.groups[0].spoil(how)
	r.run()
	return r
}
