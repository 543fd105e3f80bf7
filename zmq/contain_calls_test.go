package zmq_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// badContext is a context that fails when it is asked for its end.
type badContext struct {
	context.Context
	f *fuse
}

func (c *badContext) Done() <-chan struct{} { c.f.burn(); return c.Context.Done() }

// A channel whose context fails is closed, and the socket goes on: what comes is there
// for the next one.
func TestChanIsContained(t *testing.T) {
	for name, how := range disasters {
		t.Run(name, func(t *testing.T) {
			k := alone(t, "tcp")
			pull, endpoint := k.bound(zmq.Pull)
			events := k.watch(pull, zmq.EventPanic)
			f := &fuse{how: how}
			f.left.Store(1)
			if m, ok := <-pull.Chan(&badContext{k.ctx, f}); ok {
				t.Errorf("received %v", m)
			}
			k.is(events.next().Err, zmq.ErrPanic)
			push := k.joined(zmq.Push, endpoint)
			k.send(push, "first")
			k.want(pull, "first")
			k.send(push, "second")
			if m := <-pull.Chan(k.ctx); string(m.Frames[0]) != "second" {
				t.Errorf("received %q", m.String())
			}
			if n := pull.Stats().Panics; n != 1 {
				t.Errorf("%d panics were counted", n)
			}
		})
	}
}

// A proxy that panics, here for a capture that is no socket, ends with an error; what it
// has taken goes back, and its sockets go on.
func TestProxyIsContained(t *testing.T) {
	for name, capture := range map[string]*zmq.Socket{"zero": new(zmq.Socket)} {
		t.Run(name, func(t *testing.T) {
			k := alone(t, "tcp")
			front, in := k.bound(zmq.Pull)
			back, out := k.bound(zmq.Push)
			events := k.watch(front, zmq.EventPanic)
			push, pull := k.joined(zmq.Push, in), k.joined(zmq.Pull, out)
			p := zmq.NewProxy(front, back, capture)
			ended := k.blocked(func() error { return p.Run(k.ctx) })
			for _, text := range []string{"1", "2", "3"} {
				k.send(push, text)
			}
			err := k.result(ended)
			k.is(err, zmq.ErrPanic)
			k.is(events.next().Err, zmq.ErrPanic)
			p.Pause() // waits for nobody
			ended = k.blocked(func() error { return zmq.Proxy(k.ctx, front, back, nil) })
			for _, text := range []string{"1", "2", "3"} {
				k.want(pull, text)
			}
			k.ok(front.Close())
			k.is(k.result(ended), zmq.ErrClosed)
		})
	}
}

// What Expel asks with runs in its caller, and a panic reaches that; nothing is locked,
// and whom it was not asked about stays.
func TestExpelIsContained(t *testing.T) {
	k := alone(t, "tcp")
	k.authenticator(func(request [][]byte) ([][][]byte, bool) { return answersOK(request), true })
	server, endpoint := k.bound(zmq.Pull, zmq.WithPlainServer())
	client := k.connect(zmq.Push, endpoint, zmq.WithPlainClient("", ""), zmq.WithReconnectInterval(time.Millisecond, 0))
	k.ok(server.WaitConnected(k.ctx, 1))
	errValue := errors.New("the value")
	func() {
		defer func() {
			if v := recover(); v != errValue {
				t.Errorf("the caller gets %v", v)
			}
		}()
		k.zctx.Expel(func(zmq.PeerInfo) bool { panic(errValue) })
	}()
	k.send(client, "still here")
	k.want(server, "still here")
	events := k.watch(server, zmq.EventDisconnected)
	if n := k.zctx.Expel(func(zmq.PeerInfo) bool { return true }); n != 1 {
		t.Errorf("%d connections ended, want 1", n)
	}
	k.is(events.next().Err, zmq.ErrAuth)
}
