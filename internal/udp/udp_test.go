package udp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Datagrams as libzmq lays them out: the length of the group, the group, the body.
var datagrams = []struct{ group, body, hex string }{
	{"TV", "Friends", "02545646726965 6e6473"},
	{"", "x", "0078"},
	{"g", "", "0167"},
	{"", "", "00"},
	{strings.Repeat("G", 255), "b", "ff" + strings.Repeat("47", 255) + "62"},
}

func TestGroupDatagram(t *testing.T) {
	for _, tt := range datagrams {
		want, err := hex.DecodeString(strings.ReplaceAll(tt.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		got, err := AppendGroup([]byte("before"), []byte(tt.group), []byte(tt.body))
		if err != nil || !bytes.Equal(got, append([]byte("before"), want...)) {
			t.Errorf("%q, %q: %x, %v", tt.group, tt.body, got, err)
		}
		group, body, err := ParseGroup(want)
		if err != nil || string(group) != tt.group || string(body) != tt.body {
			t.Errorf("%x: %q, %q, %v", want, group, body, err)
		}
		for n := range 1 + len(tt.group) {
			if _, _, err := ParseGroup(want[:n]); err == nil {
				t.Errorf("%d bytes of %x were taken", n, want)
			}
		}
	}
}

func TestGroupDatagramLimits(t *testing.T) {
	for _, tt := range []struct {
		group, body int
		ok          bool
	}{{0, 8191, true}, {0, 8192, false}, {255, 7936, true}, {255, 7937, false}, {256, 0, false}} {
		_, err := AppendGroup(nil, make([]byte, tt.group), make([]byte, tt.body))
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d and %d bytes: %v", tt.group, tt.body, err)
		}
	}
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:5555": "127.0.0.1:5555", "127.0.0.1:5555\x00": "127.0.0.1:5555", "[::1]:9": "[::1]:9",
		"": "", "127.0.0.1": "", "127.0.0.1:": "", "127.0.0.1:0": "", "127.0.0.1:65536": "", "host:1": "",
		"127.0.0.1:5\x00\x00": "", "300.0.0.1:5": "", ":5": "",
	} {
		got, err := ParseAddress([]byte(text))
		if err == nil && got.String() != want || err != nil && (want != "" || !errors.Is(err, ErrAddress)) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func FuzzGroupDatagram(f *testing.F) {
	for _, tt := range datagrams {
		b, _ := hex.DecodeString(strings.ReplaceAll(tt.hex, " ", ""))
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		group, body, err := ParseGroup(b)
		if err != nil || len(b) > MaxDatagram {
			return
		}
		if again, err := AppendGroup(nil, group, body); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x became %x: %v", b, again, err)
		}
	})
}
