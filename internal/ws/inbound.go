package ws

import (
	"encoding/binary"

	"github.com/go-zactor/zactor/internal/wire"
)

// inbound turns frames of WebSocket into frames of ZMTP, where they stand.
type inbound struct {
	masked bool // the peer is a client, and has to mask
	quiet  int  // frames of the handshake that are still to come: it knows no pings

	head  [maxHeader + 1]byte // of a frame whose header came in pieces; with ZWS's flags
	have  int
	left  uint64 // bytes of a message that are still to come
	mask  masking
	ctl   []byte // payload of a control frame so far
	op    byte   // of the control frame; 0: there is none
	size  int    // of its payload
	beats beats

	asked, answered bool // a ping, and a pong, are in what is being translated
}

// beats is what a reader has to tell the writer: the payload of the last ping.
type beats interface{ heardPing(payload []byte) }

// A frame of ZMTP may be longer than what it is made from: 9 bytes instead of 5 in
// front of 256 bytes or more. And there may be a header that came in pieces, and one
// PING and one PONG. lead is how far before its input the output has to begin.
func lead(room int) int { return 64 + room/64 }

// translate turns buf[from:] into buf[:n]; from is at least lead(len(buf)). With an
// error, buf[:n] is what came before it.
func (in *inbound) translate(buf []byte, from int) (n int, err error) {
	in.asked, in.answered = false, false
	r, w := from, 0
	for r < len(buf) {
		switch {
		case in.left > 0:
			k := int(min(in.left, uint64(len(buf)-r)))
			copy(buf[w:], buf[r:r+k])
			in.mask.apply(buf[w : w+k])
			r, w, in.left = r+k, w+k, in.left-uint64(k)
		case in.op != 0:
			k := min(in.size-len(in.ctl), len(buf)-r)
			in.ctl = append(in.ctl, buf[r:r+k]...)
			r += k
		default:
			k, whole := in.gather(buf[r:])
			r += k
			if !whole {
				continue
			}
			if w, err = in.begin(buf, w); err != nil {
				return w, err
			}
		}
		if in.op != 0 && len(in.ctl) == in.size {
			if w, err = in.control(buf, w); err != nil {
				return w, err
			}
		}
	}
	return w, nil
}

// gather takes bytes of a header, with the flags behind it that a message has.
func (in *inbound) gather(p []byte) (n int, whole bool) {
	for {
		need := headerSize(in.head[:in.have])
		if in.have >= need && in.head[0]&opMask < opClose && in.head[1]&^maskBit != 0 {
			need++
		}
		if in.have >= need {
			return n, true
		}
		k := copy(in.head[in.have:need], p[n:])
		if k == 0 {
			return n, false
		}
		in.have += k
		n += k
	}
}

// begin acts on a whole header.
func (in *inbound) begin(buf []byte, w int) (int, error) {
	h, err := parseHeader(in.head[:headerSize(in.head[:])], in.masked)
	if err != nil {
		return w, err
	}
	in.mask = masking{}
	if h.masked {
		in.mask = maskOf(h.key)
	}
	flags := in.head[in.have-1 : in.have]
	in.have = 0
	if h.control() {
		in.op, in.size, in.ctl = h.op, int(h.size), in.ctl[:0]
		return w, nil
	}
	in.mask.apply(flags)
	zmtp, err := flagsOf(flags[0])
	if err != nil {
		return w, err
	}
	if in.quiet > 0 {
		in.quiet--
	}
	in.left = h.size - 1
	return len(wire.AppendHeader(buf[:w], zmtp, int(in.left))), nil
}

// flagsOf are the flags of ZMTP for those of ZWS.
func flagsOf(zws byte) (byte, error) {
	switch zws {
	case 0:
		return 0, nil
	case zwsMore:
		return wire.FlagMore, nil
	case zwsCommand:
		return wire.FlagCommand, nil
	}
	return 0, broken(statusProtocol, "message with flags %#02x", zws)
}

// control acts on a whole control frame.
func (in *inbound) control(buf []byte, w int) (int, error) {
	op := in.op
	in.op = 0
	in.mask.apply(in.ctl)
	switch {
	case op == opClose:
		return w, in.closed()
	case op == opPing:
		in.beats.heardPing(in.ctl)
	}
	if in.quiet > 0 {
		return w, nil
	}
	// However many there are in one piece, one is enough: RFC 6455 lets a Pong answer
	// only the last Ping, and of the two ZMTP knows no more than that they came.
	switch {
	case op == opPing && !in.asked:
		in.asked = true
		return len(wire.AppendPing(buf[:w], 0, nil)), nil
	case op == opPong && !in.answered:
		in.answered = true
		return len(wire.AppendPong(buf[:w], nil)), nil
	}
	return w, nil
}

// closed is the end that a Close frame is.
func (in *inbound) closed() error {
	switch len(in.ctl) {
	case 0:
		return closedBy(statusNone, nil)
	case 1:
		return broken(statusProtocol, "Close frame of one byte")
	}
	return closedBy(binary.BigEndian.Uint16(in.ctl), in.ctl[2:])
}
