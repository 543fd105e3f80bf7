package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressText(t *testing.T) {
	p := &Progress{what: "push", total: 4 << 30, unit: Bytes}
	p.Add(1 << 30)
	if got, want := p.text(2*time.Second), "push █████░░░░░░░░░░░░░░░  25%  1.0 GiB of 4.0 GiB, 512 MiB/s, 6s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p = &Progress{what: "captured", unit: Messages}
	if got, want := p.text(time.Second), "captured 0, 0/s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p.Add(12345)
	if got, want := p.text(time.Second), "captured 12,345, 12,345/s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p = &Progress{what: "lat", total: 10, unit: Messages}
	p.Add(20) // more than was expected
	if got := p.text(time.Second); !strings.Contains(got, "100%") {
		t.Errorf("%q", got)
	}
}

// Notes and progress share the last line: a note wipes the progress first.
func TestNotesAboveProgress(t *testing.T) {
	var b bytes.Buffer
	a := App{Stderr: &b}
	a.Note("one")
	a.stderr().draw("half")
	a.Note("two")
	if got, want := b.String(), "zactor: one\n\r\x1b[Khalf\r\x1b[Kzactor: two\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Where standard error is no terminal nothing is drawn.
func TestNoProgressElsewhere(t *testing.T) {
	var b bytes.Buffer
	a := App{Stderr: &b}
	p := a.Progress("x", 1, Messages)
	p.Add(1)
	p.Stop()
	if b.Len() > 0 {
		t.Errorf("%q", &b)
	}
}
