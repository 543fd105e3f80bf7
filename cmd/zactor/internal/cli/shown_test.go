package cli

import (
	"strconv"
	"strings"
	"testing"
)

// What comes from the network is read on a terminal, and does nothing else there.
func TestShown(t *testing.T) {
	long := strings.Repeat("é", mostShown)
	for text, want := range map[string]string{
		"":                                  "",
		"plain text":                        "plain text",
		`"so" it is`:                        `"so" it is`,
		"Grüße, 世界":                         "Grüße, 世界",
		"\x1b[2J":                           `"\x1b[2J"`,
		"two\nlines":                        `"two\nlines"`,
		"\xff\x00":                          `"\xff\x00"`,
		"back\u202ego":                      `"back\u202ego"`,
		long:                                long[:mostShown] + "... (2000 bytes)",
		"x" + long:                          "x" + long[:mostShown-2] + "... (2001 bytes)",
		strings.Repeat("\x80", mostShown+1): strconv.Quote(strings.Repeat("\x80", mostShown)) + "... (1001 bytes)",
	} {
		if got := Shown(text); got != want {
			t.Errorf("%.30q is shown as %.80s, want %.80s", text, got, want)
		}
	}
}
