package zmq

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/go-zactor/zactor/internal/logs"
)

// maxName bounds the name of a socket, in bytes.
const maxName = 64

var plainName = rule[string]{text: "of 64 bytes at most, printable, and without blanks at its ends", ok: func(s string) bool {
	return len(s) <= maxName && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}}

// Name is what WithName has called the socket, "" without.
func (s *Socket) Name() string { return s.opts.get().name }

// String is the socket's type and name, as they stand in errors: REQ "orders".
func (s *Socket) String() string { return title(s.typ, s.Name()) }

// GoString is String: %#v shows nothing of the inside of a socket that is at work.
func (s *Socket) GoString() string { return s.String() }

// title names a socket for people.
func title(t Type, name string) string {
	if name == "" {
		return t.String()
	}
	return t.String() + " " + strconv.Quote(name)
}

// nameLines makes the logger whose lines say which socket they are about.
func (o *options) nameLines(t Type) {
	fields := []logs.Field{logs.Str("type", t.String())}
	if o.name != "" {
		fields = append(fields, logs.Str("socket", o.name))
	}
	o.lines = o.log.With(fields...)
}
