// Package logbook keeps the lines that a test's subject logs, in both kinds of logger.
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
	mu         sync.Mutex
	zero, slog bytes.Buffer
}

// page is one of a Book's logs, to write to.
type page struct {
	book *Book
	to   *bytes.Buffer
}

// Write keeps a line.
func (p page) Write(line []byte) (int, error) {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	return p.to.Write(line)
}

// Zerolog is the book as a logger of that kind.
func (b *Book) Zerolog() zerolog.Logger { return zerolog.New(page{b, &b.zero}) }

// Slog is the book as a logger of that kind.
func (b *Book) Slog() *slog.Logger { return slog.New(slog.NewJSONHandler(page{b, &b.slog}, nil)) }

// Has reports whether both logs have a line with all words.
func (b *Book) Has(words ...string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return hasLine(b.zero.String(), words) && hasLine(b.slog.String(), words)
}

// Count is how many lines with all words the first log has.
func (b *Book) Count(words ...string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.Lines(b.zero.String()) {
		if hasLine(line, words) {
			n++
		}
	}
	return n
}

// String is all lines, for the message of a test that fails.
func (b *Book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.zero.String() + b.slog.String()
}

func hasLine(text string, words []string) bool {
	for line := range strings.Lines(text) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			return true
		}
	}
	return false
}
