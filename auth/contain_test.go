package auth_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// A store that panics, or ends its goroutine, refuses the peer; the authenticator goes on.
func TestStoreIsContained(t *testing.T) {
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		t.Run("plain/"+name, func(t *testing.T) {
			b := newBench(t)
			b.auth.Plain("bad", badPasswords(how))
			b.auth.Plain("good", passwordsOf("admin", "secret"))
			_, bad := b.server(zmq.WithPlainServer(), zmq.WithZAPDomain("bad"))
			server, good := b.server(zmq.WithPlainServer(), zmq.WithZAPDomain("good"))
			b.client(bad, zmq.WithPlainClient("admin", "secret"))
			b.until("the peer was refused", func() bool { return b.auth.Stats().Failed > 0 })
			b.passes(b.client(good, zmq.WithPlainClient("admin", "secret")), server)
		})
		t.Run("curve/"+name, func(t *testing.T) {
			b := newBench(t)
			b.auth.Curve("bad", badStore(how))
			known := mustCert()
			keys := cert.NewMemStore()
			keys.Insert(known)
			b.auth.Curve("good", keys)
			_, bad := b.server(zmq.WithCurveServer(serverCert), zmq.WithZAPDomain("bad"))
			server, good := b.server(zmq.WithCurveServer(serverCert), zmq.WithZAPDomain("good"))
			b.client(bad, asCurve(mustCert()))
			b.until("the peer was refused", func() bool { return b.auth.Stats().Failed > 0 })
			b.passes(b.client(good, asCurve(known)), server)
		})
	}
}

type badPasswords func()

func (p badPasswords) Verify(context.Context, string, []byte) (bool, error) { p(); return true, nil }

type badStore func()

func (s badStore) Lookup(string) (*cert.Cert, bool) { s(); return nil, true }
