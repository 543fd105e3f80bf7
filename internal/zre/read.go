package zre

import (
	"encoding/binary"
	"fmt"
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
	if len(b) > MaxHead {
		return m, fmt.Errorf("%w: first frame of %d bytes: at most %d", ErrMalformed, len(b), MaxHead)
	}
	r := &reader{b: b}
	sig, kind, ver := r.uint16(), Kind(r.octet()), r.octet()
	m.Seq = r.uint16()
	switch {
	case r.short:
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
	case r.short:
		return m, fmt.Errorf("%w: %v is cut short at %d bytes", ErrMalformed, kind, len(b))
	case len(r.b) > 0:
		return m, fmt.Errorf("%w: %v with %d bytes left over", ErrMalformed, kind, len(r.b))
	}
	return m, nil
}

// reader takes values from the front of b. When one is not there it is short,
// and stays so.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n uint64) []byte {
	if r.short || n > uint64(len(r.b)) {
		r.short = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) octet() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) text() string { return string(r.take(uint64(r.octet()))) }
func (r *reader) long() string { return string(r.take(uint64(r.uint32()))) }

// The least that an element takes bounds how many there can be.
const (
	leastLong  = 4
	leastEntry = 1 + leastLong
)

// count reads how many elements follow, each of which takes at least so many
// bytes.
func (r *reader) count(least uint64) int {
	n := uint64(r.uint32())
	if r.short || n*least > uint64(len(r.b)) {
		r.short = true
		return 0
	}
	return int(n)
}

func (r *reader) list() (list []string) {
	for range r.count(leastLong) {
		list = append(list, r.long())
	}
	return list
}

// table reads headers. Of two with one name the last counts.
func (r *reader) table() map[string]string {
	n := r.count(leastEntry)
	if n == 0 {
		return nil
	}
	t := make(map[string]string)
	for range n {
		name := r.text()
		t[name] = r.long()
		if r.short {
			return nil
		}
	}
	return t
}
