package main

import (
	"strings"
	"testing"
)

// The help fits into a terminal of 80 columns, where a longer line would break its table.
func TestHelpFits(t *testing.T) {
	var b strings.Builder
	if err := writeHelp(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := len(strings.TrimRight(line, "\n")); n > 79 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
