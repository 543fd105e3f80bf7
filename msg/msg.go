package msg

import (
	"bytes"

	"github.com/go-zactor/zactor/internal/buf"
)

// Msg is a message of zero or more frames.
type Msg struct {
	// Frames are the parts, in order. A frame may be empty.
	Frames [][]byte
	origin *buf.Origin
}

// New makes a message of the given frames. They are not copied.
func New(frames ...[]byte) Msg { return Msg{Frames: frames} }

// NewString makes a message of frames with the bytes of the given strings.
func NewString(frames ...string) Msg {
	m := Msg{Frames: make([][]byte, len(frames))}
	for i, f := range frames {
		m.Frames[i] = []byte(f)
	}
	return m
}

// Alloc lends a frame of size bytes, with undefined contents, from a pool. Fill
// it and Send it: it returns to the pool once it is written (or, over inproc,
// when the receiver releases the message). Send it once, and do not touch it
// afterwards. A frame that is never sent is garbage collected.
func Alloc(size int) []byte { return buf.Alloc(size) }

// Release gives the buffers of a received message back for reuse, and empties
// m. Neither its frames nor copies of m may be used afterwards. It is optional.
func (m *Msg) Release() {
	frames, o := m.Frames, m.origin
	m.Frames, m.origin = nil, nil
	if o == nil || o.Chunk == nil {
		for _, f := range frames {
			buf.Drop(f)
		}
		return
	}
	for _, f := range frames {
		buf.Poison(f)
	}
	o.Chunk.Release(1)
}

// Push puts a frame in front.
func (m *Msg) Push(frame []byte) {
	m.Frames = append(m.Frames, nil)
	copy(m.Frames[1:], m.Frames)
	m.Frames[0] = frame
}

// PushString puts a frame with the bytes of s in front.
func (m *Msg) PushString(s string) { m.Push([]byte(s)) }

// Append puts a frame at the end.
func (m *Msg) Append(frame []byte) { m.Frames = append(m.Frames, frame) }

// AppendString puts a frame with the bytes of s at the end.
func (m *Msg) AppendString(s string) { m.Append([]byte(s)) }

// Pop takes the first frame off and returns it; nil when there is none.
func (m *Msg) Pop() []byte {
	if len(m.Frames) == 0 {
		return nil
	}
	f := m.Frames[0]
	m.Frames = m.Frames[1:]
	return f
}

// PopString takes the first frame off and returns it as a string; "" when there
// is none.
func (m *Msg) PopString() string { return string(m.Pop()) }

// Wrap puts an envelope in front: id and an empty delimiter, as ROUTER and REP
// use it (RFC 28).
func (m *Msg) Wrap(id []byte) {
	m.Push([]byte{})
	m.Push(id)
}

// Unwrap takes an envelope off: it returns the first frame, and also removes an
// empty delimiter behind it.
func (m *Msg) Unwrap() []byte {
	id := m.Pop()
	if len(m.Frames) > 0 && len(m.Frames[0]) == 0 {
		m.Pop()
	}
	return id
}

// Len is the number of frames.
func (m Msg) Len() int { return len(m.Frames) }

// Size is the number of bytes in all frames together.
func (m Msg) Size() int {
	n := 0
	for _, f := range m.Frames {
		n += len(f)
	}
	return n
}

// Clone copies the message and its bytes; the copy shares nothing with m and
// keeps what is known of the peer.
func (m Msg) Clone() Msg {
	c := Msg{Frames: copyFrames(m.Frames)}
	if m.origin != nil {
		o := *m.origin
		o.Chunk = nil
		c.origin = &o
	}
	return c
}

// copyFrames copies all frames into one new buffer.
func copyFrames(frames [][]byte) [][]byte {
	size := 0
	for _, f := range frames {
		size += len(f)
	}
	b := make([]byte, 0, size)
	out := make([][]byte, len(frames))
	for i, f := range frames {
		at := len(b)
		b = append(b, f...)
		out[i] = b[at:len(b):len(b)]
	}
	return out
}

// Equal reports whether both messages have the same frames.
func (m Msg) Equal(o Msg) bool {
	if len(m.Frames) != len(o.Frames) {
		return false
	}
	for i, f := range m.Frames {
		if !bytes.Equal(f, o.Frames[i]) {
			return false
		}
	}
	return true
}
