package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// packet is one message of this package: a frame with the mark, the op and the
// number, and in those that have a deadline the time that is left, and then
//
//	send, ask, timedAsk  the actor's name, the message
//	tell, question       the actor's name, the codec's, the type's, the value
//	reply                the message, or the value
//	failure              the fault's number, a text, and the error's name if it has one
//	cancel, ping, pong   nothing
//
// A node of the first version knows send, ask, reply and failure, without a name: it
// is sent no others. See newer.
type packet struct {
	op    op
	id    uint64        // of the ask; 0 for what is only sent
	left  time.Duration // until the asker waits no longer; 0: no end is known
	name  string
	codec string
	typ   string
	fault fault
	text  string
	err   string // the name of the error
	body  [][]byte
}

type op byte

const (
	opSend op = iota + 1
	opAsk
	opReply
	opFailure
	opCancel
	opTimedAsk
	opTell
	opQuestion
	opPing
	opPong
)

// asks reports whether p is to be answered.
func (p *packet) asks() bool { return p.op == opAsk || p.op == opTimedAsk || p.op == opQuestion }

// isTyped reports whether p has a value and not frames.
func (p *packet) isTyped() bool { return p.op == opTell || p.op == opQuestion }

// size is what p takes in memory, or a little more.
func (p *packet) size() int {
	n := len(p.name) + len(p.codec) + len(p.typ)
	for _, f := range p.body {
		n += len(f) + frameCost
	}
	return n + packetCost
}

// What a frame and a packet take besides their bytes.
const (
	frameCost  = 24
	packetCost = 256
)

const (
	mark     = "ZACTOR\x01"
	headSize = len(mark) + 1 + 8
	leftSize = 8
	maxText  = 255
)

var errMalformed = errors.New("remote: malformed message")

// Owns reports whether an event of a node is a message of this package, which the
// application need not care about.
func Owns(e zyre.Event) bool {
	return e.Kind == zyre.Whisper && e.Msg.Len() > 0 && len(e.Msg.Frames[0]) >= len(mark) && string(e.Msg.Frames[0][:len(mark)]) == mark
}

func (o op) timed() bool { return o == opTimedAsk || o == opQuestion }

func (p *packet) msg() msg.Msg {
	head := append(make([]byte, 0, headSize+leftSize), mark...)
	head = binary.BigEndian.AppendUint64(append(head, byte(p.op)), p.id)
	if p.op.timed() {
		head = binary.BigEndian.AppendUint64(head, uint64(p.left))
	}
	m := msg.New(head)
	switch p.op {
	case opSend, opAsk, opTimedAsk:
		m.AppendString(p.name)
	case opTell, opQuestion:
		m.AppendString(p.name)
		m.AppendString(p.codec)
		m.AppendString(p.typ)
	case opFailure:
		m.Append([]byte{byte(p.fault)})
		m.AppendString(p.text[:min(len(p.text), maxText)])
		if p.err != "" {
			m.AppendString(p.err)
		}
	}
	m.Frames = append(m.Frames, p.body...)
	return m
}

// parse reads a message that Owns has recognized. The body's frames are m's.
func parse(m msg.Msg) (p packet, err error) {
	head := m.Pop()
	if len(head) < headSize {
		return p, fmt.Errorf("%w: a head of %d bytes: must be at least %d", errMalformed, len(head), headSize)
	}
	p.op = op(head[len(mark)])
	p.id = binary.BigEndian.Uint64(head[len(mark)+1:])
	want := headSize
	if p.op.timed() {
		want += leftSize
	}
	if len(head) != want {
		return p, fmt.Errorf("%w: a head of %d bytes: must be %d", errMalformed, len(head), want)
	}
	if p.op.timed() {
		left := binary.BigEndian.Uint64(head[headSize:])
		if left > math.MaxInt64 {
			return p, fmt.Errorf("%w: a deadline of %d ns", errMalformed, left)
		}
		p.left = time.Duration(left)
	}
	if !p.parseBody(&m) {
		return p, fmt.Errorf("%w: op %d with %d frames", errMalformed, p.op, m.Len())
	}
	p.body = m.Frames
	return p, nil
}

// parseBody takes what follows the head from m, and reports whether it is as it must be.
func (p *packet) parseBody(m *msg.Msg) bool {
	switch n := m.Len(); p.op {
	case opReply:
		return true
	case opCancel, opPing, opPong:
		return n == 0
	case opSend, opAsk, opTimedAsk:
		if n < 1 {
			return false
		}
		p.name = m.PopString()
		return true
	case opTell, opQuestion:
		if n != 4 || len(m.Frames[1]) > maxText || len(m.Frames[2]) > maxText {
			return false
		}
		p.name, p.codec, p.typ = m.PopString(), m.PopString(), m.PopString()
		return true
	case opFailure:
		return p.parseFailure(m)
	}
	return false
}

func (p *packet) parseFailure(m *msg.Msg) bool {
	n := m.Len()
	if n < 2 || n > 3 || len(m.Frames[0]) != 1 || len(m.Frames[1]) > maxText {
		return false
	}
	if n == 3 && (len(m.Frames[2]) == 0 || len(m.Frames[2]) > maxText) {
		return false
	}
	p.fault = fault(m.Pop()[0])
	p.text = m.PopString()
	if n == 3 {
		p.err = m.PopString()
	}
	return true
}
