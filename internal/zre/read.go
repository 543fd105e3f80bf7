package zre

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/unpack"
)

// Parse reads a message. Its Content is frames[1:], not a copy; all else is
// copied.
//
// It takes nothing that is cut short or has bytes left over, and reserves no more
// than what has arrived, whatever a count says. A WHISPER or SHOUT without
// content, which a sender of RFC 36 does not make, is taken.
//
// Errors: ErrMalformed.
func Parse(frames [][]byte) (Message, error) {
	if len(frames) == 0 {
		return Message{}, fmt.Errorf("%w: no frame", ErrMalformed)
	}
	m, err := parseHead(frames[0])
	switch {
	case err != nil:
		return Message{}, err
	case m.Kind.carries():
		m.Content = frames[1:]
	case len(frames) > 1:
		return Message{}, fmt.Errorf("%w: %v of %d frames: must be one", ErrMalformed, m.Kind, len(frames))
	}
	return m, nil
}

func parseHead(b []byte) (Message, error) {
	var m Message
	if len(b) > MaxRead {
		return m, fmt.Errorf("%w: first frame of %d bytes: at most %d", ErrMalformed, len(b), MaxRead)
	}
	r := &reader{unpack.Reader{Rest: b}}
	sig, kind, ver := r.Uint16(), Kind(r.Byte()), r.Byte()
	m.Seq = r.Uint16()
	switch {
	case r.Short:
		return m, fmt.Errorf("%w: first frame of %d bytes: at least 6", ErrMalformed, len(b))
	case sig != signature || ver != version:
		return m, fmt.Errorf("%w: signature %04x version %d: must be %04x and %d", ErrMalformed, sig, ver, signature, version)
	case kind < Hello || kind > Goodbye:
		return m, fmt.Errorf("%w: id %d: must be 1 to %d", ErrMalformed, kind, Goodbye)
	}
	m.Kind = kind
	for _, f := range bodies[kind] {
		f.read(r, &m)
	}
	switch {
	case r.Short:
		return m, fmt.Errorf("%w: %v is cut short at %d bytes", ErrMalformed, kind, len(b))
	case len(r.Rest) > 0:
		return m, fmt.Errorf("%w: %v with %d bytes left over", ErrMalformed, kind, len(r.Rest))
	}
	return m, nil
}

// reader reads what ZRE has beside numbers and strings.
type reader struct{ unpack.Reader }

// The least that an element takes bounds how many there can be.
const (
	leastLong  = 4
	leastEntry = 1 + leastLong
)

func (r *reader) list() (list []string) {
	for range r.Count(leastLong) {
		list = append(list, r.String32())
	}
	return list
}

// table reads headers. Of two with one name the last counts.
func (r *reader) table() map[string]string {
	n := r.Count(leastEntry)
	if n == 0 {
		return nil
	}
	t := make(map[string]string)
	for range n {
		name := r.String8()
		t[name] = r.String32()
		if r.Short {
			return nil
		}
	}
	return t
}
