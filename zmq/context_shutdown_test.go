package zmq_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// Shutdown ends every blocked call and refuses further ones, as ETERM does; the
// sockets stay, and what they had accepted is still sent.
func TestContextShutdown(t *testing.T) {
	over(t, func(k *kit) {
		zctx := zmq.NewContext(context.Background())
		newSocket := func(typ zmq.Type) *zmq.Socket {
			s, err := zmq.New(zctx, typ)
			k.ok(err)
			return s
		}
		push, pull, rep, full := newSocket(zmq.Push), newSocket(zmq.Pull), newSocket(zmq.Rep), newSocket(zmq.Push)
		endpoint := k.endpoint()
		k.ok(k.dial(push, endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0)))
		k.send(push, "accepted")
		calls := []<-chan error{
			k.blocked(func() error { _, err := pull.Recv(k.ctx); return err }),
			k.blocked(func() error { _, err := rep.Recv(k.ctx); return err }),
			k.blocked(func() error { return full.SendString(k.ctx, "x") }),
			k.blocked(func() error { return full.WaitConnected(k.ctx, 1) }),
		}
		stream := pull.Chan(k.ctx)
		zctx.Interrupt()
		zctx.Interrupt()
		for _, c := range calls {
			err := k.result(c)
			k.is(err, zmq.ErrTerm)
			k.is(err, zmq.ErrClosed)
		}
		if _, more := <-stream; more {
			t.Error("the channel had a message")
		}
		k.is(push.SendString(k.ctx, "x"), zmq.ErrTerm)
		k.is(push.TrySend(textMsg("x")), zmq.ErrTerm)
		k.is(push.Set(zmq.WithSendHWM(1)), zmq.ErrTerm)
		k.is(push.Connect(k.endpoint()), zmq.ErrTerm)
		_, err := pull.TryRecv()
		k.is(err, zmq.ErrTerm)
		_, err = zmq.NewPull(zctx)
		k.is(err, zmq.ErrTerm)
		if pull.Poll() != zmq.PollIn|zmq.PollOut {
			t.Error("a poller would wait for ever")
		}
		if k.scheme != "inproc" { // whose names are the Context's own
			other := k.open(zmq.Pull)
			_, err := k.listen(other, endpoint)
			k.ok(err)
			k.want(other, "accepted")
			k.ok(push.Close())
		} else {
			ctx, cancel := context.WithCancel(k.ctx)
			cancel()
			var unsent *zmq.UnsentError
			if err := push.Shutdown(ctx); !errors.As(err, &unsent) || unsent.N != 1 {
				t.Errorf("Shutdown says %v", err)
			}
		}
		full.Close()
		k.ok(unlessUnsent(zctx.Close()))
	})
}

// A closed socket of a Context that goes on says ErrClosed and not ErrTerm.
func TestClosedIsNotTerminated(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Pull)
	k.ok(s.Close())
	if _, err := s.TryRecv(); !errors.Is(err, zmq.ErrClosed) || errors.Is(err, zmq.ErrTerm) {
		t.Errorf("got %v", err)
	}
}

// Every option of a Context: its default, what it becomes, and what is refused.
func TestContextOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		def     any
		set     zmq.ContextOption
		got     any
		bad     []any
		mention string
	}{
		{"IO_THREADS", 1, zmq.WithIOThreads(4), 4, []any{-1, "x"}, "IO_THREADS"},
		{"MAX_SOCKETS", 1023, zmq.WithMaxSockets(5), 5, []any{0, -1, 65536}, "65535"},
		{"SOCKET_LIMIT", 65535, nil, nil, []any{1}, "SOCKET_LIMIT"},
		{"MAX_MSGSZ", math.MaxInt32, zmq.WithMaxSend(10), 10, []any{-1}, "0"},
		{"MSG_T_SIZE", 64, nil, nil, []any{1}, "MSG_T_SIZE"},
		{"IPV6", false, zmq.WithContextIPv6(true), true, []any{2, "x"}, "IPV6"},
		{"BLOCKY", true, zmq.WithBlocky(false), false, []any{-1}, "BLOCKY"},
		{"ZERO_COPY_RECV", true, zmq.WithContextOption("ZMQ_ZERO_COPY_RECV", 0), false, []any{2}, "ZERO_COPY_RECV"},
		{"THREAD_SCHED_POLICY", -1, zmq.WithContextOption("THREAD_SCHED_POLICY", 1), 1, []any{-1}, "0 or more"},
		{"THREAD_NAME_PREFIX", "", zmq.WithContextOption("THREAD_NAME_PREFIX", 12), "12", []any{"seventeen bytes..", 1.5}, "THREAD"},
		{"THREAD_NAME_PREFIX", "", zmq.WithContextOption("THREAD_NAME_PREFIX", "zq"), "zq", nil, ""},
	} {
		read := func(c *zmq.Context, name string) any {
			t.Helper()
			v, err := c.Option(name)
			if err != nil {
				t.Error(err)
			}
			return v
		}
		k := newKit(t, "inproc")
		if got := read(k.zctx, "ZMQ_"+c.name); got != c.def {
			t.Errorf("%s is %v by default, want %v", c.name, got, c.def)
		}
		if c.set != nil {
			k := newKit(t, "inproc", c.set)
			if got := read(k.zctx, c.name); got != c.got {
				t.Errorf("%s is %v, want %v", c.name, got, c.got)
			}
			k.open(zmq.Pull)
		}
		for _, bad := range c.bad {
			k := newKit(t, "inproc", zmq.WithContextOption(c.name, bad))
			_, err := zmq.NewPull(k.zctx)
			k.is(err, zmq.ErrInvalidOption)
			k.mentions(err, c.mention)
		}
	}
}

// Options that can't be read, that do not exist, and processors that were not added.
func TestContextOptionsThatFail(t *testing.T) {
	k := alone(t, "inproc")
	for _, name := range []string{"NO_SUCH", "THREAD_PRIORITY", "THREAD_AFFINITY_CPU_ADD"} {
		_, err := k.zctx.Option(name)
		k.is(err, zmq.ErrInvalidOption)
		k.mentions(err, name)
	}
	add, remove := zmq.WithContextOption("THREAD_AFFINITY_CPU_ADD", 3), zmq.WithContextOption("THREAD_AFFINITY_CPU_REMOVE", 3)
	newKit(t, "inproc", add, remove, zmq.WithContextOption("THREAD_PRIORITY", 9)).open(zmq.Pull)
	for _, opts := range [][]zmq.ContextOption{{remove}, {add, remove, remove}, {zmq.WithContextOption("NO_SUCH", 1)}} {
		_, err := zmq.NewPull(newKit(t, "inproc", opts...).zctx)
		k.is(err, zmq.ErrInvalidOption)
	}
}

// Without I/O threads there is only inproc.
func TestNoIOThreads(t *testing.T) {
	t.Parallel()
	k := newKit(t, "inproc", zmq.WithIOThreads(0))
	pull, endpoint := k.bound(zmq.Pull)
	push := k.connect(zmq.Push, endpoint)
	k.send(push, "hello")
	k.want(pull, "hello")
	_, err := pull.Bind("tcp://127.0.0.1:*")
	k.is(err, zmq.ErrInvalidEndpoint)
	k.mentions(err, "I/O threads")
	k.is(push.Connect("ipc:///nowhere"), zmq.ErrInvalidEndpoint)
}
