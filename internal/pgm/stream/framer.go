package stream

import (
	"encoding/binary"

	"github.com/go-zactor/zactor/internal/wire"
)

const (
	// offsetSize is the field at the front of each payload.
	offsetSize = 2
	// noStart stands there when no message begins in the payload.
	noStart = 0xFFFF
	// maxHeader is the longest header of a frame in ZMTP 1.0.
	maxHeader = 10
)

// Framer cuts messages into payloads. The zero Framer is ready to use.
type Framer struct {
	heads  []byte   // headers of the frames of the message under way
	all    [][]byte // room for pieces
	pieces [][]byte // what is left of the message: headers and bodies in turn
}

// Busy reports whether a message has been begun and not ended.
func (f *Framer) Busy() bool { return len(f.pieces) > 0 }

// Append appends a payload of at most size bytes to dst. It takes messages from
// next, which returns nil when there is none, and gives each a call more than it
// has bytes for: when next is called, the message before is out whole. Without
// anything to send dst is returned as it is.
func (f *Framer) Append(dst []byte, size int, next func() [][]byte) []byte {
	at, start := len(dst), noStart
	dst = append(dst, 0, 0)
	for size > len(dst)-at {
		if !f.Busy() {
			frames := next()
			if frames == nil {
				break
			}
			f.begin(frames)
			if start == noStart {
				start = len(dst) - at - offsetSize
			}
		}
		dst = f.fill(dst, size-(len(dst)-at))
	}
	if len(dst) == at+offsetSize {
		return dst[:at]
	}
	binary.BigEndian.PutUint16(dst[at:], uint16(start))
	return dst
}

// begin takes a message of at least one frame.
func (f *Framer) begin(frames [][]byte) {
	if need := len(frames) * maxHeader; cap(f.heads) < need {
		f.heads = make([]byte, 0, need) // pieces point into it, so it must not grow
	}
	f.heads, f.all = f.heads[:0], f.all[:0]
	for i, body := range frames {
		var flags byte
		if i+1 < len(frames) {
			flags = wire.FlagMore
		}
		at := len(f.heads)
		f.heads = wire.AppendHeader1(f.heads, flags, len(body))
		f.all = append(f.all, f.heads[at:], body)
	}
	f.pieces = f.all
}

// fill appends up to room bytes of the message under way.
func (f *Framer) fill(dst []byte, room int) []byte {
	for room > 0 && len(f.pieces) > 0 {
		n := min(room, len(f.pieces[0]))
		dst = append(dst, f.pieces[0][:n]...)
		room -= n
		f.pieces[0] = f.pieces[0][n:]
		f.trim()
	}
	return dst
}

// trim drops pieces that are used up, so that a message without a piece left is a
// message that is out.
func (f *Framer) trim() {
	for len(f.pieces) > 0 && len(f.pieces[0]) == 0 {
		f.pieces[0] = nil
		f.pieces = f.pieces[1:]
	}
}
