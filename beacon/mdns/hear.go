package mdns

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"time"

	"golang.org/x/net/bpf"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/internal/rate"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/gate"
	"github.com/go-zactor/zactor/internal/logs"
)

// Everybody on the link hears everything, so what a packet costs who does not need it counts
// most. A packet is refused in this order: by the system, before it is in the queue of the
// socket (see wanted, and gate.Gate); unread, by its header; by the share of the rate that its
// source has; and then by what it says.

// queue is how many bytes of packets the system is asked to keep for a socket: answers come
// in bursts.
const queue = 1 << 20

// answering is the bit of a DNS header that tells an answer from a question.
const answering = 1 << 15

// wants says whether a packet is one for this node, by its header. A browser needs no
// questions.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-6: "Multicast DNS implementations MUST
// silently ignore any Multicast DNS responses they receive where the source UDP port is not
// 5353."
func (n *node) wants(b []byte, port uint16) bool {
	if len(b) < 4 || binary.BigEndian.Uint16(b[2:])&answering == 0 {
		return !n.deaf
	}
	return int(port) == n.config.port
}

// wanted is wants for the system. What has no header is left to the decoder.
func (n *node) wanted() []bpf.Instruction {
	const header = 8 // of UDP
	question := []bpf.Instruction{}
	if n.deaf {
		question = append(question, bpf.RetConstant{})
	}
	skip := uint8(len(question))
	return append(append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: header + 2, Size: 1}, // what has none is refused: it is shorter than a header
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: answering >> 8, SkipFalse: skip},
	}, question...), // the rest is for answers, and lets questions pass
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: answering >> 8, SkipTrue: 3},
		bpf.LoadAbsolute{Off: 0, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(n.config.port), SkipTrue: 1},
		bpf.RetConstant{},
	)
}

// listen reads one socket until it is closed.
func (n *node) listen(s *socket) {
	_ = s.Conn.SetReadBuffer(queue) // the system gives less where it has to
	door := gate.New(s.Conn, n.wanted())
	buf := make([]byte, dnssd.MaxPacket+1)
	for wait := time.Duration(0); ; {
		size, a, err := s.receive(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			n.listenAgain(s, door)
			continue
		case err != nil:
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			if !lan.Pause(n.done, wait) {
				return
			}
			continue
		}
		wait = 0
		if !n.admits(buf[:size], a, s, door) {
			continue
		}
		var p packet
		n.config.tasks.Step("mdns: decode", func() { p = n.decode(buf[:size], s, a) })
		if p.msg == nil {
			continue
		}
		select {
		case n.heard <- p:
		case <-n.done:
			return
		}
	}
}

// admits says whether a packet is to be decoded.
func (n *node) admits(b []byte, a arrived, s *socket, door *gate.Gate) bool {
	n.counters.received.Add(1)
	if !n.wants(b, a.from.Port()) {
		n.counters.unwanted.Add(1)
		return false
	}
	now := time.Now()
	verdict := n.limit.Hear(a.from.Addr().WithZone(""), now)
	if verdict == rate.Heard {
		return true
	}
	n.counters.limited.Add(1)
	if verdict == rate.Flood && door.Mute(a.from.Addr(), now.Add(lan.MuteFor)) {
		n.counters.muted.Add(1)
		n.config.log.Debug("mdns: source not heard for a second, because it floods", logs.Stringer("from", a.from))
		_ = s.Conn.SetReadDeadline(door.Until())
	}
	return false
}

// listenAgain hears the sources again whose second is over.
func (n *node) listenAgain(s *socket, door *gate.Gate) {
	door.Expire(time.Now())
	_ = s.Conn.SetReadDeadline(door.Until()) // the zero time is none
}
