package zre

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

const (
	signature = 0xAAA1
	version   = 2
)

// Frames encodes m. The content's frames are those of m, not copies.
//
// A WHISPER or SHOUT without content gets one empty frame: zyre 2.x takes the
// event that follows one without any for its content.
func (m *Message) Frames() ([][]byte, error) {
	head, err := m.Append(make([]byte, 0, 64))
	if err != nil {
		return nil, err
	}
	frames := append(make([][]byte, 0, 1+max(1, len(m.Content))), head)
	switch {
	case !m.Kind.carries():
		return frames, nil
	case len(m.Content) == 0:
		return append(frames, []byte{}), nil
	}
	return append(frames, m.Content...), nil
}

// Append appends m's first frame to b. Headers are written in the order of their
// names.
//
// Errors: ErrMalformed for a kind that does not exist, ErrTooLong.
func (m *Message) Append(b []byte) ([]byte, error) {
	if m.Kind < Hello || m.Kind > Goodbye {
		return nil, fmt.Errorf("%w: kind %d: must be 1 to %d", ErrMalformed, m.Kind, Goodbye)
	}
	w := &writer{b: b}
	w.b = binary.BigEndian.AppendUint16(w.b, signature)
	w.b = append(w.b, byte(m.Kind), version)
	w.b = binary.BigEndian.AppendUint16(w.b, m.Seq)
	for _, f := range bodies[m.Kind] {
		f.write(w, m)
	}
	if w.err == nil && len(w.b)-len(b) > MaxHead {
		w.err = fmt.Errorf("%w: %v of %d bytes: at most %d", ErrTooLong, m.Kind, len(w.b)-len(b), MaxHead)
	}
	if w.err != nil {
		return nil, w.err
	}
	return w.b, nil
}

// Fits is how many of a HELLO's groups, from the first on, have room in it.
func (m *Message) Fits() (n int) {
	alone := *m
	alone.Groups = nil
	b, err := alone.Append(nil)
	if err != nil {
		return len(m.Groups) // it can't be said at all
	}
	size := len(b)
	for _, group := range m.Groups {
		if size += 4 + len(group); size > MaxHead {
			break
		}
		n++
	}
	return n
}

// writer appends values, up to the first that does not fit.
type writer struct {
	b   []byte
	err error
}

func (w *writer) text(what, s string) {
	if len(s) > MaxString {
		if w.err == nil {
			w.err = fmt.Errorf("%w: %s of %d bytes: at most %d", ErrTooLong, what, len(s), MaxString)
		}
		return
	}
	w.b = append(append(w.b, byte(len(s))), s...)
}

// long writes a long string. Its length is in bounds because MaxHead is.
func (w *writer) long(s string) {
	w.b = append(binary.BigEndian.AppendUint32(w.b, uint32(len(s))), s...)
}

func (w *writer) list(what string, list []string) {
	w.b = binary.BigEndian.AppendUint32(w.b, uint32(len(list)))
	for _, s := range list {
		if len(s) > MaxString && w.err == nil {
			w.err = fmt.Errorf("%w: %s of %d bytes: at most %d", ErrTooLong, what, len(s), MaxString)
		}
		w.long(s)
	}
}

func (w *writer) table(t map[string]string) {
	w.b = binary.BigEndian.AppendUint32(w.b, uint32(len(t)))
	for _, name := range slices.Sorted(maps.Keys(t)) {
		w.text("header name", name)
		w.long(t[name])
	}
}
