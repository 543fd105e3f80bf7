package zmq

import (
	"encoding/binary"
	"fmt"

	"github.com/go-zactor/zactor/msg"
)

// This file is about the types whose messages have one frame (RFC 41, 48, 49, 51,
// 52), and those among them on whose messages it stands whom they are for. On its way
// to the type's policy that is a frame in front.

// addressed are the frames of a message as the type's policy takes them.
func (s *Socket) addressed(m *msg.Msg) [][]byte {
	if !s.kind.addressed {
		return m.Frames
	}
	frames := make([][]byte, 1, 1+len(m.Frames))
	if s.kind.groups {
		frames[0] = []byte(m.Group())
	} else {
		frames[0] = binary.BigEndian.AppendUint32(nil, m.RoutingID())
	}
	return append(frames, m.Frames...)
}

// unaddressed begins the frames of a message that says nothing of whom it is for:
// on a RADIO that is the group "".
func (s *Socket) unaddressed(frames [][]byte) [][]byte {
	if s.kind.addressed {
		return append(frames, nil)
	}
	return frames
}

// body is what of addressed frames is the message.
func (s *Socket) body(frames [][]byte) [][]byte {
	if s.kind.addressed {
		return frames[1:]
	}
	return frames
}

// msgCopy copies frames into one buffer of their own.
func msgCopy(frames [][]byte) [][]byte { return msg.New(frames...).Clone().Frames }

// onePart refuses a message of several frames where there is one.
func (s *Socket) onePart(body [][]byte) error {
	if len(body) == 1 {
		return nil
	}
	return fmt.Errorf("%w: %d frames; a message of a %s has one", ErrInvalidMessage, len(body), s.typ)
}
