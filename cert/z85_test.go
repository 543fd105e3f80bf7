package cert

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

func TestZ85Vectors(t *testing.T) {
	var v struct {
		Hex    string   `json:"rfc32_hex"`
		Text   string   `json:"rfc32_text"`
		Reject []string `json:"must_reject"`
	}
	text, err := os.ReadFile("testdata/z85.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	for hexText, z85 := range map[string]string{
		v.Hex:              v.Text,
		"":                 "",
		"00000000":         "00000",
		"ffffffff":         "%nSc0",
		"666f6f62":         "w]zP%", // zarmour's: foob and foobar!!
		"666f6f6261722121": "w]zP%vr9Im",
		"4e6f87e2fb6eb22a1ef5e257b75d79124949565f0b8b36a878a4f03111c96e0b": "ph+{E}!&X?9}!I]W{sm(nL8@&3Yu{wC+<*-5Y[[#",
	} {
		data, _ := hex.DecodeString(hexText)
		if got, err := EncodeZ85(data); got != z85 || err != nil {
			t.Errorf("%s is written as %q, %v; want %q", hexText, got, err, z85)
		}
		if got, err := DecodeZ85(z85); !bytes.Equal(got, data) || err != nil {
			t.Errorf("%q is read as %x, %v; want %s", z85, got, err, hexText)
		}
	}
	for _, bad := range append(v.Reject, "%nSc1", "HelloWorld\x00", "\"\"\"\"\"", "00000 0000", "0", strings.Repeat("0", 41)) {
		if got, err := DecodeZ85(bad); !errors.Is(err, ErrZ85) {
			t.Errorf("%q is read as %x, %v", bad, got, err)
		}
	}
	for n := range 16 {
		if _, err := EncodeZ85(make([]byte, n)); (err == nil) != (n%4 == 0) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// A group is a number in base 85: big integers say so independently.
func TestZ85AgainstBigIntegers(t *testing.T) {
	random := rand.New(rand.NewPCG(85, 0))
	for range 2000 {
		var group [5]byte
		value := new(big.Int)
		for i := range group {
			digit := random.IntN(85)
			group[i] = z85Digits[digit]
			value.Add(value.Mul(value, big.NewInt(85)), big.NewInt(int64(digit)))
		}
		got, err := DecodeZ85(string(group[:]))
		if value.BitLen() > 32 {
			if !errors.Is(err, ErrZ85) {
				t.Errorf("%s, which is %v: %x, %v", group, value, got, err)
			}
			continue
		}
		if want := value.FillBytes(make([]byte, 4)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is %x, %v; want %x", group, got, err, want)
		}
	}
}

// No text may come back in an error: it can be a secret key.
func TestZ85ErrorsShowNoText(t *testing.T) {
	for _, bad := range []string{"secret", "secre~", "secr~", "#####"} {
		if _, err := DecodeZ85(bad); err == nil || strings.Contains(err.Error(), bad) || strings.Contains(err.Error(), "secr") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzZ85(f *testing.F) {
	for _, seed := range []string{"HelloWorld", "#####", "%nSc0", "ph+{E}!&X?9}!I]W{sm(nL8@&3Yu{wC+<*-5Y[[#"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if data, err := DecodeZ85(string(b)); err == nil {
			if text, err := EncodeZ85(data); err != nil || text != string(b) {
				t.Errorf("%q became %q, %v", b, text, err)
			}
		}
		if text, err := EncodeZ85(b); err == nil {
			if data, err := DecodeZ85(text); err != nil || !bytes.Equal(data, b) {
				t.Errorf("%x became %x, %v", b, data, err)
			}
		}
	})
}

func BenchmarkZ85Encode(b *testing.B) {
	key := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := EncodeZ85(key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkZ85Decode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeZ85("ph+{E}!&X?9}!I]W{sm(nL8@&3Yu{wC+<*-5Y[[#"); err != nil {
			b.Fatal(err)
		}
	}
}
