package zmq4_test

import (
	"slices"
	"testing"

	"go.uber.org/goleak"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
	"github.com/go-zactor/zactor/internal/ztest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kit makes sockets in a context of its own, which ends with the test.
type kit struct {
	*testing.T
	ctx *zmq.Context
}

func newKit(t *testing.T) *kit {
	ctx, err := zmq.NewContext()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ctx.Term(); err != nil {
			t.Error(err)
		}
	})
	return &kit{t, ctx}
}

// open makes a socket that is closed with the test, and whose calls do not hang.
func (k *kit) open(typ zmq.Type) *zmq.Socket {
	k.Helper()
	s, err := k.ctx.NewSocket(typ)
	k.ok(err)
	return k.care(s)
}

func (k *kit) care(s *zmq.Socket) *zmq.Socket {
	k.Helper()
	k.Cleanup(func() { s.Close() })
	k.ok(s.SetLinger(0))
	k.ok(s.SetRcvtimeo(ztest.Patience))
	k.ok(s.SetSndtimeo(ztest.Patience))
	return s
}

// pair makes two sockets that are connected over tcp.
func (k *kit) pair(server, client zmq.Type) (*zmq.Socket, *zmq.Socket) {
	k.Helper()
	s, c := k.open(server), k.open(client)
	k.ok(s.Bind("tcp://127.0.0.1:*"))
	k.ok(c.Connect(k.last(s)))
	return s, c
}

func (k *kit) last(s *zmq.Socket) string {
	k.Helper()
	e, err := s.GetLastEndpoint()
	k.ok(err)
	return e
}

func (k *kit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// is compares as programs do.
func (k *kit) is(err error, want error) {
	k.Helper()
	if err != want {
		k.Fatalf("got error %v, want %v", err, want)
	}
}

func (k *kit) send(s *zmq.Socket, parts ...any) {
	k.Helper()
	_, err := s.SendMessage(parts...)
	k.ok(err)
}

func (k *kit) want(s *zmq.Socket, parts ...string) {
	k.Helper()
	got, err := s.RecvMessage(0)
	k.ok(err)
	if !slices.Equal(got, parts) {
		k.Fatalf("received %q, want %q", got, parts)
	}
}
