// Package vectors has known bytes of ZMTP and CURVE: what is right, and what must be
// refused. They stand in vectors.json once, for the tests of wire, security and zmq.
package vectors

import (
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"testing"
)

//go:embed vectors.json
var raw []byte

// Vectors are all of them, in hex.
type Vectors struct {
	Curve struct {
		Keys     map[string]string `json:"keys"`
		Nonces   map[string]any    `json:"nonces"`
		Commands map[string]string `json:"commands"`
		Reject   map[string]struct {
			Hex string `json:"hex"`
		} `json:"must_reject"`
	} `json:"curve"`
	Frames  map[string]string `json:"zmtp_frames"`
	Reject  map[string]string `json:"zmtp_must_reject"`
	Special map[string]string `json:"zmtp_special"`
}

// Load reads them.
func Load(tb testing.TB) *Vectors {
	tb.Helper()
	v := new(Vectors)
	if err := json.Unmarshal(raw, v); err != nil {
		tb.Fatal(err)
	}
	return v
}

// Bytes are those of a text in hex; a vector that is not there has none, which fails.
func Bytes(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(text)
	if err != nil || len(b) == 0 {
		tb.Fatalf("vector %.20q: %v", text, err)
	}
	return b
}

// Named is a vector by name.
func Named(tb testing.TB, from map[string]string, name string) []byte {
	tb.Helper()
	if _, ok := from[name]; !ok {
		tb.Fatalf("no vector %q", name)
	}
	return Bytes(tb, from[name])
}

// Key is a key of CURVE, such as "server_long_term_secret".
func (v *Vectors) Key(tb testing.TB, name string) []byte {
	tb.Helper()
	return Named(tb, v.Curve.Keys, name)
}

// Nonce is a nonce of CURVE.
func (v *Vectors) Nonce(tb testing.TB, name string) []byte {
	tb.Helper()
	text, _ := v.Curve.Nonces[name].(string)
	return Bytes(tb, text)
}

// Command is the body of a command of CURVE.
func (v *Vectors) Command(tb testing.TB, name string) []byte {
	tb.Helper()
	return Named(tb, v.Curve.Commands, name)
}

// Bad is the body of a command of CURVE that must be refused.
func (v *Vectors) Bad(tb testing.TB, name string) []byte {
	tb.Helper()
	return Bytes(tb, v.Curve.Reject[name].Hex)
}
