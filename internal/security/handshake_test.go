package security

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/vectors"
)

func TestHandshakes(t *testing.T) {
	v := loadKnown(t)
	for name, sides := range v.mechanisms() {
		client, server := sides[0](t), sides[1](t)
		talk(t, client, server)
		c, s := client.Result(), server.Result()
		if c.Version != wire.V31 || c.PeerType != "ROUTER" || c.Mechanism != name || len(c.PeerIdentity) != 0 {
			t.Errorf("%s: the client found %+v", name, c)
		}
		if s.Version != wire.V31 || s.PeerType != "DEALER" || s.Mechanism != name || string(s.PeerIdentity) != "kat-1" {
			t.Errorf("%s: the server found %+v", name, s)
		}
		if sealed := name == "CURVE"; (c.Sealer != nil) != sealed || (s.Sealer != nil) != sealed {
			t.Errorf("%s: sealers %v and %v", name, c.Sealer, s.Sealer)
		}
	}
}

// TestSlicing feeds both sides their recorded peer in pieces of many sizes, and
// each true beginning of it: the result is the same, or not yet there.
func TestSlicing(t *testing.T) {
	v := loadKnown(t)
	for name, sides := range v.mechanisms() {
		fromClient, fromServer := talk(t, sides[0](t), sides[1](t))
		for side, stream := range [2][]byte{fromServer, fromClient} {
			sizes := []int{1, 2, 3, 7, 64, 65, len(stream), len(stream) + 7}
			var want string
			for _, size := range sizes {
				h := sides[side](t)
				traffic := append(bytes.Clone(stream), "traffic"...)
				n := 0
				for n < len(traffic) && h.Phase() != wire.Ready {
					k, err := listen(h, traffic[n:min(n+size, len(traffic))])
					if n += k; err != nil {
						t.Fatalf("%s, side %d, pieces of %d: %v", name, side, size, err)
					}
				}
				r := h.Result()
				r.Sealer = nil
				got := fmt.Sprintf("%v %+v %x", h.Phase(), r, h.Output())
				if want == "" {
					want = got
				}
				if got != want || n != len(stream) {
					t.Errorf("%s, side %d, pieces of %d: %d of %d bytes, %s, want %s", name, side, size, n, len(stream), got, want)
				}
			}
		}
	}
}

func TestPrefixes(t *testing.T) {
	v := loadKnown(t)
	for name, sides := range v.mechanisms() {
		fromClient, fromServer := talk(t, sides[0](t), sides[1](t))
		for side, stream := range [2][]byte{fromServer, fromClient} {
			for n := range len(stream) {
				h := sides[side](t)
				if _, err := listen(h, stream[:n]); err != nil || h.Phase() == wire.Ready {
					t.Errorf("%s, side %d, %d of %d bytes: phase %v, %v", name, side, n, len(stream), h.Phase(), err)
				}
			}
		}
	}
}

// ignored reports whether a bit of a greeting may change without consequences:
// the padding, the minor and greater major versions, the role and the filler.
func ignored(offset int, bit byte) bool {
	switch {
	case offset >= 1 && offset <= 8, offset == 9 && bit != 1, offset >= 32 && offset < 64:
		return true
	case offset == 10, offset == 11:
		return true
	}
	return false
}

// TestBitFlips turns each bit of a CURVE handshake, one at a time, both ways. Who
// receives it is never Ready, unless it was a bit of the greeting that means
// nothing, and then all it found out is true.
func TestBitFlips(t *testing.T) {
	v := loadKnown(t)
	sides := v.mechanisms()["CURVE"]
	fromClient, fromServer := talk(t, sides[0](t), sides[1](t))
	types := [2]string{"ROUTER", "DEALER"}
	turned, idle := 0, 0
	for side, stream := range [2][]byte{fromServer, fromClient} {
		for offset := range stream {
			for i := offset % everyBit; i < 8; i += everyBit {
				bit := byte(1) << i
				flipped := bytes.Clone(stream)
				flipped[offset] ^= bit
				h := sides[side](t)
				_, err := listen(h, flipped)
				if turned++; h.Phase() == wire.Ready {
					idle++
				}
				switch {
				case h.Phase() != wire.Ready:
				case !ignored(offset, bit):
					t.Errorf("side %d is ready in spite of bit %#02x at %d", side, bit, offset)
				case err != nil || h.Result().PeerType != types[side]:
					t.Errorf("side %d, bit %#02x at %d: %v, %+v", side, bit, offset, err, h.Result())
				}
			}
		}
	}
	if !t.Failed() {
		ztest.Record(t, "A2", "bits of a handshake", "%d turned, one at a time: %d are refused, %d are of the greeting and mean nothing", turned, turned-idle, idle)
	}
}

// TestStateTable gives each side of each mechanism, in each state it goes
// through, every command there is, in the form that would be right at its time.
// Exactly the command that comes next advances it, and ERROR ends a client: where a
// server sends it, which one of CURVE does only after INITIATE. Before WELCOME an ERROR
// is anybody's.
func TestStateTable(t *testing.T) {
	v := loadKnown(t)
	cells, taken := 0, 0
	for name, sides := range v.mechanisms() {
		fromClient, fromServer := talk(t, sides[0](t), sides[1](t))
		bodies := commands(t, fromClient)
		maps.Copy(bodies, commands(t, fromServer))
		// Commands that this mechanism does not have come in another's form.
		for command, body := range map[string]string{
			"HELLO": wire.NameHello + "\x00\x00", "WELCOME": wire.NameWelcome, "INITIATE": wire.NameInitiate,
			"ERROR": "\x05ERROR\x03400", "MESSAGE": wire.NameMessage, "PING": "\x04PING\x00\x00", "PONG": "\x04PONG",
			"SUBSCRIBE": "\x09SUBSCRIBE", "CANCEL": "\x06CANCEL", "JOIN": "\x04JOINg", "LEAVE": "\x05LEAVEg", "?": "\x01?",
		} {
			if _, ok := bodies[command]; !ok {
				bodies[command] = []byte(body)
			}
		}
		// What each side takes, in its order.
		client, server := []string{"WELCOME", "READY"}, []string{"HELLO", "INITIATE"}
		if name == "NULL" {
			client, server = []string{"READY"}, []string{"READY"}
		}
		greetings := [2][]byte{fromServer[:64], fromClient[:64]}
		for side, order := range [2][]string{client, server} {
			for state, legal := range order {
				for command, body := range bodies {
					h := sides[side](t)
					past := bytes.Clone(greetings[side])
					for _, done := range order[:state] {
						past = append(past, frame(bodies[done])...)
					}
					if _, err := listen(h, past); err != nil || h.Phase() != wire.Handshaking {
						t.Fatalf("%s, side %d, state %d: %v, %v", name, side, state, h.Phase(), err)
					}
					h.Output()
					_, err := listen(h, frame(body))
					cell := fmt.Sprintf("%s, side %d, waiting for %s, got %s", name, side, legal, command)
					refusal := command == "ERROR" && (side == 0 || name == "NULL") && (name != "CURVE" || legal != "WELCOME")
					checkCell(t, cell, h, err, command == legal, refusal)
					if cells++; command == legal || refusal {
						taken++
					}
				}
			}
		}
	}
	if !t.Failed() {
		ztest.Record(t, "A5", "state table", "%d cells of three mechanisms and both sides: %d are taken, the others end the handshake", cells, taken)
	}
}

func checkCell(t *testing.T, cell string, h *wire.Handshake, err error, legal, refusal bool) {
	t.Helper()
	var auth *wire.AuthError
	switch {
	case legal:
		if err != nil || h.Phase() == wire.Failed {
			t.Errorf("%s: %v, phase %v", cell, err, h.Phase())
		}
	case refusal:
		if !errors.As(err, &auth) || auth.Status != "400" {
			t.Errorf("%s: %v, want the status", cell, err)
		}
	default:
		if codeOf(err) != wire.CodeUnexpectedCommand || h.Phase() != wire.Failed || h.Output() != nil {
			t.Errorf("%s: %v, phase %v", cell, err, h.Phase())
		}
	}
}

// TestNothingWhileWaiting checks that no byte is taken while the authenticator
// thinks, or after the end.
func TestNothingWhileWaiting(t *testing.T) {
	v := loadKnown(t)
	for name, sides := range v.mechanisms() {
		fromClient, _ := talk(t, sides[0](t), sides[1](t))
		h := sides[1](t)
		n, err := h.Feed(fromClient)
		if err != nil || h.Phase() != wire.Waiting {
			t.Fatalf("%s: %v, %v", name, h.Phase(), err)
		}
		for range 2 {
			if k, err := h.Feed(fromClient[n:]); k != 0 || err != nil {
				t.Errorf("%s: took %d bytes, %v", name, k, err)
			}
		}
		if _, err := listen(h, fromClient[n:]); err != nil || h.Phase() != wire.Ready {
			t.Fatalf("%s: %v, %v", name, h.Phase(), err)
		}
		if k, err := h.Feed(fromClient); k != 0 || err != nil {
			t.Errorf("%s: took %d bytes after the end, %v", name, k, err)
		}
	}
}

// TestRefusal lets each server refuse, and its client hear of it.
func TestRefusal(t *testing.T) {
	v := loadKnown(t)
	for name, sides := range v.mechanisms() {
		fromClient, _ := talk(t, sides[0](t), sides[1](t))
		for _, status := range []string{"400", "500", "300", "", "20", "2000"} {
			server := sides[1](t)
			if _, err := server.Feed(fromClient); err != nil || server.Phase() != wire.Waiting {
				t.Fatalf("%s: %v, %v", name, server.Phase(), err)
			}
			said := server.Output()
			var refused *wire.RefusedError
			if err := server.Decide(wire.Decision{Status: status}); !errors.As(err, &refused) || refused.Status != status {
				t.Errorf("%s %q: %v", name, status, err)
			}
			want := ""
			if status == "400" || status == "500" {
				want = "\x04\x0a\x05ERROR\x03" + status
			}
			answer := server.Output()
			if string(answer) != want || server.Phase() != wire.Failed {
				t.Errorf("%s %q: answered %q, want %q", name, status, answer, want)
			}
			if want == "" {
				continue
			}
			client := sides[0](t)
			var auth *wire.AuthError
			if _, err := client.Feed(append(said, answer...)); !errors.As(err, &auth) || auth.Status != status {
				t.Errorf("%s %q: the client says %v", name, status, err)
			}
		}
	}
}

// TestRefusalByLibzmq: in PLAIN, libzmq spells ERROR in its own way, and understands
// no other. It is known by its greeting.
func TestRefusalByLibzmq(t *testing.T) {
	v := loadKnown(t)
	const misspelt = "\x04\x09^RROR\x03400"
	for name, sides := range v.mechanisms() {
		fromClient, fromServer := talk(t, sides[0](t), sides[1](t))
		fromClient[8], fromServer[8] = 1, 1 // the greeting of libzmq
		server := sides[1](t)
		if _, err := server.Feed(fromClient); err != nil || server.Phase() != wire.Waiting {
			t.Fatalf("%s: %v, %v", name, server.Phase(), err)
		}
		server.Output()
		_ = server.Decide(wire.Decision{Status: "400"})
		want := "\x04\x0a\x05ERROR\x03400"
		if name == "PLAIN" {
			want = misspelt
		}
		if got := string(server.Output()); got != want {
			t.Errorf("%s: answered %q, want %q", name, got, want)
		}
		client := sides[0](t)
		var auth *wire.AuthError
		_, err := client.Feed(append(fromServer[:64:64], misspelt...))
		if understood := errors.As(err, &auth) && auth.Status == "400"; understood != (name == "PLAIN") || client.Phase() != wire.Failed {
			t.Errorf("%s: the client says %v to %q", name, err, misspelt)
		}
	}
	// A server takes it from nobody.
	server := v.mechanisms()["PLAIN"][1](t)
	_, err := server.Feed(append(vectors.Bytes(t, v.Frames["greeting_plain_server"]), misspelt...))
	if codeOf(err) != wire.CodeUnexpectedCommand {
		t.Errorf("the server says %v", err)
	}
}

func TestNullAsksFirst(t *testing.T) {
	h := router(NewNull(true))
	v := loadKnown(t)
	if _, err := h.Feed(vectors.Bytes(t, v.Frames["greeting_null_3_1"])); err != nil || h.Phase() != wire.Waiting {
		t.Fatalf("%v, %v", h.Phase(), err)
	}
	if out := h.Output(); len(out) != 64 {
		t.Fatalf("said %x before the decision", out)
	}
	if c := h.Credentials(); c.Mechanism != "NULL" || c.Username != nil || c.PublicKey != nil {
		t.Errorf("credentials %v", c)
	}
}

func TestPlainVectors(t *testing.T) {
	v := loadKnown(t)
	client, err := NewPlainClient("admin", "secret")
	if err != nil {
		t.Fatal(err)
	}
	c := wire.NewHandshake(wire.Config{SocketType: "DEALER", Mechanism: client})
	s := router(NewPlainServer())
	fromClient, fromServer := talk(t, c, s)
	want := vectors.Bytes(t, v.Frames["plain_hello_admin_secret"]+v.Frames["plain_initiate"])
	if !bytes.Equal(fromClient[64:], want) {
		t.Errorf("client said %x, want %x", fromClient[64:], want)
	}
	want = append(vectors.Bytes(t, v.Frames["plain_welcome"]), frame([]byte("\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER\x08Identity\x00\x00\x00\x00"))...)
	if !bytes.Equal(fromServer[64:], want) {
		t.Errorf("server said %x, want %x", fromServer[64:], want)
	}
}

func TestPlainHello(t *testing.T) {
	v := loadKnown(t)
	greeting := vectors.Bytes(t, v.Frames["greeting_plain_server"]) // nobody checks the role in it
	for _, name := range []string{"plain_hello_user_overrun", "plain_hello_trailing"} {
		h := router(NewPlainServer())
		_, err := h.Feed(append(bytes.Clone(greeting), vectors.Bytes(t, v.Reject[name])...))
		if codeOf(err) != wire.CodeMalformedHello {
			t.Errorf("%s: %v, want code %#x", name, err, wire.CodeMalformedHello)
		}
	}
	h := router(NewPlainServer())
	hello := vectors.Bytes(t, v.Reject["plain_hello_empty_creds_must_reach_authenticator_and_be_denied_by_default"])
	if _, err := h.Feed(append(bytes.Clone(greeting), hello...)); err != nil || h.Phase() != wire.Waiting {
		t.Fatalf("empty credentials: %v, %v", h.Phase(), err)
	}
	if c := h.Credentials(); c.Username == nil || c.Password == nil || len(c.Username)+len(c.Password) != 0 {
		t.Errorf("empty credentials: %q %q", c.Username, c.Password)
	}
	if err := h.Decide(wire.Decision{}); err == nil || h.Phase() != wire.Failed {
		t.Errorf("zero decision: %v, %v", err, h.Phase())
	}
}

func TestPlainBounds(t *testing.T) {
	long := strings.Repeat("x", 256)
	for _, c := range [][2]string{{long, ""}, {"", long}} {
		if _, err := NewPlainClient(c[0], c[1]); !errors.Is(err, ErrCredentials) {
			t.Errorf("%v, want %v", err, ErrCredentials)
		}
	}
	client, err := NewPlainClient(long[1:], long[1:])
	if err != nil {
		t.Fatal(err)
	}
	fromClient, _ := talk(t, dealer(client), router(NewPlainServer()))
	if hello := commands(t, fromClient)["HELLO"]; len(hello) != 6+2*256 {
		t.Errorf("HELLO of %d bytes", len(hello))
	}
	if !slices.Equal(client.hello, make([]byte, len(client.hello))) {
		t.Error("the password outlived the handshake")
	}
}

func TestPlainWelcomeHasNoData(t *testing.T) {
	v := loadKnown(t)
	sides := v.mechanisms()["PLAIN"]
	_, fromServer := talk(t, sides[0](t), sides[1](t))
	h := sides[0](t)
	_, err := h.Feed(append(bytes.Clone(fromServer[:64]), frame([]byte(wire.NameWelcome+"x"))...))
	if codeOf(err) != wire.CodeMalformedWelcome {
		t.Errorf("%v, want code %#x", err, wire.CodeMalformedWelcome)
	}
}

// TestSameRoles lets two clients, and two servers, meet.
func TestSameRoles(t *testing.T) {
	v := loadKnown(t)
	for _, name := range []string{"PLAIN", "CURVE"} {
		client := v.mechanisms()[name][0]
		a, b := client(t), client(t)
		b.Feed(a.Output())
		if _, err := a.Feed(b.Output()); codeOf(err) != wire.CodeUnexpectedCommand {
			t.Errorf("%s: two clients: %v, want code %#x", name, err, wire.CodeUnexpectedCommand)
		}
		server := v.mechanisms()[name][1]
		c, d := server(t), server(t)
		d.Feed(c.Output())
		if _, err := c.Feed(d.Output()); err != nil || c.Phase() != wire.Handshaking || c.Output() != nil {
			t.Errorf("%s: two servers: %v, %v, want silence", name, c.Phase(), err)
		}
	}
}

func TestNothingPrintsSecrets(t *testing.T) {
	v := loadKnown(t)
	pair := v.pair(t, "server_long_term")
	client, err := NewPlainClient("admin", "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	curveClient, err := NewCurveClient(pair, v.key(t, "client_long_term_public"), v.clientRand(t))
	if err != nil {
		t.Fatal(err)
	}
	box := newCurveBox(v.key(t, "session_key_beforenm"), nonceClient, nonceServer, 1, math.MaxUint64)
	for _, secret := range []any{client, NewPlainServer(), NewCurveServer(pair, nil), curveClient, pair, *pair, box} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			if got := fmt.Sprintf(verb, secret); got != redacted {
				t.Errorf("%T under %s prints %s", secret, verb, got)
			}
			if got := fmt.Sprintf(verb, struct{ Field any }{secret}); strings.Contains(got, "hunter2") || !strings.Contains(got, redacted) {
				t.Errorf("%T in a struct under %s prints %s", secret, verb, got)
			}
		}
	}
}
