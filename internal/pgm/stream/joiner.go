package stream

import (
	"encoding/binary"
	"fmt"

	"github.com/go-zactor/zactor/internal/wire"
)

// Limits bound a received message; 0 means no limit.
type Limits struct {
	Size  int64 // bytes of all frames together
	Parts int   // frames
}

// Joiner puts messages together again out of the payloads of one source, which it
// is given in order.
type Joiner struct {
	limits Limits
	joined bool
	buf    []byte   // the bytes of the message under way
	at     int      // in buf, the header of the next frame
	parts  []extent // the whole frames in front of it
	size   uint64   // their bytes
}

// extent is a frame's place in the buffer.
type extent struct{ from, to int }

// NewJoiner makes a Joiner that has not joined yet.
func NewJoiner(l Limits) *Joiner { return &Joiner{limits: l} }

// Lost says that payloads are missing before the next one. It reports whether that
// cut a message, or messages: whether the Joiner had joined.
func (j *Joiner) Lost() bool {
	was := j.joined
	*j = Joiner{limits: j.limits}
	return was
}

// Append takes the next payload and appends the messages that it completes. Their
// frames are parts of payload, which belongs to the Joiner from now on, or of
// memory of their own. With an error the Joiner has lost its place, and finds
// another one with a later payload.
func (j *Joiner) Append(msgs [][][]byte, payload []byte) ([][][]byte, error) {
	data, err := j.enter(payload)
	if err != nil || !j.joined {
		return msgs, err
	}
	if len(j.buf) > 0 {
		// However large a message says it is, memory grows with what has arrived.
		data = append(j.buf, data...)
	}
	j.buf = data
	start := 0
	for {
		end, err := j.message()
		if err != nil {
			j.Lost()
			return msgs, err
		}
		if end < 0 {
			break
		}
		msgs = append(msgs, j.cut())
		start = end
	}
	j.keep(start)
	return msgs, nil
}

// enter splits the payload, and joins the stream where a message begins.
func (j *Joiner) enter(payload []byte) ([]byte, error) {
	if len(payload) < offsetSize {
		j.Lost()
		return nil, fmt.Errorf("%w: a payload of %d bytes", ErrMalformed, len(payload))
	}
	offset, data := int(binary.BigEndian.Uint16(payload)), payload[offsetSize:]
	if j.joined || offset == noStart {
		return data, nil
	}
	// libzmq also says where the next packet's first message begins, right behind
	// the end of this one.
	if offset > len(data) {
		return nil, fmt.Errorf("%w: a message begins at %d of %d bytes", ErrMalformed, offset, len(data))
	}
	j.joined = true
	return data[offset:], nil
}

// message goes on with the frames of the message under way. It returns where it
// ends, or -1 when it has not all come.
func (j *Joiner) message() (end int, err error) {
	for {
		flags, head, size, err := wire.ParseHeader1(j.buf[j.at:])
		if err != nil {
			return 0, fmt.Errorf("%w: %v", ErrMalformed, err)
		}
		if head == 0 {
			return -1, nil
		}
		if err := j.admit(size); err != nil {
			return 0, err
		}
		if size > uint64(len(j.buf)-j.at-head) {
			return -1, nil
		}
		from := j.at + head
		j.at = from + int(size)
		j.size += size
		j.parts = append(j.parts, extent{from, j.at})
		if flags&wire.FlagMore == 0 {
			return j.at, nil
		}
	}
}

// admit compares one more frame with the limits, before its bytes are awaited.
func (j *Joiner) admit(size uint64) error {
	if limit := j.limits.Size; limit > 0 && (size > uint64(limit) || j.size+size > uint64(limit)) {
		return fmt.Errorf("%w: a frame of %d bytes after %d, the limit is %d", ErrTooLarge, size, j.size, limit)
	}
	if limit := j.limits.Parts; limit > 0 && len(j.parts) >= limit {
		return fmt.Errorf("%w: more than %d frames", ErrTooLarge, limit)
	}
	return nil
}

// cut makes the message of the frames that are there.
func (j *Joiner) cut() [][]byte {
	frames := make([][]byte, len(j.parts))
	for i, p := range j.parts {
		frames[i] = j.buf[p.from:p.to:p.to]
	}
	j.parts, j.size = j.parts[:0], 0
	return frames
}

// keep moves what is left behind the messages that were cut to memory of its own:
// the rest of the buffer belongs to them.
func (j *Joiner) keep(start int) {
	rest := j.buf[start:]
	if len(rest) == 0 {
		j.buf, j.at = nil, 0
		return
	}
	if start > 0 {
		j.buf = append([]byte(nil), rest...)
		j.at -= start
		for i := range j.parts {
			j.parts[i].from -= start
			j.parts[i].to -= start
		}
	}
}
