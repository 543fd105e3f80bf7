package logbook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// A word is there when each log that is kept has it, and only in one line with the others.
func TestBook(t *testing.T) {
	var b logbook.Book
	if b.Has() || b.Count() != 0 || b.String() != "" {
		t.Errorf("an empty book has %q", &b)
	}
	z := b.Zerolog()
	z.Info().Str("key", "1").Msg("here")
	z.Info().Str("key", "2").Msg("away")
	if !b.Has("here", "1") || b.Has("here", "2") || b.Count("key") != 2 {
		t.Errorf("zerolog alone: %s", &b)
	}
	s := b.Slog()
	if b.Has("here") {
		t.Error("slog has not said so")
	}
	s.Info("here", "key", "1")
	if !b.Has("here", "1") || b.Has("away") || b.Count("here") != 1 {
		t.Errorf("both: %s", &b)
	}
	if text := b.Take(); strings.Count(text, "\n") != 3 || b.String() != "" || b.Has("here") {
		t.Errorf("taken %q, left %q", text, &b)
	}
	fmt.Fprintln(&b, "printed")
	if b.Has("printed") || b.Take() != "printed\n" {
		t.Error("what is printed is one of three logs")
	}
}
