package form

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-zactor/zactor/msg"
)

const (
	// readSize is how much is read at once, and the most that a raw message holds.
	readSize = 128 << 10

	// MaxLine is the longest line that is read as a message.
	MaxLine = 64 << 20
)

// Reader reads messages.
type Reader struct {
	form Form
	in   io.Reader
	buf  []byte // what was read and not yet returned; messages keep parts of it
	line int    // of the input, for errors
	err  error  // of in; returned once buf is used up
}

// NewReader reads messages of a form. With Raw each message is what one read gave.
func NewReader(f Form, in io.Reader) *Reader { return &Reader{form: f, in: in} }

// Next puts the messages behind ms that can be had without waiting, at least one and at
// most so many. At the end of the input it returns io.EOF. The messages are the
// caller's.
func (r *Reader) Next(ms []msg.Msg, most int) ([]msg.Msg, error) {
	if r.form == Raw {
		return r.chunk(ms)
	}
	for begun := len(ms); ; {
		for len(ms)-begun < most {
			line, ok := r.take()
			if !ok {
				break
			}
			r.line++
			m, err := r.form.Parse(line)
			if err != nil {
				return ms, fmt.Errorf("line %d: %w", r.line, err)
			}
			ms = append(ms, m)
		}
		if len(ms) > begun {
			return ms, nil
		}
		if err := r.fill(); err != nil {
			return ms, err
		}
	}
}

func (r *Reader) chunk(ms []msg.Msg) ([]msg.Msg, error) {
	for {
		chunk := msg.Alloc(readSize)
		n, err := r.in.Read(chunk)
		if n > 0 {
			return append(ms, msg.New(chunk[:n])), nil
		}
		if err != nil {
			return ms, err
		}
	}
}

// take returns the next whole line of the buffer, and at the end of the input what is
// left.
func (r *Reader) take() (line []byte, ok bool) {
	end := bytes.IndexByte(r.buf, '\n')
	switch {
	case end >= 0:
		line, r.buf = r.buf[:end:end], r.buf[end+1:]
	case r.err != nil && len(r.buf) > 0:
		line, r.buf = r.buf, nil
	default:
		return nil, false
	}
	if n := len(line); n > 0 && line[n-1] == '\r' && r.form != Text {
		line = line[:n-1]
	}
	return line, true
}

// fill reads more. Messages have parts of the buffer, so that a full one is left to
// them.
func (r *Reader) fill() error {
	if r.err != nil {
		return r.err
	}
	if len(r.buf) > MaxLine {
		return fmt.Errorf("line %d: over %d bytes: --raw sends what has no lines", r.line+1, MaxLine)
	}
	if cap(r.buf)-len(r.buf) < readSize/8 {
		r.buf = append(make([]byte, 0, 2*len(r.buf)+readSize), r.buf...)
	}
	n, err := r.in.Read(r.buf[len(r.buf):cap(r.buf)])
	r.buf, r.err = r.buf[:len(r.buf)+n], err
	return nil
}
