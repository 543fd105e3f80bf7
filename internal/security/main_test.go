package security

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest/vectors"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// known are the vectors, with key pairs made once, since that is slow.
type known struct {
	*vectors.Vectors
	pairs map[string]*KeyPair
}

func loadKnown(tb testing.TB) *known {
	tb.Helper()
	return &known{vectors.Load(tb), map[string]*KeyPair{}}
}

func (v *known) key(tb testing.TB, name string) *[32]byte {
	tb.Helper()
	return (*[32]byte)(v.Key(tb, name))
}

func (v *known) pair(tb testing.TB, name string) *KeyPair {
	tb.Helper()
	if k, ok := v.pairs[name]; ok {
		return k
	}
	k, err := NewKeyPair(v.key(tb, name+"_public"), v.key(tb, name+"_secret"))
	if err != nil {
		tb.Fatal(err)
	}
	v.pairs[name] = k
	return k
}

// serverRand is the randomness of the server in the vectors, in its order of use.
func (v *known) serverRand(tb testing.TB) io.Reader {
	return bytes.NewReader(bytes.Join([][]byte{
		v.key(tb, "server_transient_secret")[:], v.key(tb, "cookie_key")[:],
		v.Nonce(tb, "cookie_16"), v.Nonce(tb, "welcome_16"),
	}, nil))
}

// clientRand is the randomness of the client in the vectors.
func (v *known) clientRand(tb testing.TB) io.Reader {
	return bytes.NewReader(append(v.key(tb, "client_transient_secret")[:], v.Nonce(tb, "vouch_16")...))
}

// role makes one side of a mechanism anew, for the ROUTER or DEALER of the vectors.
type role func(tb testing.TB) *wire.Handshake

func router(m wire.Mechanism) *wire.Handshake {
	return wire.NewHandshake(wire.Config{SocketType: "ROUTER", Mechanism: m})
}

func dealer(m wire.Mechanism) *wire.Handshake {
	return wire.NewHandshake(wire.Config{SocketType: "DEALER", Identity: []byte("kat-1"), Mechanism: m})
}

// mechanisms are the two sides of each mechanism, with the vectors' keys.
func (v *known) mechanisms() map[string][2]role {
	return map[string][2]role{
		"NULL": {
			func(testing.TB) *wire.Handshake { return dealer(NewNull(false)) },
			func(testing.TB) *wire.Handshake { return router(NewNull(true)) },
		},
		"PLAIN": {
			func(tb testing.TB) *wire.Handshake {
				c, err := NewPlainClient("admin", "secret")
				if err != nil {
					tb.Fatal(err)
				}
				return dealer(c)
			},
			func(testing.TB) *wire.Handshake { return router(NewPlainServer()) },
		},
		"CURVE": {
			func(tb testing.TB) *wire.Handshake {
				c, err := NewCurveClient(v.pair(tb, "client_long_term"), v.key(tb, "server_long_term_public"), v.clientRand(tb))
				if err != nil {
					tb.Fatal(err)
				}
				return dealer(c)
			},
			func(tb testing.TB) *wire.Handshake {
				return router(NewCurveServer(v.pair(tb, "server_long_term"), v.serverRand(tb)))
			},
		},
	}
}

// talk lets two sides talk until both are Ready, the server letting the client
// in, and returns all that each of them said.
func talk(tb testing.TB, client, server *wire.Handshake) (fromClient, fromServer []byte) {
	tb.Helper()
	var toClient, toServer []byte
	for range 100 {
		if out := client.Output(); out != nil {
			fromClient, toServer = append(fromClient, out...), append(toServer, out...)
		}
		if out := server.Output(); out != nil {
			fromServer, toClient = append(fromServer, out...), append(toClient, out...)
		}
		n, err := server.Feed(toServer)
		if err != nil {
			tb.Fatalf("server: %v", err)
		}
		toServer = toServer[n:]
		if n, err = client.Feed(toClient); err != nil {
			tb.Fatalf("client: %v", err)
		}
		toClient = toClient[n:]
		if server.Phase() == wire.Waiting {
			if err := server.Decide(wire.Decision{Allow: true, Status: "200"}); err != nil {
				tb.Fatal(err)
			}
		}
		if client.Phase() == wire.Ready && server.Phase() == wire.Ready && len(toClient)+len(toServer) == 0 {
			return fromClient, fromServer
		}
	}
	tb.Fatalf("no end: client %v, server %v", client.Phase(), server.Phase())
	return nil, nil
}

// listen feeds one side a recorded stream, letting the peer in when asked.
func listen(h *wire.Handshake, stream []byte) (n int, err error) {
	for {
		k, err := h.Feed(stream[n:])
		n += k
		if err != nil || h.Phase() != wire.Waiting {
			return n, err
		}
		if err := h.Decide(wire.Decision{Allow: true}); err != nil {
			return n, err
		}
	}
}

func codeOf(err error) uint32 {
	var p *wire.ProtocolError
	if errors.As(err, &p) {
		return p.Code
	}
	return 0
}

// frame makes a command frame of a body.
func frame(body []byte) []byte { return wire.AppendCommand(nil, body) }

// commands cuts what one side said in a handshake into the bodies of its
// commands, by name.
func commands(tb testing.TB, stream []byte) map[string][]byte {
	tb.Helper()
	found := map[string][]byte{}
	for stream = stream[64:]; len(stream) > 0; {
		_, hdr, size, err := wire.ParseHeader(stream)
		if err != nil || hdr == 0 || uint64(len(stream)) < uint64(hdr)+size {
			tb.Fatalf("bad stream %x: %v", stream, err)
		}
		body := stream[hdr : hdr+int(size)]
		found[string(body[1:1+body[0]])] = body
		stream = stream[hdr+int(size):]
	}
	return found
}
