package frame

import (
	"encoding/binary"
	"fmt"
)

// Parse reads a message, of which all is copied.
//
// It takes nothing that is cut short, and reserves no more than what has arrived,
// whatever a length says.
//
// Errors: ErrMalformed.
func Parse(frames [][]byte) (Message, error) {
	if len(frames) != 1 {
		return Message{}, fmt.Errorf("%w: %d frames: must be one", ErrMalformed, len(frames))
	}
	r := &reader{b: frames[0]}
	sig, kind, ver := r.uint16(), Kind(r.octet()), r.octet()
	switch {
	case r.short:
		return Message{}, fmt.Errorf("%w: %d bytes: at least 4", ErrMalformed, len(frames[0]))
	case sig != signature || ver != version:
		return Message{}, fmt.Errorf("%w: signature %04x version %d: must be %04x and %d", ErrMalformed, sig, ver, signature, version)
	case kind < Hello || kind > Invalid:
		return Message{}, fmt.Errorf("%w: id %d: must be 1 to %d", ErrMalformed, kind, Invalid)
	}
	m := Message{Kind: kind}
	if kind == Publish {
		if err := m.body(r); err != nil {
			return Message{}, err
		}
	}
	if len(r.b) > MaxTrailer {
		return Message{}, fmt.Errorf("%w: %v with %d bytes left over: at most %d", ErrMalformed, kind, len(r.b), MaxTrailer)
	}
	m.trailer(r.b)
	if m.Deleted && m.Value != "" {
		return Message{}, fmt.Errorf("%w: a deleted tuple has a value of %d bytes: must have none", ErrMalformed, len(m.Value))
	}
	return m, nil
}

func (m *Message) body(r *reader) error {
	m.Key = string(r.take(uint64(r.octet())))
	m.Value = string(r.take(uint64(r.uint32())))
	m.TTL = r.uint32()
	if r.short {
		return fmt.Errorf("%w: %v is cut short", ErrMalformed, m.Kind)
	}
	if err := Check(m.Key, m.Value); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// trailer reads what zactor adds, if it is there.
func (m *Message) trailer(b []byte) {
	if len(b) < trailerSize || string(b[:len(mark)]) != mark {
		return
	}
	m.Ours = true
	m.Deleted = m.Kind == Publish && b[len(mark)]&deleted != 0
	m.Number = binary.BigEndian.Uint64(b[len(mark)+1:])
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
