package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// waiting returns a server that waits for a decision about a PLAIN user, and
// its mechanism, which goes on to READY.
func waiting(t *testing.T) (*Handshake, *script) {
	t.Helper()
	user := Credentials{Mechanism: "PLAIN", Username: []byte("admin"), Password: []byte("hunter2")}
	m := &script{name: "NULL", steps: []Step{
		{Await: AwaitHello},
		{Await: AwaitDecision, Credentials: user},
		{Send: []byte(NameWelcome), Await: AwaitReady},
		{Await: Done},
	}}
	h := NewHandshake(dealer(m))
	input := greeting3 + nullTail + "\x04\x06\x05HELLO"
	n, err := h.Feed([]byte(input + "rest"))
	if n != len(input) || err != nil || h.Phase() != Waiting {
		t.Fatalf("Feed = %d, %v in phase %v, want %d", n, err, h.Phase(), len(input))
	}
	if n, err := h.Feed([]byte("rest")); n != 0 || err != nil {
		t.Fatalf("Feed while waiting = %d, %v", n, err)
	}
	clear(user.Password) // as the mechanism may
	h.Output()
	return h, m
}

func TestAllow(t *testing.T) {
	for _, d := range []Decision{{Allow: true}, {Allow: true, Status: "200"}} {
		h, m := waiting(t)
		if c := h.Credentials(); string(c.Username) != "admin" || string(c.Password) != "hunter2" {
			t.Errorf("credentials %q %q", c.Username, c.Password)
		}
		if err := h.Decide(d); err != nil || h.Phase() != Handshaking || string(h.Output()) != "\x04\x08"+NameWelcome {
			t.Fatalf("%+v: %v, phase %v", d, err, h.Phase())
		}
		if h.Credentials().Password != nil {
			t.Error("credentials are kept after the decision")
		}
		if n, err := h.Feed([]byte(readyFrame + "traffic")); n != len(readyFrame) || err != nil || h.Phase() != Ready {
			t.Fatalf("Feed = %d, %v, phase %v", n, err, h.Phase())
		}
		if m.closed != 1 {
			t.Errorf("mechanism closed %d times", m.closed)
		}
		if err := h.Decide(d); !errors.Is(err, ErrNotWaiting) {
			t.Errorf("second decision: %v", err)
		}
	}
}

func TestRefuse(t *testing.T) {
	tests := []struct {
		d    Decision
		want string
	}{
		{Decision{}, ""},
		{Decision{Status: "400"}, "\x04\x0a\x05ERROR\x03400"},
		{Decision{Status: "500"}, "\x04\x0a\x05ERROR\x03500"},
		{Decision{Status: "300"}, ""},
		{Decision{Status: "200"}, ""},
		{Decision{Allow: true, Status: "400"}, "\x04\x0a\x05ERROR\x03400"},
		{Decision{Allow: true, Status: "2000"}, ""},
		{Decision{Allow: true, Status: "20"}, ""},
	}
	for _, tt := range tests {
		h, m := waiting(t)
		err := h.Decide(tt.d)
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Status != tt.d.Status || h.Phase() != Failed || m.closed != 1 {
			t.Errorf("%+v: %v, phase %v", tt.d, err, h.Phase())
		}
		if got := string(h.Output()); got != tt.want {
			t.Errorf("%+v: output %q, want %q", tt.d, got, tt.want)
		}
		if _, again := h.Feed([]byte(readyFrame)); !errors.As(again, &refused) {
			t.Errorf("%+v: Feed after the refusal: %v", tt.d, again)
		}
	}
}

func TestClose(t *testing.T) {
	h, m := waiting(t)
	h.Close()
	h.Close()
	if _, err := h.Feed([]byte("x")); !errors.Is(err, ErrHandshakeClosed) || h.Phase() != Failed || m.closed != 1 {
		t.Errorf("%v, phase %v, closed %d times", err, h.Phase(), m.closed)
	}
	ready := NewHandshake(dealer(nullScript()))
	if _, err := ready.Feed([]byte(greeting3 + nullTail + readyFrame)); err != nil {
		t.Fatal(err)
	}
	if ready.Close(); ready.Phase() != Ready {
		t.Error("Close undid a finished handshake")
	}
}

// TestBufferIsCleared looks for what passed through the buffer.
func TestBufferIsCleared(t *testing.T) {
	m := &script{name: "NULL", steps: []Step{{Await: AwaitHello}, {Await: AwaitDecision}}}
	h := NewHandshake(dealer(m))
	if _, err := feedAll(h, []byte(greeting3+nullTail+"\x04\x0d\x05HELLOhunter2"), 1); err != nil || h.Phase() != Waiting {
		t.Fatalf("%v, %v", h.Phase(), err)
	}
	if strings.Contains(string(h.buf[:cap(h.buf)]), "hunter2") {
		t.Error("the credentials stay in the buffer")
	}
}

// TestDoneWithoutMetadata has a mechanism that ends although the peer never said
// what it is.
func TestDoneWithoutMetadata(t *testing.T) {
	m := &script{name: "NULL", steps: []Step{{Await: AwaitDecision}, {Await: Done}}}
	h := NewHandshake(dealer(m))
	if _, err := h.Feed([]byte(greeting3 + nullTail)); err != nil {
		t.Fatal(err)
	}
	if err := h.Decide(Decision{Allow: true}); codeOf(err) != CodeInvalidMetadata || h.Phase() != Failed {
		t.Errorf("%v, phase %v", err, h.Phase())
	}
}

func TestMechanismFails(t *testing.T) {
	m := nullScript()
	m.fail = errScript
	h := NewHandshake(dealer(m))
	_, err := h.Feed([]byte(greeting3 + nullTail + readyFrame))
	if !errors.Is(err, errScript) || h.Phase() != Failed {
		t.Errorf("%v, phase %v", err, h.Phase())
	}
}

// TestNothingPrintsSecrets prints everything that holds credentials in all ways.
func TestNothingPrintsSecrets(t *testing.T) {
	h, _ := waiting(t)
	c := h.Credentials()
	asJSON, err := json.Marshal(map[string]any{"c": c, "p": &c})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	logger.Info("x", "c", c, "p", &c)
	var all []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		all = append(all, fmt.Sprintf(verb+verb+verb+verb, c, &c, h, []any{c, struct{ C Credentials }{c}}))
	}
	all = append(all, c.String(), string(asJSON), log.String())
	for _, text := range all {
		for _, secret := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), "104 117 110 116"} {
			if strings.Contains(text, secret) {
				t.Errorf("the password shows in %q", text)
			}
		}
	}
	if c.String() != `PLAIN user "admin" password [redacted]` {
		t.Errorf("String() = %q", c.String())
	}
	key := Credentials{Mechanism: "CURVE", PublicKey: make([]byte, 32)}
	if key.String() != "CURVE key 66687aadf862bd77" { // SHA-256 of 32 zeros
		t.Errorf("String() = %q", key.String())
	}
}

func TestQuote(t *testing.T) {
	if got := Quote([]byte("a\x1b\"\n\xff")); got != `"a\x1b\"\n\xff"` {
		t.Errorf("Quote = %s", got)
	}
	for _, unit := range []string{"a", "\xff", "\x00", "é", "\U0010ffff", `"`} {
		for n := range 300 {
			if got := Quote([]byte(strings.Repeat(unit, n))); len(got) > 255 {
				t.Errorf("%d times %q: %d bytes", n, unit, len(got))
			}
		}
	}
}
