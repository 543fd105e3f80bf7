package wire

import (
	"encoding/hex"
	"testing"
)

// The bytes of the extension commands; a change of them parts old and new programs.
func TestExtensionBytes(t *testing.T) {
	for _, tt := range []struct {
		c    Command
		want string
	}{
		{Numbered(Resume, 1, 2), "04180758524553554d4500000000000000010000000000000002"},
		{Numbered(Begin, 1, 2, 3), "041f06584245474 94e000000000000000100000000000000020000000000000003"},
		{Numbered(Taken, 0xABCD), "040f065854414b454e000000000000abcd"},
		{Numbered(Missed, 1, 2), "0418075 84d4953534544 00000000000000010000000000000002"},
		{Command{Kind: Again, Data: []byte{0, 1, 'x'}}, "040a06584147 41494e000178"},
	} {
		want, err := hex.DecodeString(stripSpaces(tt.want))
		if err != nil {
			t.Fatal(err)
		}
		got := AppendExtension(nil, tt.c)
		if string(got) != string(want) {
			t.Errorf("%v: %x, want %x", tt.c.Kind, got, want)
		}
		c, err := ParseCommand(got[2:])
		if err != nil || c.Kind != tt.c.Kind || string(c.Data) != string(tt.c.Data) {
			t.Errorf("%x was read as %v, %v", got, c, err)
		}
	}
}

func stripSpaces(s string) string {
	var b []byte
	for i := range len(s) {
		if s[i] != ' ' {
			b = append(b, s[i])
		}
	}
	return string(b)
}

// Numbers of any other length are a peer's mistake.
func TestExtensionTruncated(t *testing.T) {
	whole := Numbered(Begin, 1, 2, 3).Data
	for n := range len(whole) + 2 {
		var a, b, c uint64
		data := append(append([]byte(nil), whole...), 0)[:n]
		err := Command{Kind: Begin, Data: data}.Numbers(&a, &b, &c)
		if (err == nil) != (n == len(whole)) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
