package msg

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrMalformed is returned by UnmarshalBinary for bytes that are not an encoded
// message.
var ErrMalformed = errors.New("msg: malformed encoding")

const longFrame = 0xFF // marks a four-byte length

// MarshalBinary encodes the message as czmq's zmsg_encode does: each frame is
// its length in one byte (up to 254) or 0xFF and four bytes big-endian, and then
// its data. An empty message is zero bytes.
func (m Msg) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, m.Size()+5*len(m.Frames))
	for _, f := range m.Frames {
		if uint64(len(f)) > 1<<32-1 {
			return nil, fmt.Errorf("msg: a frame of %d bytes does not fit the encoding's 32-bit length", len(f))
		}
		if len(f) < longFrame {
			b = append(b, byte(len(f)))
		} else {
			b = append(b, longFrame)
			b = binary.BigEndian.AppendUint32(b, uint32(len(f)))
		}
		b = append(b, f...)
	}
	return b, nil
}

// UnmarshalBinary decodes what MarshalBinary (or czmq's zmsg_encode) made. The
// frames are copies. On error m is unchanged.
func (m *Msg) UnmarshalBinary(data []byte) error {
	var frames [][]byte
	for at := 0; at < len(data); {
		n, head, err := encodedFrame(data[at:])
		if err != nil {
			return fmt.Errorf("%w: frame %d at byte %d %v", ErrMalformed, len(frames), at, err)
		}
		frames = append(frames, data[at+head:at+head+n])
		at += head + n
	}
	*m = Msg{Frames: copyFrames(frames)}
	return nil
}

// encodedFrame reads one length; it checks that so many bytes really follow.
func encodedFrame(p []byte) (size, head int, err error) {
	size, head = int(p[0]), 1
	if p[0] == longFrame {
		if len(p) < 5 {
			return 0, 0, errors.New("ends inside its length")
		}
		size32 := binary.BigEndian.Uint32(p[1:])
		if uint64(size32) > uint64(len(p)-5) {
			return 0, 0, fmt.Errorf("claims %d bytes of %d", size32, len(p)-5)
		}
		return int(size32), 5, nil
	}
	if size > len(p)-1 {
		return 0, 0, fmt.Errorf("claims %d bytes of %d", size, len(p)-1)
	}
	return size, head, nil
}
