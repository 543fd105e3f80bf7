package zmq_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// gatedStore is a store of passwords that answers once it is let to.
type gatedStore struct {
	asked atomic.Int32
	open  chan struct{}
}

func (s *gatedStore) Verify(ctx context.Context, _ string, _ []byte) (bool, error) {
	s.asked.Add(1)
	select {
	case <-s.open:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Silent peers make room, and are counted, over every transport that listens.
func TestHalfOpenMakesRoom(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"tcp", "ipc", "ws", "wss"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, strings.Replace(scheme, "wss", "ws", 1))
			endpoint, opts, asClient := k.endpoint(), []zmq.Option{zmq.WithMaxHandshakes(4), zmq.WithHandshakeInterval(ztest.Patience)}, []zmq.Option(nil)
			if scheme == "wss" {
				endpoint = strings.Replace(endpoint, "ws:", "wss:", 1)
				cert, key := wsKeyPair()
				opts = append(opts, zmq.WithWSSCert(cert), zmq.WithWSSKey(key))
				asClient = append(asClient, zmq.WithWSSTrust(cert), zmq.WithWSSHostname("localhost"))
			}
			server := k.open(zmq.Pull, opts...)
			_, err := server.Bind(endpoint)
			k.ok(err)
			network, address := "tcp", endpoint[strings.Index(endpoint, "//")+2:]
			if scheme == "ipc" {
				network = "unix"
			}
			for range 6 {
				c, err := net.Dial(network, address)
				k.ok(err)
				defer c.Close()
			}
			client := k.open(zmq.Push, asClient...)
			k.ok(client.Connect(endpoint))
			k.send(client, "hello")
			k.want(server, "hello")
			k.until("three are counted who made room", func() bool {
				st := server.Stats()
				return st.Evicted == 3 && st.HandshakesFailed == 3
			})
		})
	}
}

// Who waits for our authenticator is never turned out: newcomers wait, and all get in.
func TestHalfOpenWaitsForTheAuthenticator(t *testing.T) {
	networked(t, func(k *kit) {
		if k.scheme == "curve" {
			k.Skip("passwords are PLAIN's")
		}
		a, err := auth.New(k.zctx)
		k.ok(err)
		defer a.Close()
		store := &gatedStore{open: make(chan struct{})}
		a.Plain(auth.AnyDomain, store)
		server, endpoint := k.bound(zmq.Pull, zmq.WithPlainServer(), zmq.WithMaxHandshakes(3))
		const clients = 9
		for range clients {
			k.send(k.connect(zmq.Push, endpoint, zmq.WithPlainClient(goodUser, goodPass)), "x")
		}
		k.until("the places are taken", func() bool { return store.asked.Load() == 3 })
		close(store.open)
		for range clients {
			k.want(server, "x")
		}
		if st := server.Stats(); st.Evicted != 0 || st.HandshakesFailed != 0 || store.asked.Load() != clients {
			k.Errorf("%d made room, %d handshakes failed, the store was asked %d times", st.Evicted, st.HandshakesFailed, store.asked.Load())
		}
	})
}

// What waits for a peer's first word may panic: it is told, and the peer gets in.
func TestFirstWordIsContained(t *testing.T) {
	for _, scheme := range []string{"tcp", "ipc", "ws"} {
		t.Run(scheme, func(t *testing.T) {
			k := newKit(t, scheme)
			hit, stop := contain.Disaster("first word", 1)
			defer stop()
			endpoint := k.endpoint()
			server, err := zmq.NewRouter(k.zctx)
			k.ok(err)
			_, err = server.Bind(endpoint)
			k.ok(err)
			network, address := "tcp", endpoint[strings.Index(endpoint, "//")+2:]
			if scheme == "ipc" {
				network = "unix"
			}
			silent, err := net.Dial(network, address)
			k.ok(err)
			defer silent.Close()
			<-hit
			k.ok(rawIn(silent, scheme))
			k.ok(server.WaitConnected(k.ctx, 1))
			if n := server.Stats().Panics; n != 1 {
				t.Errorf("%d panics were counted", n)
			}
		})
	}
}
