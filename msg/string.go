package msg

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// How much of a frame String shows.
const (
	maxText   = 70
	maxBinary = 35
)

// String is a dump for people, one line a frame in the manner of czmq: the size
// and then the text, or hex digits when a byte is not printable ASCII; long
// frames are cut.
func (m Msg) String() string {
	var b strings.Builder
	for i, f := range m.Frames {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "[%03d] %s", len(f), dump(f))
	}
	return b.String()
}

func dump(f []byte) string {
	if printable(f) {
		if len(f) > maxText {
			return string(f[:maxText]) + "..."
		}
		return string(f)
	}
	if len(f) > maxBinary {
		return strings.ToUpper(hex.EncodeToString(f[:maxBinary])) + "..."
	}
	return strings.ToUpper(hex.EncodeToString(f))
}

func printable(f []byte) bool {
	for _, c := range f {
		if c < 32 || c > 126 {
			return false
		}
	}
	return true
}
