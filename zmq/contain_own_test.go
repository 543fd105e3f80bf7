package zmq

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/durable"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/zap"
)

// This file makes the goroutines and timers of a socket fail in which nothing of a
// program's runs. What they stand on is broken under them.

// brittleEnd is an endpoint, or a connection, that can't be closed.
type brittleEnd struct{ how func() }

func (b brittleEnd) Close(context.Context) { b.how() }

// brittleConn is the same as an io.Closer.
type brittleConn struct{ brittleEnd }

func (b brittleConn) Close() error { b.how(); return nil }

// stoppable is a Link that says that it was stopped.
type stoppable chan error

func (c stoppable) Stop(why error) { c <- why }

// patient is an endpoint whose end takes longer than Close waits without a word.
type patient struct{ s *Socket }

func (p patient) Close(context.Context) {
	time.Sleep(2 * closeWaits)
	p.s.states.mu.Lock()
	defer p.s.states.mu.Unlock()
	delete(p.s.states.of, "broken")
}

// broken are the places: what panics says where, and play makes it do so. goexit: it may
// end so as well.
var broken = map[string]struct {
	typ    Type
	play   func(s *Socket, end context.CancelFunc, how func())
	goexit bool
}{
	"close of an endpoint": {Pull, func(s *Socket, end context.CancelFunc, how func()) {
		s.ends.bound["broken"] = brittleEnd{how}
		end()
	}, false},
	"close": {Pull, func(s *Socket, _ context.CancelFunc, how func()) {
		s.states.of = map[string]*endpointEntry{"broken": nil}
		s.ends.bound["slow"] = patient{s}
		s.Close()
	}, false},
	"handover": {Pull, func(s *Socket, _ context.CancelFunc, how func()) {
		ctx, cancel := context.WithCancel(context.Background())
		s.closeWith(ctx, brittleConn{brittleEnd{how}})
		cancel()
	}, true},
	"monitor": {Pull, func(s *Socket, _ context.CancelFunc, how func()) {
		ctx, cancel := context.WithCancel(context.Background())
		out, _ := New(s.zc, Pair)
		ms := &monitorSocket{out: out, end: cancel, events: func(func(Event) bool) { how() }}
		s.monitors.replace(ms)
		s.startMonitor(ctx, ms)
		<-out.ended
	}, true},
	"endpoint": {Pull, func(s *Socket, _ context.CancelFunc, how func()) {
		s.states.late = func(string) { how() }
		s.states.begin("tcp://silent:1", EndpointDialing)
	}, true},
	"drops": {Push, func(s *Socket, _ context.CancelFunc, how func()) {
		var once sync.Once
		s.stats.watch.tell = func(dropReason) { once.Do(how) } // it is called again, after a Window
		s.stats.watch.note(dropNoRoute)
	}, true},
	"authenticator's time": {Pull, func(s *Socket, _ context.CancelFunc, _ func()) {
		silent, _ := New(s.zc, Router, WithReservedName(true))
		defer silent.Close()
		_, _ = silent.Bind("inproc://" + zapName)
		unanswered(s, "authenticator's time")
	}, false},
	"authenticator's answer": {Pull, func(s *Socket, _ context.CancelFunc, _ func()) {
		unanswered(s, "authenticator's answer")
	}, false},
	"durable stream": {Pub, func(s *Socket, _ context.CancelFunc, _ func()) {
		p := (&handler{s: s, endpoint: "tcp://away:1"}).NewPipe()
		st := &durableStream{holder: p, target: &peer{}, kept: durable.New(durable.Bounds{Away: time.Second})}
		s.tx.(*pub).leaveStream(p, &peer{stream: st})
		s.sendMu.Lock()
		st.kept = nil
		s.sendMu.Unlock()
	}, false},
	"durable subscriber": {Sub, func(s *Socket, _ context.CancelFunc, _ func()) {
		h := &handler{s: s, endpoint: "tcp://publisher:1", opts: []Option{WithDurable("me")}}
		p, stops := h.NewPipe(), make(stoppable, 1)
		info := &buf.Peer{Properties: map[string]string{propDurable: "1"}}
		s.follow(p, &link.Peer{Info: info, Link: stops}) // there is no count of what arrived
		f := s.following.publisher(1)
		f.mu.Lock()
		f.count.Begin(1, 0, 0)
		f.mu.Unlock()
		<-stops // it was stopped
		f.mu.Lock()
		f.arrived = new(atomic.Uint64)
		f.mu.Unlock()
		s.unfollow(p)
	}, false},
}

// unanswered asks the authenticator while something of that panics, and waits until the
// question has come to an end.
func unanswered(s *Socket, where string) {
	_, stop := contain.Disaster(where, 1)
	defer stop()
	over := make(chan struct{})
	s.ask(zap.Request{Mechanism: "NULL"}, time.Time{}, func(_ [][]byte, _ []byte, err error) {
		if err != nil {
			close(over)
		}
	})
	<-over
}

// Whatever panics, the socket tells of it once, counts it, goes on, and can be closed,
// and so can its Context.
func TestOwnGoroutinesAreContained(t *testing.T) {
	for where, b := range broken {
		for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
			if !b.goexit && name == "goexit" {
				continue
			}
			t.Run(where+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					zctx := NewContext(context.Background())
					ctx, end := context.WithCancel(zctx)
					defer end()
					s, err := New(ctx, b.typ, WithLinger(-1))
					if err != nil {
						t.Fatal(err)
					}
					events := s.Events(context.Background(), EventPanic)
					b.play(s, end, how)
					time.Sleep(time.Minute)
					n := 0
					s.Close()
					for e := range events {
						if n++; !errors.Is(e.Err, ErrPanic) || !strings.Contains(e.Err.Error(), where) {
							t.Errorf("told %v", e.Err)
						}
					}
					if counted := s.Stats().Panics; n != 1 || counted != 1 {
						t.Errorf("told %d times, counted %d", n, counted)
					}
					if err := zctx.Close(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// Sockets that a Context closes, or whose context ends, are all closed, though one of them
// can't be.
func TestClosingAllIsContained(t *testing.T) {
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		for by, closeAll := range map[string]func(*Context, func()){
			"context": func(_ *Context, end func()) { end() },
			"close":   func(zctx *Context, _ func()) { zctx.Close() },
		} {
			t.Run(by+"/"+name, func(t *testing.T) {
				ctx, end := context.WithCancel(t.Context())
				defer end()
				zctx := NewContext(ctx)
				var list []*Socket
				for range 3 {
					s, err := New(zctx, Pull)
					if err != nil {
						t.Fatal(err)
					}
					list = append(list, s)
				}
				list[1].ends.bound["broken"] = brittleEnd{how}
				closeAll(zctx, end)
				for _, s := range list {
					<-s.ended
				}
				if err := zctx.Close(); err != nil { // waits for what is told after that
					t.Error(err)
				}
				for i, s := range list {
					if n := s.Stats().Panics; i != 1 && n > 0 {
						t.Errorf("socket %d counts %d", i, n)
					}
				}
				for list[1].Stats().Panics != 1 {
					runtime.Gosched() // a goroutine that ends is reported after it has tidied up
				}
			})
		}
	}
}
