package udp

import (
	"context"
	"net"
	"runtime"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/queue"
)

// fragile is an owner of whose methods one does something else than return.
type fragile struct {
	*owner
	readable, lost func()
	told           chan *contain.Panic
	gone           chan struct{}
}

func (f *fragile) Readable(*queue.Pipe)                   { f.readable() }
func (f *fragile) Lost(p *queue.Pipe, n int)              { f.owner.Lost(p, n); f.lost() }
func (f *fragile) Panicked(_, _ string, p *contain.Panic) { f.told <- p }
func (f *fragile) Detach(p *queue.Pipe, final bool)       { f.owner.Detach(p, final); close(f.gone) }

// A link of which a goroutine panics ends, whole and alone: its socket is told once that
// it is gone, its port is free, and Close does not wait.
func TestLinkIsContained(t *testing.T) {
	nothing := func() {}
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		for who, f := range map[string]*fragile{"reader": {readable: how, lost: nothing}, "writer": {readable: nothing, lost: how}} {
			t.Run(who+"/"+name, func(t *testing.T) {
				l, err := Bind(t.Context(), parse(t, "udp://127.0.0.1:*"), Config{Addresses: true})
				if err != nil {
					t.Fatal(err)
				}
				f.owner, f.told, f.gone = newOwner(), make(chan *contain.Panic, 2), make(chan struct{})
				p := queue.New(f, queue.Limits{})
				f.pipe = p
				if err := l.Start(f); err != nil {
					t.Fatal(err)
				}
				at := l.conn.LocalAddr().String()
				if who == "reader" {
					nc, err := net.Dial("udp4", at)
					if err != nil {
						t.Fatal(err)
					}
					defer nc.Close()
					if _, err := nc.Write([]byte("hello")); err != nil {
						t.Fatal(err)
					}
				} else if _, flush := p.Put(nil, [][]byte{[]byte("nobody"), []byte("x")}, false); flush {
					p.Flush()
				}
				if got := <-f.told; got.Where != "udp "+who {
					t.Errorf("told of %v", got)
				}
				<-f.gone
				if s, _ := p.Put(nil, [][]byte{[]byte("nobody"), []byte("x")}, false); s != queue.Closed {
					t.Errorf("the pipe is %v", s)
				}
				l.Close(context.Background()) // waits neither for messages nor for goroutines
				if n := f.read(&f.detached); n != 1 || len(f.told) > 0 {
					t.Errorf("told %d times that it is gone, and of %d panics more", n, len(f.told))
				}
				pc, err := net.ListenPacket("udp4", at)
				if err != nil {
					t.Fatal(err)
				}
				pc.Close()
			})
		}
	}
}
