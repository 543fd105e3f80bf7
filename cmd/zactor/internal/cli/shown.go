package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// mostShown is how many bytes of a text from the network are shown.
const mostShown = 1000

// Shown is text from the network as it may be shown: cut where it is too long, and
// quoted if anything in it could do more to a terminal than be read.
func Shown(text string) string {
	rest := ""
	if len(text) > mostShown {
		rest = fmt.Sprintf("... (%d bytes)", len(text))
		text = cut(text, mostShown)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		text = strconv.Quote(text)
	}
	return text + rest
}

// cut cuts a text that is longer than most, and not within a character.
func cut(text string, most int) string {
	for i := most; i > most-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			return text[:i]
		}
	}
	return text[:most] // it is no UTF-8
}

// Plain reports whether the terminal is to get ASCII alone: TERM is dumb.
func Plain() bool { return os.Getenv("TERM") == "dumb" }

// Width is how many columns there are to write to.
func Width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// Colour reports whether what is written may have colours: a person looks at it, at a
// terminal that has some, and NO_COLOR is not set (see no-color.org).
func Colour(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && !Plain()
}
