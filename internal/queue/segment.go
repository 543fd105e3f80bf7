package queue

import (
	"encoding/binary"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// Segment is a run of whole messages in ZMTP 2.0 framing, as a reader found
// them: the boundaries are checked, the headers not yet decoded. Each message
// holds the chunk once.
type Segment struct {
	Chunk *buf.Chunk
	Data  []byte
	N     int // messages

	// Where all messages are one frame of one size, as in a flood they often are: that
	// size with its header, and the header's. Their headers need not be read again,
	// each of which would have to come from memory when many peers send.
	Each, Head int
}

// arenaSlots bounds how many frame slices are allocated at a time.
const arenaSlots = 128

// framesLeft is how many frames there are from p on to the end of the message.
func framesLeft(p []byte) (n int) {
	for more := true; more; n++ {
		flags, head, size := header(p)
		p = p[head+size:]
		more = flags&wire.FlagMore != 0
	}
	return n
}

// next cuts the next message off the segment. The frames are sub-slices of the
// chunk with clipped capacity.
func (s *Segment) next(lead int) msg.Msg {
	c := s.Chunk
	heads := c.Heads
	if cap(heads)-len(heads) < lead+1 {
		c.MoreHeads(min(s.N*(lead+1), arenaSlots+lead))
		heads = c.Heads
	}
	start := len(heads)
	for range lead {
		heads = append(heads, nil)
	}
	p := s.Data
	if s.Each > 0 {
		c.Heads = append(heads, p[s.Head:s.Each:s.Each])
		if s.N--; s.N == 0 {
			s.Data, s.Chunk = nil, nil
		} else {
			s.Data = p[s.Each:]
		}
		return origin.Message(c.Heads[start:len(c.Heads):len(c.Heads)], &c.Origin)
	}
	for {
		flags, n := p[0], uint64(p[1])
		head := uint64(2)
		if flags&wire.FlagLarge != 0 {
			n, head = binary.BigEndian.Uint64(p[1:9]), 9
		}
		end := head + n
		if len(heads) == cap(heads) {
			// Growing by append would copy the neighbours' slices as well, and by steps
			// what a message of many frames has, again and again.
			heads = append(make([][]byte, 0, len(heads)-start+framesLeft(p)), heads[start:]...)
			start = 0
		}
		heads = append(heads, p[head:end:end])
		p = p[end:]
		if flags&wire.FlagMore == 0 {
			break
		}
	}
	s.Data = p
	if s.N--; s.N == 0 {
		s.Data, s.Chunk = nil, nil
	}
	c.Heads = heads
	return origin.Message(heads[start:len(heads):len(heads)], &c.Origin)
}
