package cli

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
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

// The line that docs/captures show is the one that is drawn.
func TestCapturedProgress(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/captures/bench-progress.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(string(text))
	var done, total, rate uint64
	plain := regexp.MustCompile(`^lat [█░]+ +\d+%  ([\d,]+) of ([\d,]+), ([\d,]+)/s, (\S+) left$`).FindStringSubmatch(want)
	if plain == nil {
		t.Fatalf("docs/captures/bench-progress.txt is another line: %q", want)
	}
	for i, n := range []*uint64{&done, &total, &rate} {
		*n, _ = strconv.ParseUint(strings.ReplaceAll(plain[i+1], ",", ""), 10, 64)
	}
	p := &Progress{what: "lat", total: total, unit: Messages}
	p.Add(done)
	// The rate was rounded: the line must be that of a time close by.
	for off := range 2000 {
		since := time.Duration(float64(done) / (float64(rate) + float64(off)/2000) * float64(time.Second))
		if p.text(since) == want {
			return
		}
	}
	t.Errorf("it is %q, and was %q: run cmd/zactor/testdata/captures.sh", p.text(time.Duration(float64(done)/float64(rate)*float64(time.Second))), want)
}
