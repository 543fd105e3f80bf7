package session

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// witness is a Host that keeps the panics.
type witness struct {
	socket
	mu     sync.Mutex
	panics []*contain.Panic
}

func (w *witness) Panicked(_, _ string, p *contain.Panic) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.panics = append(w.panics, p)
}

func (w *witness) told() []*contain.Panic {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.panics
}

// nervous is a connection that does not bear questions about its kernel.
type nervous struct {
	net.Conn
	closed chan struct{}
	how    func()
}

func (n *nervous) SyscallConn() (syscall.RawConn, error) { n.how(); return nil, io.EOF }
func (n *nervous) RemoteAddr() net.Addr                  { return nil }
func (n *nervous) LocalAddr() net.Addr                   { return nil }
func (n *nervous) Close() error                          { close(n.closed); return nil }

var disasters = map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit}

// Whatever a heartbeat's timer runs into, at most its connection ends, and the socket
// hears why; its lock is given back.
func TestHeartbeatIsContained(t *testing.T) {
	for name, how := range disasters {
		for timer, start := range map[string]func(h *heartbeat){
			"ping": func(h *heartbeat) {
				h.c.pipe = queue.New(&socket{}, queue.Limits{})
				h.c.pipe.Out.Attach(how, true)
				h.begin()
			},
			"reply": func(h *heartbeat) { h.pinged(asking{read: true}) },
			"ttl":   func(h *heartbeat) { h.heardPing(1) },
		} {
			t.Run(timer+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, quiet := &witness{}, new(atomic.Bool)
					quiet.Store(true)
					nc := &nervous{closed: make(chan struct{}), how: func() {
						if !quiet.Load() {
							how()
						}
					}}
					c := newConn(&Config{HeartbeatInterval: time.Second}, w, nc, "test")
					c.result.Version = wire.V31
					c.beat = newHeartbeat(c)
					start(c.beat)
					quiet.Store(false)
					time.Sleep(2 * time.Second)
					synctest.Wait()
					c.beat.end() // takes the lock
					if told := w.told(); len(told) != 1 || told[0].Where != "heartbeat" {
						t.Fatalf("told %v", told)
					}
					<-nc.closed
					if cause := c.stopCause(); !errors.Is(cause, contain.ErrPanic) {
						t.Errorf("the connection ended by %v", cause)
					}
				})
			})
		}
	}
}

// An attempt to dial that is made at once because the endpoint is connected again fails
// as others do: there is another one.
func TestRenewIsContained(t *testing.T) {
	for name, how := range disasters {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, dials := &witness{}, new(atomic.Int32)
				dial := func(context.Context) (net.Conn, error) {
					if dials.Add(1) == 2 {
						how()
					}
					return nil, io.EOF
				}
				cfg := Config{ReconnectMin: time.Hour, ReconnectMax: time.Hour, Dial: dial}
				c := Connect(cfg, w, "tcp://peer:1", queue.New(w, queue.Limits{}))
				synctest.Wait() // the first has failed, the next is an hour away
				c.Renew(cfg)
				synctest.Wait()
				if dials.Load() != 2 || len(w.told()) != 1 {
					t.Fatalf("%d attempts, told %v", dials.Load(), w.told())
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				if dials.Load() != 3 {
					t.Errorf("%d attempts after another hour", dials.Load())
				}
				c.Close(t.Context())
			})
		})
	}
}
