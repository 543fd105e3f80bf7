package zmq4_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/compat/zmq4"
	"github.com/go-zactor/zactor/internal/ztest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kit makes sockets that end with the test, which fails when one hangs.
type kit struct {
	*testing.T
	ctx context.Context
}

func newKit(t *testing.T) *kit {
	return &kit{t, ztest.Within(t)}
}

type constructor func(context.Context, ...zmq4.Option) zmq4.Socket

func (k *kit) open(make constructor, opts ...zmq4.Option) zmq4.Socket {
	s := make(k.ctx, opts...)
	k.Cleanup(func() { s.Close() })
	return s
}

// bound opens a socket and says where it listens.
func (k *kit) bound(make constructor, opts ...zmq4.Option) (zmq4.Socket, string) {
	k.Helper()
	s := k.open(make, opts...)
	k.ok(s.Listen("tcp://127.0.0.1:*"))
	return s, "tcp://" + s.Addr().String()
}

func (k *kit) dialled(make constructor, endpoint string, opts ...zmq4.Option) zmq4.Socket {
	k.Helper()
	s := k.open(make, opts...)
	k.ok(s.Dial(endpoint))
	return s
}

func (k *kit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kit) is(err, want error) {
	k.Helper()
	if !errors.Is(err, want) {
		k.Fatalf("got error %v, want %v", err, want)
	}
}

func (k *kit) send(s zmq4.Socket, frames ...string) {
	k.Helper()
	k.ok(s.Send(zmq4.NewMsgFromString(frames)))
}

func (k *kit) want(s zmq4.Socket, frames ...string) {
	k.Helper()
	m, err := s.Recv()
	k.ok(err)
	if got := texts(m); !slices.Equal(got, frames) {
		k.Fatalf("got %q, want %q", got, frames)
	}
}

func texts(m zmq4.Msg) (all []string) {
	for _, f := range m.Frames {
		all = append(all, string(f))
	}
	return all
}

// until waits for what can only be asked for again and again.
func (k *kit) until(what string, done func() bool) {
	k.Helper()
	ztest.Eventually(k, what, done)
}

// connected waits for n peers.
func (k *kit) connected(s zmq4.Socket, n int) {
	k.Helper()
	core, err := zmq4.Core(s)
	k.ok(err)
	k.ok(core.WaitConnected(k.ctx, n))
}
