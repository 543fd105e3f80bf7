package demo

import (
	"strings"
	"testing"
	"unicode"

	"github.com/go-zactor/zactor/msg"
)

func TestPlainName(t *testing.T) {
	for in, want := range map[string]string{
		"node-1":                  "node-1",
		"Py_3.9":                  "Py_3.9",
		"":                        `""`,
		"two words":               `"two words"`,
		"\x1b[2Jgone":             `"\x1b[2Jgone"`,
		"grün":                    `"gr\u00fcn"`,
		"\xff\x00":                `"\xff\x00"`,
		strings.Repeat("a", 32):   strings.Repeat("a", 32),
		strings.Repeat("a", 33):   `"` + strings.Repeat("a", 32) + `"`,
		strings.Repeat("ü", 1000): `"` + strings.Repeat(`\u00fc`, 16) + `"`,
	} {
		if got := plainName(in); got != want {
			t.Errorf("%.40q: %s, want %s", in, got, want)
		}
	}
}

func FuzzPlainName(f *testing.F) {
	for _, s := range []string{"node-1", "", "\x1b]0;x\a", "\u202egnirts", `"`, "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shown := plainName(s)
		if len(shown) > 2+4*longestName+2 {
			t.Errorf("%d bytes are shown of %q", len(shown), s)
		}
		for _, r := range shown {
			if r > unicode.MaxASCII || !unicode.IsPrint(r) {
				t.Errorf("%q is shown of %q", shown, s)
			}
		}
	})
}

func TestPopNumber(t *testing.T) {
	for in, want := range map[string]bool{
		"0": true, "18446744073709551615": true,
		"": false, "-1": false, "18446744073709551616": false, "1x": false,
	} {
		m := msg.NewString(in)
		if n, ok := popNumber(&m); ok != want || ok && number(n) != in {
			t.Errorf("%q: %d, %v", in, n, ok)
		}
	}
	var empty msg.Msg
	if _, ok := popNumber(&empty); ok {
		t.Error("a number was taken off an empty message")
	}
}
