// Package logbook keeps what a test's subject writes: the lines of both kinds of logger,
// and of what has no other output than a writer. It is the one collector of tests.
package logbook

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"

	"github.com/rs/zerolog"
)

// Book keeps lines. The zero value is empty; it may be used from any goroutine.
type Book struct {
	mu    sync.Mutex
	pages [3]page // by kind
}

// The kinds of what is written.
const (
	byZerolog = iota
	bySlog
	byWriter
)

// page is what one kind has written.
type page struct {
	used bool // something may write here
	text bytes.Buffer
}

// pen is one kind's, to write with.
type pen struct {
	book *Book
	kind int
}

// Write keeps a line.
func (p pen) Write(line []byte) (int, error) {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	return p.book.pages[p.kind].text.Write(line)
}

func (b *Book) pen(kind int) pen {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages[kind].used = true
	return pen{b, kind}
}

// Zerolog is the book as a logger of that kind.
func (b *Book) Zerolog() zerolog.Logger { return zerolog.New(b.pen(byZerolog)) }

// Slog is the book as a logger of that kind.
func (b *Book) Slog() *slog.Logger { return slog.New(slog.NewJSONHandler(b.pen(bySlog), nil)) }

// Write keeps what is no logger's: what a program prints.
func (b *Book) Write(text []byte) (int, error) { return b.pen(byWriter).Write(text) }

// Has reports whether each log that is kept has a line with all words.
func (b *Book) Has(words ...string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	any := false
	for i := range b.pages {
		p := &b.pages[i]
		if p.used && count(p.text.String(), words) == 0 {
			return false
		}
		any = any || p.used
	}
	return any
}

// Count is how many lines with all words one log has, the first that is kept: that of
// zerolog, of slog, or of a writer.
func (b *Book) Count(words ...string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.pages {
		if p := &b.pages[i]; p.used {
			return count(p.text.String(), words)
		}
	}
	return 0
}

// String is all lines, for the message of a test that fails.
func (b *Book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text()
}

// Take is String for what has come since the last call, and forgets it.
func (b *Book) Take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.text()
	for i := range b.pages {
		b.pages[i].text.Reset()
	}
	return text
}

// text is all lines; mu is held.
func (b *Book) text() string {
	var all strings.Builder
	for i := range b.pages {
		all.Write(b.pages[i].text.Bytes())
	}
	return all.String()
}

func count(text string, words []string) (n int) {
	for line := range strings.Lines(text) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			n++
		}
	}
	return n
}
