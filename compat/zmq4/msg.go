package zmq4

import (
	"bytes"
	"fmt"
	"strings"
)

// MsgType tells messages from commands. Sockets deliver messages only.
type MsgType byte

// The kinds of Msg.
const (
	UsrMsg MsgType = 0
	CmdMsg MsgType = 1
)

// Msg is a message of one or more frames.
type Msg struct {
	Frames [][]byte
	Type   MsgType
	err    error
}

// NewMsg makes a message of one frame, which is not copied.
func NewMsg(frame []byte) Msg { return NewMsgFrom(frame) }

// NewMsgFrom makes a message of frames, which are not copied.
func NewMsgFrom(frames ...[]byte) Msg { return Msg{Frames: frames} }

// NewMsgString makes a message of one frame.
func NewMsgString(frame string) Msg { return NewMsg([]byte(frame)) }

// NewMsgFromString makes a message of frames.
func NewMsgFromString(frames []string) Msg {
	m := Msg{Frames: make([][]byte, len(frames))}
	for i, f := range frames {
		m.Frames[i] = []byte(f)
	}
	return m
}

// Err is the error of the Recv that returned the message.
func (m Msg) Err() error { return m.err }

// Bytes is all frames joined, in new memory.
func (m Msg) Bytes() []byte { return bytes.Join(m.Frames, nil) }

// Clone copies the message and its frames.
func (m Msg) Clone() Msg {
	c := m
	c.Frames = make([][]byte, len(m.Frames))
	for i, f := range m.Frames {
		c.Frames[i] = bytes.Clone(f)
	}
	return c
}

// String is the message for people: Msg{Frames:{"A", "text"}}.
func (m Msg) String() string {
	quoted := make([]string, len(m.Frames))
	for i, f := range m.Frames {
		quoted[i] = fmt.Sprintf("%q", f)
	}
	return "Msg{Frames:{" + strings.Join(quoted, ", ") + "}}"
}
