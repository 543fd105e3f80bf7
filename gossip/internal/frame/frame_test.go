package frame

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// golden are messages as libczmq 4.2.1 puts them on the wire, and the same with
// zactor's trailer.
var golden = []struct {
	name, hex string
	m         Message
}{
	{"hello", "aaa00101", Message{Kind: Hello}},
	{"publish", "aaa00201046b6579310000000676616c75653100000000", Message{Kind: Publish, Key: "key1", Value: "value1"}},
	{"publish inproc", "aaa002010a696e70726f632d6b65790000000476616c3000000000", Message{Kind: Publish, Key: "inproc-key", Value: "val0"}},
	{"publish ttl", "aaa00201016b00000001760000ea60", Message{Kind: Publish, Key: "k", Value: "v", TTL: 60000}},
	{"publish empty", "aaa00201016b0000000000000000", Message{Kind: Publish, Key: "k"}},
	{"ping", "aaa00301", Message{Kind: Ping}},
	{"pong", "aaa00401", Message{Kind: Pong}},
	{"invalid", "aaa00501", Message{Kind: Invalid}},
	{"our hello", "aaa001015a5801000123456789abcdef", Message{Kind: Hello, Ours: true, Number: 0x0123456789abcdef}},
	{"our publish", "aaa00201016b000000017600000000" + "5a5801000006445bf0b1c200", Message{Kind: Publish, Key: "k", Value: "v", Ours: true, Number: 0x6445bf0b1c200}},
	{"our deletion", "aaa00201016b00000000000927c0" + "5a5801010000000000000007", Message{Kind: Publish, Key: "k", TTL: 600000, Ours: true, Deleted: true, Number: 7}},
	{"our ping", "aaa003015a5801000000000000000001", Message{Kind: Ping, Ours: true, Number: 1}},
	{"our pong", "aaa004015a580100ffffffffffffffff", Message{Kind: Pong, Ours: true, Number: 1<<64 - 1}},
	{"our invalid", "aaa005015a5801000000000000000000", Message{Kind: Invalid, Ours: true}},
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	for _, c := range golden {
		b := unhex(t, c.hex)
		if m, err := Parse([][]byte{b}); err != nil || m != c.m {
			t.Errorf("%s: parsed %+v, %v, want %+v", c.name, m, err, c.m)
		}
		if out, err := c.m.Append([]byte("x")); err != nil || !bytes.Equal(out, append([]byte("x"), b...)) {
			t.Errorf("%s: wrote %x, %v, want %x", c.name, out, err, b)
		}
	}
}

// What follows a message is for versions that do not exist yet: it changes nothing.
func TestTrailing(t *testing.T) {
	for _, c := range golden {
		b := append(unhex(t, c.hex), "something"...)
		if m, err := Parse([][]byte{b}); err != nil || m != c.m {
			t.Errorf("%s: parsed %+v, %v, want %+v", c.name, m, err, c.m)
		}
		if _, err := Parse([][]byte{append(b, make([]byte, MaxTrailer)...)}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: more than %d bytes after it were taken", c.name, MaxTrailer)
		}
	}
}

// A message is whole or refused; only the trailer can be cut off.
func TestTruncated(t *testing.T) {
	for _, c := range golden {
		whole := unhex(t, c.hex)
		fields := len(whole)
		if c.m.Ours {
			fields -= trailerSize
		}
		for n := range whole {
			m, err := Parse([][]byte{whole[:n]})
			switch {
			case n < fields && !errors.Is(err, ErrMalformed):
				t.Errorf("%s: %d of %d bytes: %+v, %v", c.name, n, len(whole), m, err)
			case n >= fields && (err != nil || m.Ours || m.Kind != c.m.Kind):
				t.Errorf("%s: %d of %d bytes: %+v, %v", c.name, n, len(whole), m, err)
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"signature":      "aaa10101",
		"version":        "aaa00102",
		"id 0":           "aaa00001",
		"id 6":           "aaa00601",
		"no key":         "aaa00201" + "00" + "0000000176" + "00000000",
		"huge value":     "aaa00201" + "016b" + "ffffffff" + "00000000",
		"zero in key":    "aaa00201" + "0100" + "0000000176" + "00000000",
		"zero in value":  "aaa00201" + "016b" + "0000000100" + "00000000",
		"deleted, value": "aaa00201016b000000017600000000" + "5a5801010000000000000007",
	} {
		if m, err := Parse([][]byte{unhex(t, text)}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	for _, frames := range [][][]byte{nil, {unhex(t, "aaa00101"), {}}} {
		if _, err := Parse(frames); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d frames: %v", len(frames), err)
		}
	}
}

func TestCannotBeSaid(t *testing.T) {
	for name, m := range map[string]Message{
		"no key":        {Kind: Publish, Value: "v"},
		"long key":      {Kind: Publish, Key: strings.Repeat("k", 256)},
		"zero in key":   {Kind: Publish, Key: "a\x00b"},
		"zero in value": {Kind: Publish, Key: "k", Value: "\x00"},
	} {
		if b, err := m.Append(nil); !errors.Is(err, ErrInvalid) || len(b) > 0 {
			t.Errorf("%s: %x, %v", name, b, err)
		}
	}
	if _, err := (&Message{Kind: 6}).Append(nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("kind 6: %v", err)
	}
}

func TestKindNames(t *testing.T) {
	if Invalid.String() != "INVALID" || Kind(9).String() != "message 9" || Kind(0).String() != "message 0" {
		t.Errorf("%v %v %v", Invalid, Kind(9), Kind(0))
	}
}

// Whatever is taken can be said again, and is then the same.
func FuzzParse(f *testing.F) {
	for _, c := range golden {
		f.Add(unhex(f, c.hex))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse([][]byte{b})
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("%v", err)
			}
			return
		}
		out, err := m.Append(nil)
		if err != nil {
			t.Fatalf("%+v was read and can't be written: %v", m, err)
		}
		if !bytes.HasPrefix(b, out) && !m.Ours {
			t.Fatalf("%x was read, and %x written", b, out)
		}
		if again, err := Parse([][]byte{out}); err != nil || again != m {
			t.Fatalf("%+v became %+v, %v", m, again, err)
		}
	})
}
