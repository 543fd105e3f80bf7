package frame

import (
	"encoding/binary"
	"fmt"

	"github.com/go-zactor/zactor/internal/unpack"
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
	r := &unpack.Reader{Rest: frames[0]}
	sig, kind, ver := r.Uint16(), Kind(r.Byte()), r.Byte()
	switch {
	case r.Short:
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
	if len(r.Rest) > MaxTrailer {
		return Message{}, fmt.Errorf("%w: %v with %d bytes left over: at most %d", ErrMalformed, kind, len(r.Rest), MaxTrailer)
	}
	m.trailer(r.Rest)
	if m.Deleted && m.Value != "" {
		return Message{}, fmt.Errorf("%w: a deleted tuple has a value of %d bytes: must have none", ErrMalformed, len(m.Value))
	}
	return m, nil
}

func (m *Message) body(r *unpack.Reader) error {
	m.Key = string(r.Bytes(uint64(r.Byte())))
	m.Value = string(r.Bytes(uint64(r.Uint32())))
	m.TTL = r.Uint32()
	if r.Short {
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
