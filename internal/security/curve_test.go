package security

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest/vectors"
)

// TestCurveVectors holds both sides against the known answers, byte for byte.
func TestCurveVectors(t *testing.T) {
	v := loadKnown(t)
	sides := v.mechanisms()["CURVE"]
	client, server := sides[0](t), sides[1](t)
	fromClient, fromServer := talk(t, client, server)
	want := append(frame(v.Command(t, "hello")), frame(v.Command(t, "initiate"))...)
	if !bytes.Equal(fromClient[64:], want) {
		t.Errorf("client said\n%x, want\n%x", fromClient[64:], want)
	}
	want = append(frame(v.Command(t, "welcome")), frame(v.Command(t, "ready"))...)
	if !bytes.Equal(fromServer[64:], want) {
		t.Errorf("server said\n%x, want\n%x", fromServer[64:], want)
	}
	if fromServer[32] != 1 || fromClient[32] != 0 {
		t.Errorf("roles in the greetings: %d and %d", fromServer[32], fromClient[32])
	}
}

func TestCurveCredentials(t *testing.T) {
	v := loadKnown(t)
	sides := v.mechanisms()["CURVE"]
	fromClient, _ := talk(t, sides[0](t), sides[1](t))
	server := sides[1](t)
	if _, err := server.Feed(fromClient); err != nil {
		t.Fatal(err)
	}
	if c := server.Credentials(); c.Mechanism != "CURVE" || !bytes.Equal(c.PublicKey, v.key(t, "client_long_term_public")[:]) {
		t.Errorf("credentials %v", c)
	}
	// The answer to a key that is refused.
	server.Output()
	server.Decide(wire.Decision{Status: "400"})
	if got, want := server.Output(), frame(v.Command(t, "error_400")); !bytes.Equal(got, want) {
		t.Errorf("refusal %x, want %x", got, want)
	}
}

// TestCurveMustReject feeds every bad command of the vectors at its time. Each is
// refused for its own reason, and without a word.
func TestCurveMustReject(t *testing.T) {
	const incompatible = 0 // not a protocol error
	v := loadKnown(t)
	sides := v.mechanisms()["CURVE"]
	fromClient, fromServer := talk(t, sides[0](t), sides[1](t))
	atHello, atWelcome := fromClient[:64], fromServer[:64]
	atInitiate := fromClient[:64+2+200]
	atReady := fromServer[:64+2+168]
	tests := []struct {
		name   string
		side   int
		prefix []byte
		code   uint32
	}{
		{"hello_short_199", 1, atHello, wire.CodeMalformedHello},
		{"hello_long_201", 1, atHello, wire.CodeMalformedHello},
		{"hello_version_2_0", 1, atHello, wire.CodeMalformedHello},
		{"hello_version_1_1", 1, atHello, wire.CodeMalformedHello},
		{"hello_box_bit_flip", 1, atHello, wire.CodeCryptographic},
		{"hello_to_wrong_server_key", 1, atHello, wire.CodeCryptographic},
		{"hello_plaintext_not_zero", 1, atHello, wire.CodeCryptographic},
		{"hello_padding_not_zero_rfc_says_zero", 1, atHello, wire.CodeMalformedHello},
		{"hello_low_order_client_key_zero", 1, atHello, wire.CodeCryptographic},
		{"welcome_short_167", 0, atWelcome, wire.CodeMalformedWelcome},
		{"welcome_box_bit_flip", 0, atWelcome, wire.CodeCryptographic},
		{"initiate_cookie_bit_flip", 1, atInitiate, wire.CodeCryptographic},
		{"initiate_box_bit_flip", 1, atInitiate, wire.CodeCryptographic},
		{"initiate_short_256", 1, atInitiate, wire.CodeMalformedInitiate},
		{"initiate_nonce_not_increasing_n1", 1, atInitiate, wire.CodeInvalidSequence},
		{"initiate_vouch_for_other_transient_key", 1, atInitiate, wire.CodeKeyExchange},
		{"initiate_vouch_for_other_server_key", 1, atInitiate, wire.CodeKeyExchange},
		{"initiate_vouch_signed_by_stranger_claims_client", 1, atInitiate, wire.CodeCryptographic},
		{"initiate_vouch_to_long_term_server_key_old_rfc", 1, atInitiate, wire.CodeCryptographic},
		{"initiate_low_order_client_long_term_key_zero", 1, atInitiate, wire.CodeCryptographic},
		{"initiate_metadata_value_len_4g", 1, atInitiate, wire.CodeInvalidMetadata},
		{"initiate_metadata_name_len_255_overrun", 1, atInitiate, wire.CodeInvalidMetadata},
		{"initiate_socket_type_PUB_to_ROUTER", 1, atInitiate, incompatible},
		{"ready_bit_flip", 0, atReady, wire.CodeCryptographic},
		{"ready_short_29", 0, atReady, wire.CodeMalformedReady},
		{"error_reason_len_overrun", 0, atReady, wire.CodeMalformedError},
		{"message_c_n3_replayed_nonce_after_n5", 1, nil, wire.CodeInvalidSequence},
		{"message_with_server_prefix_sent_by_client", 1, nil, wire.CodeCryptographic},
		{"message_short_32", 1, nil, wire.CodeMalformedMessage},
		{"message_bit_flip", 1, nil, wire.CodeCryptographic},
		{"message_command_ping_without_ttl", 1, nil, wire.CodeMalformedCommand},
	}
	if len(tests) != len(v.Curve.Reject) {
		t.Errorf("%d tests for %d vectors", len(tests), len(v.Curve.Reject))
	}
	for _, tt := range tests {
		body := v.Bad(t, tt.name)
		if tt.prefix == nil {
			if err := openAfter(t, v, tt.name, body); codeOf(err) != tt.code {
				t.Errorf("%s: %v, want code %#x", tt.name, err, tt.code)
			}
			continue
		}
		h := sides[tt.side](t)
		if _, err := h.Feed(tt.prefix); err != nil {
			t.Fatalf("%s: %v before it", tt.name, err)
		}
		h.Output()
		_, err := h.Feed(frame(body))
		if codeOf(err) != tt.code || tt.code == incompatible && !errors.Is(err, wire.ErrIncompatible) {
			t.Errorf("%s: %v, want code %#x", tt.name, err, tt.code)
		}
		if out := h.Output(); out != nil || h.Phase() != wire.Failed {
			t.Errorf("%s: phase %v, answered %x, want silence", tt.name, h.Phase(), out)
		}
	}
}

// openAfter opens a bad message of the client after those that come before it.
func openAfter(t *testing.T, v *known, name string, body []byte) error {
	t.Helper()
	var before []string
	if name == "message_c_n3_replayed_nonce_after_n5" {
		before = []string{"message_c_n3_more_part_one", "message_c_n4_last_part", "message_c_n5_empty"}
	}
	_, server := v.boxes(t)
	for _, good := range before {
		if _, _, err := server.Open(0, v.Command(t, good)); err != nil {
			t.Fatalf("%s: %v", good, err)
		}
	}
	flags, payload, err := server.Open(0, body)
	if err == nil && flags == wire.FlagCommand {
		_, err = wire.ParseCommand(payload)
	}
	return err
}

// TestCountersGoOn checks that the counters of the messages go on from those of
// the handshake: what is not above INITIATE's, or READY's, was there before.
func TestCountersGoOn(t *testing.T) {
	v := loadKnown(t)
	session := v.key(t, "session_key_beforenm")
	sides := v.mechanisms()["CURVE"]
	client, server := sides[0](t), sides[1](t)
	talk(t, client, server)
	tests := []struct {
		to     wire.Sealer
		prefix string
		last   uint64
	}{
		{server.Result().Sealer, nonceClient, clientInitiate},
		{client.Result().Sealer, nonceServer, serverReady},
	}
	for _, tt := range tests {
		for counter := range tt.last + 1 {
			if _, _, err := tt.to.Open(0, sealRaw(session, tt.prefix, counter, []byte{0})); !errors.Is(err, errReplay) {
				t.Errorf("%s with counter %d: %v, want %v", tt.prefix, counter, err, errReplay)
			}
		}
		if _, _, err := tt.to.Open(0, sealRaw(session, tt.prefix, tt.last+1, []byte{0})); err != nil {
			t.Errorf("%s with counter %d: %v", tt.prefix, tt.last+1, err)
		}
	}
}

// TestReplay plays a recorded client, up to its first messages, to the next
// connection of the same server. It was a fault of a server whose cookies were
// all under one key.
func TestReplay(t *testing.T) {
	v := loadKnown(t)
	pair := v.pair(t, "server_long_term")
	server := router(NewCurveServer(pair, rand.Reader))
	client := v.mechanisms()["CURVE"][0](t)
	recorded, _ := talk(t, client, server)
	recorded = client.Result().Sealer.Seal(recorded, 0, []byte("transfer 100"))

	again := router(NewCurveServer(pair, rand.Reader))
	if _, err := listen(again, recorded); codeOf(err) != wire.CodeCryptographic || again.Phase() != wire.Failed {
		t.Errorf("phase %v, %v, want a cryptographic error", again.Phase(), err)
	}
}

// TestCookie brings a cookie back to a server that made it for another client, or
// with another transient key, or under another cookie key.
func TestCookie(t *testing.T) {
	v := loadKnown(t)
	cookie := v.Command(t, "cookie")
	tests := []struct {
		name   string
		change func(*CurveServer)
		want   bool
	}{
		{"the same", func(*CurveServer) {}, true},
		{"another client", func(s *CurveServer) { s.client[0] ^= 1 }, false},
		{"another transient key", func(s *CurveServer) { s.transient = s.own.secret }, false},
		{"another cookie key", func(s *CurveServer) { s.cookieKey[0] ^= 1 }, false},
	}
	for _, tt := range tests {
		s := NewCurveServer(v.pair(t, "server_long_term"), nil)
		var err error
		if s.transient, err = newTransient(v.serverRand(t)); err != nil {
			t.Fatal(err)
		}
		s.client, s.cookieKey = *v.key(t, "client_transient_public"), v.key(t, "cookie_key")
		tt.change(s)
		key := s.cookieKey
		if got := s.openCookie(cookie); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if s.cookieKey != nil || *key != [32]byte{} {
			t.Errorf("%s: the cookie key outlived its cookie", tt.name)
		}
	}
}

// TestLowOrderKeys tries the points whose shared secret is zero for everybody.
func TestLowOrderKeys(t *testing.T) {
	v := loadKnown(t)
	minusOne := append([]byte{0xec}, bytes.Repeat([]byte{0xff}, 31)...) // 2^255 - 20
	minusOne[31] = 0x7f
	points := [][]byte{
		make([]byte, 32),
		append([]byte{1}, make([]byte, 31)...),
		minusOne,
		vectors.Bytes(t, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
		vectors.Bytes(t, "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
	}
	for _, p := range points {
		if key, err := agree(v.pair(t, "server_long_term").secret, p); !errors.Is(err, errCrypto) {
			t.Errorf("%x: key %x, %v", p, key, err)
		}
	}
	client, err := NewCurveClient(v.pair(t, "client_long_term"), (*[32]byte)(points[1]), v.clientRand(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Start(nil); !errors.Is(err, errCrypto) {
		t.Errorf("HELLO to a server key of low order: %v", err)
	}
}

func TestKeysOfTheConfiguration(t *testing.T) {
	v := loadKnown(t)
	public, secret := v.key(t, "server_long_term_public"), v.key(t, "server_long_term_secret")
	zero := new([32]byte)
	tests := []struct {
		public, secret *[32]byte
		want           error
	}{
		{public, secret, nil},
		{zero, secret, ErrWeakKey},
		{public, zero, ErrWeakKey},
		{v.key(t, "client_long_term_public"), secret, ErrKeyMismatch},
	}
	for i, tt := range tests {
		if _, err := NewKeyPair(tt.public, tt.secret); !errors.Is(err, tt.want) {
			t.Errorf("%d: %v, want %v", i, err, tt.want)
		}
	}
	if _, err := NewCurveClient(v.pair(t, "client_long_term"), zero, nil); !errors.Is(err, ErrWeakKey) {
		t.Errorf("server key zero: %v", err)
	}
}

// TestRandomnessFails ends the randomness at every byte that the sides need.
func TestRandomnessFails(t *testing.T) {
	v := loadKnown(t)
	errRand := errors.New("no randomness")
	broken := func(r io.Reader, n int) io.Reader {
		return io.MultiReader(io.LimitReader(r, int64(n)), iotest.ErrReader(errRand))
	}
	sides := v.mechanisms()["CURVE"]
	fromClient, fromServer := talk(t, sides[0](t), sides[1](t))
	for n := range 32 + 32 + 16 + 16 {
		h := router(NewCurveServer(v.pair(t, "server_long_term"), broken(v.serverRand(t), n)))
		if _, err := listen(h, fromClient); !errors.Is(err, errRand) {
			t.Fatalf("server with %d random bytes: %v", n, err)
		}
	}
	for n := range 32 + 16 {
		client, err := NewCurveClient(v.pair(t, "client_long_term"), v.key(t, "server_long_term_public"), broken(v.clientRand(t), n))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := listen(dealer(client), fromServer); !errors.Is(err, errRand) {
			t.Fatalf("client with %d random bytes: %v", n, err)
		}
	}
}

// TestSecretsAreForgotten looks at the mechanisms after a handshake, and after
// one that was given up at each of its stages.
func TestSecretsAreForgotten(t *testing.T) {
	v := loadKnown(t)
	sides := v.mechanisms()["CURVE"]
	fromClient, fromServer := talk(t, sides[0](t), sides[1](t))
	for _, n := range []int{64, 64 + 202, len(fromClient)} {
		m := NewCurveServer(v.pair(t, "server_long_term"), v.serverRand(t))
		h := router(m)
		if _, err := listen(h, fromClient[:n]); err != nil {
			t.Fatal(err)
		}
		cookie, session := m.cookieKey, m.session
		h.Close()
		if m.transient != nil || m.session != nil || m.cookieKey != nil || m.sealer != nil {
			t.Errorf("server after %d bytes keeps its keys", n)
		}
		checkCleared(t, fmt.Sprintf("server after %d bytes", n), cookie, session)
	}
	for _, n := range []int{64, 64 + 170, len(fromServer)} {
		m, err := NewCurveClient(v.pair(t, "client_long_term"), v.key(t, "server_long_term_public"), v.clientRand(t))
		if err != nil {
			t.Fatal(err)
		}
		h := dealer(m)
		if _, err := listen(h, fromServer[:n]); err != nil {
			t.Fatal(err)
		}
		hello, session := m.helloKey, m.session
		h.Close()
		if m.transient != nil || m.session != nil || m.helloKey != nil || m.sealer != nil {
			t.Errorf("client after %d bytes keeps its keys", n)
		}
		checkCleared(t, fmt.Sprintf("client after %d bytes", n), hello, session)
	}
}

func checkCleared(t *testing.T, who string, keys ...*[32]byte) {
	t.Helper()
	for _, k := range keys {
		if k != nil && *k != [32]byte{} {
			t.Errorf("%s: a key was not cleared", who)
		}
	}
}

// TestMechanismGivesUpItsSealer closes a client that was done but whose peer has
// the wrong socket type: nobody took the sealer.
func TestMechanismGivesUpItsSealer(t *testing.T) {
	v := loadKnown(t)
	sides := v.mechanisms()["CURVE"]
	_, fromServer := talk(t, sides[0](t), sides[1](t))
	m, err := NewCurveClient(v.pair(t, "client_long_term"), v.key(t, "server_long_term_public"), v.clientRand(t))
	if err != nil {
		t.Fatal(err)
	}
	h := wire.NewHandshake(wire.Config{SocketType: "PUSH", Mechanism: m})
	if _, err := listen(h, fromServer); !errors.Is(err, wire.ErrIncompatible) || h.Result().Sealer != nil || m.sealer != nil {
		t.Errorf("%v, sealer %v", err, m.sealer)
	}
}

// TestMetadataFits brings as much metadata through CURVE as wire lets through.
func TestMetadataFits(t *testing.T) {
	v := loadKnown(t)
	own := []wire.Property{{Name: "X-big", Value: make([]byte, wire.MaxMetadata-600)}}
	if err := wire.CheckProperties(own); err != nil {
		t.Fatal(err)
	}
	client, err := NewCurveClient(v.pair(t, "client_long_term"), v.key(t, "server_long_term_public"), v.clientRand(t))
	if err != nil {
		t.Fatal(err)
	}
	c := wire.NewHandshake(wire.Config{SocketType: "DEALER", Identity: make([]byte, 0, 255), Mechanism: client, Properties: own})
	s := v.mechanisms()["CURVE"][1](t)
	talk(t, c, s)
	if value, ok := wire.Lookup(s.Result().Properties, "x-BIG"); !ok || len(value) != len(own[0].Value) {
		t.Errorf("%d bytes arrived", len(value))
	}
}

func BenchmarkCurveServerHandshake(b *testing.B) {
	v := loadKnown(b)
	sides := v.mechanisms()["CURVE"]
	fromClient, _ := talk(b, sides[0](b), sides[1](b))
	pair := v.pair(b, "server_long_term")
	for b.Loop() {
		h := router(NewCurveServer(pair, v.serverRand(b)))
		if _, err := listen(h, fromClient); err != nil {
			b.Fatal(err)
		}
	}
}
