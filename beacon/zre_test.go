package beacon

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

type zreVectors struct {
	Hello  string   `json:"v1_22_bytes"`
	Bye    string   `json:"v1_bye_port_0"`
	Curve  string   `json:"v3_54_bytes"`
	Ignore []string `json:"must_ignore"`
}

func loadZRE(t testing.TB) zreVectors {
	t.Helper()
	text, err := os.ReadFile("testdata/zre_beacon.json")
	if err != nil {
		t.Fatal(err)
	}
	var v zreVectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var exampleUUID = [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

func exampleKey() (key [32]byte) {
	for i := range key {
		key[i] = 0xA0 + byte(i)
	}
	return key
}

func TestZREVectors(t *testing.T) {
	v := loadZRE(t)
	for _, test := range []struct {
		name, hex string
		zre       ZRE
	}{
		{"hello", v.Hello, ZRE{Version: ZRE1, UUID: exampleUUID, Port: 0xC000}},
		{"bye", v.Bye, ZRE{Version: ZRE1, UUID: exampleUUID}},
		{"curve", v.Curve, ZRE{Version: ZRE3, UUID: exampleUUID, Port: 0xC000, PublicKey: exampleKey()}},
	} {
		t.Run(test.name, func(t *testing.T) {
			wire := unhex(t, test.hex)
			if got := test.zre.Append([]byte("before")); !bytes.Equal(got, append([]byte("before"), wire...)) {
				t.Errorf("appended %x, want %x", got, wire)
			}
			got, err := ParseZRE(wire)
			if err != nil || got != test.zre {
				t.Errorf("parsed %+v, %v: want %+v", got, err, test.zre)
			}
			if got.Leaving() != (test.name == "bye") {
				t.Errorf("leaving is %v", got.Leaving())
			}
			for n := range len(wire) {
				if z, err := ParseZRE(wire[:n]); !errors.Is(err, ErrMalformed) && !(n == zreSize1 && z.Version == ZRE1) {
					t.Errorf("the first %d bytes: %+v, %v", n, z, err)
				}
			}
			if _, err := ParseZRE(append(wire, 0)); !errors.Is(err, ErrMalformed) {
				t.Errorf("one byte more: %v, want %v", err, ErrMalformed)
			}
		})
	}
}

func TestZREMustIgnore(t *testing.T) {
	v := loadZRE(t)
	cases := append(v.Ignore,
		"5a524503"+v.Hello[8:], // version 3 without its key
		"5a524501"+v.Curve[8:], // version 1 with a key
		v.Curve[:44]+hex.EncodeToString(make([]byte, 32)),
		"5a524500"+v.Hello[8:],
		"7a726501"+v.Hello[8:],
	)
	for _, text := range cases {
		if z, err := ParseZRE(unhex(t, text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.60s: parsed %+v, %v", text, z, err)
		}
	}
}

func TestZREWritesOnlyKnownVersions(t *testing.T) {
	for version := range 256 {
		b := ZRE{Version: uint8(version), Port: 1, PublicKey: exampleKey()}.Append(nil)
		z, err := ParseZRE(b)
		if want := map[bool]uint8{true: ZRE3, false: ZRE1}[version == ZRE3]; err != nil || z.Version != want {
			t.Errorf("version %d was written as %d, %v", version, z.Version, err)
		}
	}
}

func FuzzZRE(f *testing.F) {
	v := loadZRE(f)
	for _, text := range append(v.Ignore, v.Hello, v.Bye, v.Curve) {
		f.Add(unhex(f, text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := ParseZRE(b)
		if err != nil {
			if z != (ZRE{}) {
				t.Errorf("a refused beacon left %+v", z)
			}
			return
		}
		if got := z.Append(nil); !bytes.Equal(got, b) {
			t.Errorf("%x was parsed and written as %x", b, got)
		}
	})
}

func BenchmarkZREAppend(b *testing.B) {
	z := ZRE{Version: ZRE1, UUID: exampleUUID, Port: 0xC000}
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		buf = z.Append(buf[:0])
	}
}

func BenchmarkZREParse(b *testing.B) {
	wire := unhex(b, loadZRE(b).Curve)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseZRE(wire); err != nil {
			b.Fatal(err)
		}
	}
}
