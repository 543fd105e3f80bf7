package ws

import (
	"io"
	"net"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/wire"
)

const (
	// outBlock is how much is translated for one system call.
	outBlock = 64 << 10
	// byReference is the size of a payload, or a piece of one, that a server need not
	// copy: it does not mask.
	byReference = 16 << 10
	// outRoom is what the longest item takes that is not a payload: a Pong.
	outRoom = maxHeader + maxControl + 1
)

// outbound turns frames of ZMTP into frames of WebSocket.
type outbound struct {
	client bool
	keys   keys
	skip   int    // bytes of the greeting, which has gone with the upgrade
	held   []byte // a header, or a PING or PONG, whose rest is still to be written
	left   uint64 // bytes of a payload that are still to be written
	mask   masking
	cut    bool // a frame was written in part: nothing sensible can follow
	pong   func(dst []byte) []byte

	marks []mark

	// For given: how much of what write was given stood before the block under way, less
	// what was held; how much the block has taken of it, and how long it is.
	before, used, size int
}

// mark is a payload in a block: where it begins in what was given, where in what is
// written, and how long it is.
type mark struct{ in, out, size int }

// write writes p to w, and returns how many bytes of p are written.
func (o *outbound) write(w io.Writer, p []byte) (n int, err error) {
	if len(o.held) > 0 {
		held := len(o.held)
		q := append(o.held, p...)
		o.held = nil
		n, err = o.pass(w, q, -held)
		return max(0, n-held), err
	}
	return o.pass(w, p, 0)
}

// pass is write for one that holds nothing; before is where p begins.
func (o *outbound) pass(w io.Writer, p []byte, before int) (n int, err error) {
	n = min(o.skip, len(p))
	o.skip -= n
	for n < len(p) {
		o.before = before + n
		used, err := o.block(w, p[n:])
		n += used
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// block writes as much of p as fits, with one system call.
func (o *outbound) block(w io.Writer, p []byte) (used int, err error) {
	room := min(outBlock, 2*len(p)) + 2*outRoom
	b := buf.Alloc(room)
	defer buf.Free(b)
	out, used, err := o.fill(b[:0:room], p)
	if err != nil {
		return 0, err
	}
	if len(out) == 0 && !o.refers(p[used:]) {
		return used, nil
	}
	o.used, o.size = used, len(out)
	written, err := o.send(w, out, p[used:])
	if err != nil {
		o.cut = true
		if over := written - len(out); over > 0 {
			return used + over, err
		}
		return o.accepted(written), err
	}
	if over := written - len(out); over > 0 {
		used += over
		o.left -= uint64(over)
	}
	return used, nil
}

// send writes a block, and behind it a large payload that rest begins with, if it does.
func (o *outbound) send(w io.Writer, out, rest []byte) (int, error) {
	if !o.refers(rest) {
		return w.Write(out)
	}
	rest = rest[:min(o.left, uint64(len(rest)))]
	if g, ok := w.(*gauge); ok {
		return g.send(out, rest)
	}
	if len(out) == 0 {
		return w.Write(rest)
	}
	pieces := net.Buffers{out, rest}
	n, err := pieces.WriteTo(w)
	return int(n), err
}

// refers reports whether p begins with so much payload that it is not copied.
func (o *outbound) refers(p []byte) bool {
	return !o.client && min(o.left, uint64(len(p))) >= byReference
}

// fill translates p into dst until there is no room or nothing left.
func (o *outbound) fill(dst, p []byte) (_ []byte, used int, err error) {
	o.marks = append(o.marks[:0], mark{size: int(min(o.left, uint64(len(p))))})
	for used < len(p) && cap(dst)-len(dst) >= outRoom {
		rest := p[used:]
		if o.left > 0 {
			if o.refers(rest) {
				break
			}
			k := min(int(min(o.left, uint64(len(rest)))), cap(dst)-len(dst))
			at := len(dst)
			dst = append(dst, rest[:k]...)
			o.mask.apply(dst[at:])
			used, o.left = used+k, o.left-uint64(k)
			continue
		}
		var n int
		if dst, n, err = o.frame(dst, rest); err != nil {
			return dst, used, err
		}
		if n == 0 {
			o.held = append(o.held, rest...)
			return dst, len(p), nil
		}
		used += n
		o.marks = append(o.marks, mark{used, len(dst), int(min(o.left, uint64(len(p)-used)))})
	}
	return dst, used, nil
}

// frame translates the header that p begins with, and the whole frame if that is a
// PING or a PONG. n is 0 while it is not there.
func (o *outbound) frame(dst, p []byte) (_ []byte, n int, err error) {
	flags, head, size, err := wire.ParseHeader(p)
	if err != nil || head == 0 {
		return dst, 0, err
	}
	if op, payload, whole := beat(flags, size, p[head:]); op != 0 {
		if !whole {
			return dst, 0, nil
		}
		return o.control(dst, op, payload), head + int(size), nil
	}
	zws := flags & wire.FlagMore
	if flags&wire.FlagCommand != 0 {
		zws |= zwsCommand
	}
	dst = o.header(dst, opBinary, int(size)+1)
	dst = append(dst, zws)
	o.mask.apply(dst[len(dst)-1:])
	o.left = size
	return dst, head, nil
}

// beat tells which control frame a command is, if it is one. Without its first bytes
// that is not known, and so it is not whole.
func beat(flags byte, size uint64, body []byte) (op byte, payload []byte, whole bool) {
	const longest = 5 + 2 + wire.MaxPingContext
	if flags&wire.FlagCommand == 0 || size > longest {
		return 0, nil, false
	}
	if uint64(len(body)) < size {
		return opPing, nil, false
	}
	switch cmd, _ := wire.ParseCommand(body[:size]); cmd.Kind {
	case wire.Ping:
		// The time to live has no place in a ping of WebSocket.
		return opPing, nil, true
	case wire.Pong:
		return opPong, nil, true
	}
	return 0, nil, false
}

// control appends a control frame. A Pong carries what the last Ping did.
func (o *outbound) control(dst []byte, op byte, payload []byte) []byte {
	if op == opPong {
		payload = o.pong(nil)
	}
	dst = o.header(dst, op, len(payload))
	at := len(dst)
	dst = append(dst, payload...)
	o.mask.apply(dst[at:])
	return dst
}

// header appends a header, and sets the mask for what follows.
func (o *outbound) header(dst []byte, op byte, size int) []byte {
	o.mask = masking{}
	if !o.client {
		return appendHeader(dst, op, size, nil)
	}
	key := o.keys.next()
	o.mask = maskOf(key)
	return appendHeader(dst, op, size, &key)
}

// given is how much of what write was given is written, when n bytes of the block under way
// and of the payload behind it are.
func (o *outbound) given(n int) int {
	if n > o.size {
		return max(0, o.before+o.used+n-o.size)
	}
	return max(0, o.before+o.accepted(n))
}

// accepted is how much of what was given is in the first n bytes of the block.
func (o *outbound) accepted(n int) int {
	given := 0
	for _, m := range o.marks {
		if m.out > n {
			break
		}
		given = m.in + min(n-m.out, m.size)
	}
	return given
}
