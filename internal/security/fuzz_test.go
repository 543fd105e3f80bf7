package security

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/crypto/nacl/box"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest/vectors"
)

// checkEnd checks what holds at the end of any handshake with a hostile peer: no
// error without a type, and no state that was not earned.
func checkEnd(t *testing.T, h *wire.Handshake, err error) {
	t.Helper()
	var auth *wire.AuthError
	typed := codeOf(err) != 0 || errors.As(err, &auth) || errors.Is(err, wire.ErrIncompatible) || errors.Is(err, wire.ErrInsecure)
	if err != nil && !typed {
		t.Fatalf("untyped error %v", err)
	}
	if (err != nil) != (h.Phase() == wire.Failed) {
		t.Fatalf("phase %v, %v", h.Phase(), err)
	}
	if r := h.Result(); h.Phase() == wire.Ready && r.Version >= wire.V30 {
		if len(r.Properties) > wire.MaxProperties || len(r.PeerIdentity) > wire.MaxIdentity || r.PeerType == "" {
			t.Fatalf("result %+v", r)
		}
	}
}

// fuzzRaw fuzzes the two sides of a mechanism with bytes as they are, in two
// pieces.
func fuzzRaw(f *testing.F, name string) {
	v := loadKnown(f)
	sides := v.mechanisms()[name]
	fromClient, fromServer := talk(f, sides[0](f), sides[1](f))
	f.Add(fromClient, uint(70), true)
	f.Add(fromServer, uint(64), false)
	for frame := range v.Reject {
		f.Add(append(bytes.Clone(fromClient[:64]), vectors.Bytes(f, v.Reject[frame])...), uint(1), true)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut uint, server bool) {
		side := 0
		if server {
			side = 1
		}
		cut = min(cut, uint(len(stream)))
		h := sides[side](t)
		n, err := listen(h, stream[:cut])
		if err == nil && h.Phase() != wire.Ready {
			k, err2 := listen(h, stream[n:])
			n, err = n+k, err2
		}
		checkEnd(t, h, err)
		if name != "NULL" && h.Phase() == wire.Ready && h.Result().Version < wire.V30 {
			t.Fatalf("%s downgraded to %v", name, h.Result().Version)
		}
		whole := sides[side](t)
		k, err2 := listen(whole, stream)
		if k != n || (err == nil) != (err2 == nil) || codeOf(err) != codeOf(err2) || whole.Phase() != h.Phase() {
			t.Fatalf("in two pieces %d, %v, %v; at once %d, %v, %v", n, h.Phase(), err, k, whole.Phase(), err2)
		}
	})
}

func FuzzNullHandshake(f *testing.F) { fuzzRaw(f, "NULL") }

func FuzzPlainHandshake(f *testing.F) { fuzzRaw(f, "PLAIN") }

// xor changes a plaintext by a mutation, so that the empty one leaves it good.
func xor(b, mutation []byte) []byte {
	out := bytes.Clone(b)
	for i := range min(len(b), len(mutation)) {
		out[i] ^= mutation[i]
	}
	return out
}

func changes(mutation []byte, size int) bool {
	return len(bytes.Trim(mutation[:min(len(mutation), size)], "\x00")) != 0
}

// hostileClient builds the commands of a client that has all its keys and seals
// whatever plaintext the fuzzer wants.
type hostileClient struct {
	v  *known
	tb testing.TB
}

func (c *hostileClient) hello(clear, plain []byte) []byte {
	good := c.v.Command(c.tb, "hello")
	body := append(good[:6:6], xor(good[6:112], clear)...)
	body = appendCounter(body, clientHello)
	key := c.shared("client_transient_secret", "server_long_term_public")
	return box.SealAfterPrecomputation(body, xor(make([]byte, 64), plain), nonce(nonceHello, body[112:]), key)
}

func (c *hostileClient) build(counter uint64, cookie, vouch, plain, metadata []byte) []byte {
	v, tb := c.v, c.tb
	body := append([]byte(wire.NameInitiate), xor(v.Command(tb, "cookie"), cookie)...)
	body = appendCounter(body, counter)
	inside := append(v.key(tb, "client_long_term_public")[:], v.Nonce(tb, "vouch_16")...)
	key := c.shared("client_long_term_secret", "server_transient_public")
	inside = box.SealAfterPrecomputation(inside, xor(v.Command(tb, "vouch_plaintext"), vouch), nonce(nonceVouch, v.Nonce(tb, "vouch_16")), key)
	inside = append(xor(inside, plain), metadata...)
	return box.SealAfterPrecomputation(body, inside, nonce(nonceInitiate, body[105:]), v.key(tb, "session_key_beforenm"))
}

func (c *hostileClient) shared(secret, public string) *[32]byte {
	key := new([32]byte)
	box.Precompute(key, c.v.key(c.tb, public), c.v.key(c.tb, secret))
	return key
}

// FuzzCurveServer reaches behind the boxes: a server lets a client in exactly if
// nothing in its commands was changed and its metadata is sound.
func FuzzCurveServer(f *testing.F) {
	v := loadKnown(f)
	greeting := vectors.Bytes(f, v.Frames["greeting_curve_client"])
	good := v.Command(f, "initiate_metadata")
	none := []byte{}
	f.Add(none, none, uint64(2), none, none, none, good)
	f.Add([]byte{0, 0, 1}, none, uint64(2), none, none, none, good)
	f.Add(none, []byte{1}, uint64(2), none, none, none, good)
	f.Add(none, none, uint64(1), none, none, none, good)
	f.Add(none, none, uint64(1<<63), []byte{1}, none, none, good)
	f.Add(none, none, uint64(3), none, []byte{1}, none, good)
	f.Add(none, none, uint64(4), none, append(make([]byte, 32), 1), none, good)
	f.Add(none, none, uint64(5), none, none, []byte{1}, append(good, 0))
	f.Fuzz(func(t *testing.T, clear, hello []byte, counter uint64, cookie, vouch, plain, metadata []byte) {
		if len(metadata) > wire.MaxHandshakeCommand-initiateSize {
			return
		}
		client := &hostileClient{v: v, tb: t}
		server := v.mechanisms()["CURVE"][1](t)
		stream := append(bytes.Clone(greeting), frame(client.hello(clear, hello))...)
		stream = append(stream, frame(client.build(counter, cookie, vouch, plain, metadata))...)
		n, err := listen(server, stream)
		checkEnd(t, server, err)

		touched := changes(clear, 106) || changes(hello, 64) || counter <= clientHello ||
			changes(cookie, cookieSize) || changes(vouch, 64) || changes(plain, 32+16+80)
		if ok := sound(router(NewNull(false)), metadata); (!touched && ok) != (server.Phase() == wire.Ready) {
			t.Fatalf("touched %v, sound metadata %v, phase %v, %v", touched, ok, server.Phase(), err)
		}
		if server.Phase() == wire.Ready && n != len(stream) {
			t.Fatalf("took %d of %d bytes", n, len(stream))
		}
	})
}

// sound reports whether a socket takes the metadata: what a NULL peer hears.
func sound(h *wire.Handshake, metadata []byte) bool {
	stream := append([]byte("\xff\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x03\x01NULL"), make([]byte, 48)...)
	_, err := h.Feed(append(stream, frame(append([]byte(wire.NameReady), metadata...))...))
	return err == nil
}

// FuzzCurveClient plays a server that has its keys and boxes whatever it wants.
func FuzzCurveClient(f *testing.F) {
	v := loadKnown(f)
	greeting := vectors.Bytes(f, v.Frames["greeting_curve_server"])
	good := v.Command(f, "ready_metadata")
	none := []byte{}
	f.Add(none, none, uint64(1), good, byte(0))
	f.Add([]byte{1}, none, uint64(1), good, byte(0))
	f.Add(append(make([]byte, 32), 1), none, uint64(0), good, byte(0))
	f.Add(none, []byte("x"), uint64(1), good, byte(0))
	f.Add(none, none, uint64(1), append(good, 1), byte(1))
	f.Fuzz(func(t *testing.T, welcome, trailing []byte, counter uint64, metadata []byte, flip byte) {
		if len(metadata) > wire.MaxHandshakeCommand-readySize || len(trailing) > 1<<10 {
			return
		}
		keys := &hostileClient{v: v, tb: t}
		first := append([]byte(wire.NameWelcome), v.Nonce(t, "welcome_16")...)
		plain := append(xor(v.Command(t, "welcome_plaintext"), welcome), trailing...)
		first = box.SealAfterPrecomputation(first, plain, nonce(nonceWelcome, first[8:]),
			keys.shared("server_long_term_secret", "client_transient_public"))
		second := appendCounter([]byte(wire.NameReady), counter)
		second = box.SealAfterPrecomputation(second, metadata, nonce(nonceReady, second[6:]), v.key(t, "session_key_beforenm"))
		second[len(second)-1] ^= flip

		client := v.mechanisms()["CURVE"][0](t)
		_, err := listen(client, append(append(bytes.Clone(greeting), frame(first)...), frame(second)...))
		checkEnd(t, client, err)
		// The cookie is the server's own business: the client only brings it back.
		honest := !changes(welcome, 32) && len(trailing) == 0 && flip == 0
		if want := honest && sound(dealer(NewNull(false)), metadata); want != (client.Phase() == wire.Ready) {
			t.Fatalf("honest %v, phase %v, %v", honest, client.Phase(), err)
		}
	})
}
