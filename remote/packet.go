package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// packet is one message of this package: a frame with the mark, the op and the
// number, and then
//
//	send, ask  the actor's name, the message
//	reply      the message
//	failure    the fault's number and a text
type packet struct {
	op    op
	id    uint64 // of the ask; 0 for send
	name  string
	fault fault
	text  string
	body  [][]byte
}

type op byte

const (
	opSend op = iota + 1
	opAsk
	opReply
	opFailure
)

const (
	mark     = "ZACTOR\x01"
	headSize = len(mark) + 1 + 8
	maxText  = 255
)

var errMalformed = errors.New("remote: malformed message")

// Owns reports whether an event of a node is a message of this package, which the
// application need not care about.
func Owns(e zyre.Event) bool {
	return e.Kind == zyre.Whisper && e.Msg.Len() > 0 && len(e.Msg.Frames[0]) >= len(mark) && string(e.Msg.Frames[0][:len(mark)]) == mark
}

func (p *packet) msg() msg.Msg {
	head := append(make([]byte, 0, headSize), mark...)
	head = binary.BigEndian.AppendUint64(append(head, byte(p.op)), p.id)
	m := msg.New(head)
	switch p.op {
	case opSend, opAsk:
		m.AppendString(p.name)
	case opFailure:
		m.Append([]byte{byte(p.fault)})
		m.AppendString(p.text[:min(len(p.text), maxText)])
	}
	m.Frames = append(m.Frames, p.body...)
	return m
}

// parse reads a message that Owns has recognized. The body's frames are m's.
func parse(m msg.Msg) (p packet, err error) {
	head := m.Pop()
	if len(head) != headSize {
		return p, fmt.Errorf("%w: a head of %d bytes: must be %d", errMalformed, len(head), headSize)
	}
	p.op = op(head[len(mark)])
	p.id = binary.BigEndian.Uint64(head[len(mark)+1:])
	switch {
	case p.op == opReply:
	case (p.op == opSend || p.op == opAsk) && m.Len() >= 1:
		p.name = m.PopString()
	case p.op == opFailure && m.Len() == 2 && len(m.Frames[0]) == 1 && len(m.Frames[1]) <= maxText:
		p.fault = fault(m.Pop()[0])
		p.text = m.PopString()
	default:
		return p, fmt.Errorf("%w: op %d with %d frames", errMalformed, p.op, m.Len())
	}
	p.body = m.Frames
	return p, nil
}

// err is the error that a failure tells of. The text is the peer's, and so quoted.
func (p *packet) err() error {
	known, ok := faults[p.fault]
	if !ok {
		known = ErrFailed
	}
	if known == ErrFailed {
		return fmt.Errorf("%w: %s", ErrFailed, strconv.Quote(p.text))
	}
	return known
}
