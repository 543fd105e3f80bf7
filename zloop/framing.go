package zloop

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Framing is how messages follow each other in a stream of bytes: Lines or
// LengthPrefixed.
type Framing struct {
	// cut returns the first message in data and how many bytes of data it takes; 0
	// when there is more to come. from is where a search may begin: so much was
	// looked at before.
	cut func(data []byte, from int) (m []byte, n int, err error)
	// put appends m to dst as it stands in the stream.
	put func(dst, m []byte) ([]byte, error)
}

// Lines is the framing of lines of at most max bytes, without their end: "\n", or
// "\r\n". What stands after the last end of line when the stream ends is no line.
func Lines(max int) Framing {
	return Framing{
		cut: func(data []byte, from int) ([]byte, int, error) {
			i := bytes.IndexByte(data[from:], '\n')
			if i < 0 {
				if len(data)-1 > max { // a "\r" may be one of them
					return nil, 0, fmt.Errorf("%w: a line of over %d bytes", ErrFrame, max)
				}
				return nil, 0, nil
			}
			m := bytes.TrimSuffix(data[:from+i], []byte{'\r'})
			if len(m) > max {
				return nil, 0, fmt.Errorf("%w: a line of %d bytes: at most %d", ErrFrame, len(m), max)
			}
			return m, from + i + 1, nil
		},
		put: func(dst, m []byte) ([]byte, error) {
			if len(m) > max || bytes.IndexByte(m, '\n') >= 0 || bytes.HasSuffix(m, []byte{'\r'}) {
				return dst, fmt.Errorf("%w: a line of %d bytes: at most %d, and no end of line", ErrFrame, len(m), max)
			}
			return append(append(dst, m...), '\n'), nil
		},
	}
}

// LengthPrefixed is the framing of messages of at most max bytes, each behind its
// length as a big-endian number of size bytes, 1 to 8.
func LengthPrefixed(size, max int) Framing {
	if size < 1 || size > 8 || max < 0 {
		return Framing{} // which check refuses
	}
	return Framing{
		cut: func(data []byte, _ int) ([]byte, int, error) {
			if len(data) < size {
				return nil, 0, nil
			}
			var number [8]byte
			copy(number[8-size:], data[:size])
			n := binary.BigEndian.Uint64(number[:])
			if n > uint64(max) {
				return nil, 0, fmt.Errorf("%w: a message of %d bytes: at most %d", ErrFrame, n, max)
			}
			if uint64(len(data)-size) < n {
				return nil, 0, nil
			}
			end := size + int(n)
			return data[size:end], end, nil
		},
		put: func(dst, m []byte) ([]byte, error) {
			if len(m) > max || size < 8 && uint64(len(m)) >= 1<<(8*size) {
				return dst, fmt.Errorf("%w: a message of %d bytes: at most %d, behind %d bytes of length", ErrFrame, len(m), max, size)
			}
			var number [8]byte
			binary.BigEndian.PutUint64(number[:], uint64(len(m)))
			return append(append(dst, number[8-size:]...), m...), nil
		},
	}
}

// check returns why a framing can't be used.
func (f Framing) check() error {
	if f.cut == nil {
		return fmt.Errorf("%w: no framing: use Lines, or LengthPrefixed with a length of 1 to 8 bytes", ErrHandler)
	}
	return nil
}
