package wire

import (
	"errors"
	"strings"
	"testing"
)

// listening is a NULL handshake of a listener that holds its READY back and has had
// the peer's greeting.
func listening(t *testing.T) *Handshake {
	t.Helper()
	cfg := dealer(nullScript())
	cfg.HoldReady = true
	h := NewHandshake(cfg)
	if _, err := h.Feed([]byte(greeting3 + nullTail)); err != nil {
		t.Fatal(err)
	}
	h.Output() // the greeting
	return h
}

// A listener is the last to say READY: whoever has not heard it has sent no message.
func TestHoldReady(t *testing.T) {
	h := listening(t)
	if out := h.Output(); len(out) != 0 || !h.Holds() || h.Phase() != Handshaking {
		t.Fatalf("said %q before the peer's READY, holds %v, phase %v", out, h.Holds(), h.Phase())
	}
	if _, err := h.Feed([]byte(readyFrame)); err != nil || h.Phase() != Ready || h.Holds() {
		t.Fatalf("%v, phase %v", err, h.Phase())
	}
	if out := string(h.Output()); out[:8] != "\x04"+string(out[1])+NameReady {
		t.Errorf("said %q after the peer's READY", out)
	}
}

// A peer that waits for our READY gets it, and once.
func TestHurry(t *testing.T) {
	h := listening(t)
	h.Hurry()
	h.Hurry()
	out := string(h.Output())
	if len(out) < 8 || out[2:8] != NameReady || h.Holds() {
		t.Fatalf("said %q when hurried", out)
	}
	if _, err := h.Feed([]byte(readyFrame)); err != nil || h.Phase() != Ready {
		t.Fatalf("%v, phase %v", err, h.Phase())
	}
	if out := h.Output(); len(out) != 0 {
		t.Errorf("said READY twice: %q", out)
	}
}

// A peer whose type does not fit is told ours: it has to learn why it is turned away.
func TestHoldReadyTellsTheIncompatible(t *testing.T) {
	h := listening(t)
	_, err := h.Feed(AppendCommand(nil, AppendProperty([]byte(NameReady), propSocketType, []byte("PUB"))))
	if !errors.Is(err, ErrIncompatible) {
		t.Fatal(err)
	}
	if out := string(h.Output()); len(out) < 8 || out[2:8] != NameReady {
		t.Errorf("said %q", out)
	}
}

// Only NULL has a READY to hold: a side of PLAIN that awaits READY says INITIATE.
func TestHoldReadyIsOfNull(t *testing.T) {
	m := &script{name: "PLAIN", steps: []Step{
		{Send: []byte(NameHello), Await: AwaitWelcome}, {Send: []byte(NameInitiate), Await: AwaitReady}, {Await: Done},
	}}
	cfg := dealer(m)
	cfg.HoldReady = true
	h := NewHandshake(cfg)
	greeting := strings.Replace(greeting3+nullTail, "NULL\x00", "PLAIN", 1)
	if _, err := h.Feed([]byte(greeting + "\x04\x08" + NameWelcome)); err != nil {
		t.Fatal(err)
	}
	if out := string(h.Output()); h.Holds() || len(out) < 9 || out[len(out)-9:] != NameInitiate {
		t.Errorf("said %q, holds %v", out, h.Holds())
	}
}
