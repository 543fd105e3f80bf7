package session

import (
	"net"
	"time"

	"github.com/go-zactor/zactor/internal/transport"
)

// This file is what a heartbeat asks of the kernel: whether the peer has had a chance to
// hear a PING, and whether it takes what it is sent.

// ahead is what has to get through before an answer to a PING can be expected.
type ahead struct {
	mark  uint64        // tcp: how much the peer's kernel has acknowledged by then; 0: unknown
	look  uint64        // tcp: what was under way at the last look; 0: there was none
	first bool          // the PING was the first thing that the peer had not read
	stood bool          // something before the PING stood in the kernel at the last look
	sent  uint64        // bytes of messages written until it was
	grace time.Duration // where the kernel does not tell: what they may take
}

// slowLink is the rate that bytes are given on a link whose kernel says nothing of them,
// and longestGrace how long the most may take that buffers in between can hold.
const (
	slowLink     = 64 << 10
	longestGrace = time.Minute
)

// aheadOf is called when the kernel has just taken a PING; last is ahead.sent of the one
// before.
func (c *conn) aheadOf(a asking, last uint64) ahead {
	b := ahead{first: a.read, sent: c.sent.Load()}
	f, ok := transport.Look(bottom(c.nc))
	switch {
	case !ok:
		b.grace = min(longestGrace, time.Duration((b.sent-last)/slowLink)*time.Second)
	case f.Exact:
		b.mark = f.Acked + uint64(f.Standing)
	}
	return b
}

// standing reports whether bytes of ours stand in the kernel, so that silence says
// nothing.
func (c *conn) standing(b *ahead) bool {
	f, ok := transport.Look(bottom(c.nc))
	if !ok {
		return c.pipe.Out.Writing()
	}
	return b.standing(f, c.sent.Load() != b.sent || c.pipe.Out.Writing())
}

// standing is asked each time that the peer's time is over; more says that messages have
// been written since the PING, or are being written. A peer whose kernel took the PING
// between two looks has its whole time from the second one on.
func (b *ahead) standing(f transport.Flight, more bool) bool {
	switch {
	case f.Standing == 0:
		late := b.stood || b.mark == 0 && !b.first
		b.first, b.stood = true, false // it has all, and only now has a chance to answer
		return late
	case f.Exact && b.mark > 0:
		return b.underWay(f)
	case !b.first && b.sent == 0 && !more:
		// What stands before the PING is our part of the handshake. It is no message that
		// the peer may have no room for, and the peer has had the time to read it.
		// One that reads it only now has its whole time from then on.
		b.first, b.stood = true, true
		return true
	}
	return !b.first || more
}

// underWay is standing for tcp, while something is not acknowledged. What is on its way
// is no sign of a slow peer, if it has arrived by the next look.
func (b *ahead) underWay(f transport.Flight) bool {
	if f.Acked < b.mark || f.Unsent > 0 {
		b.look, b.stood = 0, true
		return true
	}
	last := b.look
	b.look, b.stood = f.Acked+uint64(f.Standing), false
	return last == 0 || f.Acked < last
}

// localPeerReads reports that a peer of this machine, whose kernel is ours, has yet to
// read what it was sent. To tell these bytes from a PING behind them would need their
// number, which the kernel does not tell.
func (c *conn) localPeerReads() bool {
	nc := bottom(c.nc)
	if _, ok := nc.(*net.UnixConn); !ok {
		return false
	}
	f, ok := transport.Look(nc)
	return ok && f.Standing > 0 && c.sent.Load() != c.beat.before.sent
}

// signs are the signs of life of a peer so far; only whether they change matters.
type signs struct {
	reads uint32 // that brought something
	bytes uint64 // where a read brings nothing before a whole record of TLS is there
}

// heard is what has been heard of the peer.
func (c *conn) heard() signs {
	s := signs{reads: c.rx.Load()}
	if c.pulsed {
		f, _ := transport.Look(bottom(c.nc))
		s.bytes = f.Received
	}
	return s
}

// unread reports that the kernel holds something for us.
func (c *conn) unread() bool { return transport.Unread(bottom(c.nc)) > 0 }
