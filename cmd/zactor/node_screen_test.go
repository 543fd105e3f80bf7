package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A line that is typed is broken where the window ends, as wide as it is by then.
func TestWindowIsResized(t *testing.T) {
	const long = "this line has more than forty characters, and fewer than eighty"
	width := 40
	in, keys := io.Pipe()
	var out bytes.Buffer // written by ReadLine and Write alone, in turn
	w := newWindow(in, &out, func() (int, int, error) { return width, 24, nil })
	typeLine := func() string {
		out.Reset()
		go io.WriteString(keys, long+"\r")
		if got, err := w.ReadLine(); got != long || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
		return strings.TrimSuffix(out.String(), "\r\n")
	}
	if got := typeLine(); !strings.Contains(got, "\r\n") {
		t.Errorf("in 40 columns it was shown as %q", got)
	}
	width = 80
	if got := typeLine(); strings.Contains(got, "\r\n") {
		t.Errorf("in 80 columns it was shown as %q", got)
	}
	if _, err := w.Write([]byte("x\n")); err != nil || !strings.Contains(out.String(), "x\r\n") {
		t.Errorf("%q, %v", &out, err)
	}
}
