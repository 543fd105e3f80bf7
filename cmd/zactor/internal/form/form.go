package form

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-zactor/zactor/msg"
)

// Form is one way to write a message.
type Form uint8

// The forms.
const (
	Text Form = iota
	JSON
	Hex
	Quoted
	Raw

	// Safe is Text for a terminal: a frame that could do more there than be read is
	// quoted.
	Safe
)

// Append writes a message behind dst, with its line end.
func (f Form) Append(dst []byte, m msg.Msg) []byte {
	switch f {
	case JSON:
		return appendJSON(dst, m)
	case Raw:
		for _, frame := range m.Frames {
			dst = append(dst, frame...)
		}
		return dst
	}
	for i, frame := range m.Frames {
		if i > 0 {
			dst = append(dst, f.between())
		}
		dst = f.appendFrame(dst, frame)
	}
	return append(dst, '\n')
}

func (f Form) between() byte {
	if f == Text || f == Safe {
		return '\t'
	}
	return ' '
}

func (f Form) appendFrame(dst, frame []byte) []byte {
	switch {
	case f == Hex:
		return hex.AppendEncode(dst, frame)
	case f == Quoted, f == Safe && !printable(frame):
		return strconv.AppendQuote(dst, string(frame))
	}
	return append(dst, frame...)
}

// printable reports whether a terminal does nothing but show the text.
func printable(text []byte) bool {
	return utf8.Valid(text) && !bytes.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) })
}

// Parse reads a line, without its end. The message may keep the line.
func (f Form) Parse(line []byte) (msg.Msg, error) {
	switch f {
	case JSON:
		return parseJSON(line)
	case Hex:
		return parseHex(line)
	case Quoted:
		return parseQuoted(string(line))
	}
	return msg.New(line), nil
}

func parseHex(line []byte) (m msg.Msg, err error) {
	for part := range bytes.SplitSeq(line, []byte{' '}) {
		frame, err := hex.AppendDecode([]byte{}, part)
		if err != nil {
			return msg.Msg{}, fmt.Errorf("%q: must be hexadecimal digits, with a space between frames: %w", clip(line), err)
		}
		m.Append(frame)
	}
	return m, nil
}

func parseQuoted(line string) (m msg.Msg, err error) {
	for rest := strings.TrimLeft(line, " \t"); ; {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return msg.Msg{}, fmt.Errorf("%q: must be strings in quotes, with a space between frames", clip([]byte(line)))
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			return msg.Msg{}, fmt.Errorf("%q: %w", clip([]byte(quoted)), err)
		}
		m.AppendString(text)
		if rest = strings.TrimLeft(rest[len(quoted):], " \t"); rest == "" {
			return m, nil
		}
	}
}

// clip cuts what an error shows of a line.
func clip(line []byte) []byte {
	const most = 60
	if len(line) > most {
		return append(line[:most:most], "..."...)
	}
	return line
}
