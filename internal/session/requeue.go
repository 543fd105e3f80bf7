package session

import (
	"fmt"
	"net"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/window"
	"github.com/go-zactor/zactor/internal/wire"
)

// unacked are the messages of one connection that the peer's kernel may not have yet: those
// before Next are written, the others are being written. The front is what the kernel says.
// The writer adds to them; the reader looks at them when the writer has ended.
type unacked struct {
	window.Window[sentMsg]
	ends uint64 // where those end that are being written
}

// sentMsg is a message in ZMTP 2.0 framing, and where it ends among all bytes of the
// connection.
type sentMsg struct {
	enc []byte
	end uint64
}

const (
	// mostInFlight is more than kernels hold of a connection whose send buffer they choose.
	mostInFlight = 16 << 20
	// proveFrom is how much is kept before the kernel is asked what has arrived.
	proveFrom = 256 << 10
	// localKeep is how much is kept of what a local peer has read: nothing can be asked any
	// more when it has gone, and it may not have handed all of that to its program. So much
	// may come twice.
	localKeep = 8 << 10
)

// stage notes what is about to be written: head bytes of commands, and then messages.
func (u *unacked) stage(c *conn, b *queue.Batch, head int) {
	at := c.written.Load() + uint64(head)
	for _, cmd := range b.Control {
		if cmd.Kind == wire.Again {
			u.Put(sentMsg{cmd.Data, at}, len(cmd.Data))
		}
	}
	for _, m := range b.Encoded() {
		at += uint64(c.wireSize(m))
		u.Put(sentMsg{m, at}, len(m))
	}
	u.ends = at
}

// writing reports whether something is staged.
func (u *unacked) writing() bool { return u.Next() < u.End() }

// wireSize is how many bytes a message takes on this connection.
func (c *conn) wireSize(enc []byte) int {
	if c.result.Sealer == nil && c.result.Version != wire.V1 {
		return len(enc)
	}
	frames, _ := queue.Decode(enc)
	size := 0
	for _, f := range frames {
		if c.result.Sealer != nil {
			size += c.result.Sealer.SealedSize(len(f))
		} else {
			size += len(wire.AppendHeader1(nil, 0, len(f))) + len(f)
		}
	}
	return size
}

// wrote notes that what was staged is written, and asks the kernel when it is time. Nothing
// is forgotten that it may hold: a peer that takes nothing has the kernel take nothing, and
// so the writer wait.
func (u *unacked) wrote(c *conn) {
	before := c.written.Swap(u.ends)
	u.Seek(u.End())
	from, keep := int64(proveFrom), int64(0)
	if _, local := c.nc.(*net.UnixConn); local {
		from, keep = localKeep, localKeep
	}
	if u.Bytes() <= from {
		return
	}
	arrived, told := c.reached()
	if !told { // one write may be larger than the buffer that takes it
		arrived = before - min(before, c.sendBuffer())
	}
	u.forget(arrived, keep)
}

// forget forgets what ends within so many bytes of the connection, but for the last messages
// that have so many bytes together.
func (u *unacked) forget(arrived uint64, keep int64) {
	n := u.First()
	for left := u.Bytes(); left > keep && n < u.End(); n++ {
		m, size := u.At(n)
		if m.end > arrived {
			break
		}
		left -= int64(size)
	}
	u.Drop(n)
}

// sendBuffer is at least what the kernel holds of what it has taken from us. What is
// written over ws may be shorter than what is counted here, by less than half.
func (c *conn) sendBuffer() uint64 {
	return max(mostInFlight, 2*uint64(transport.SendBuffer(bottom(c.nc))))
}

// reached is how many bytes the peer has, rather too few; told is false where the system
// does not say.
func (c *conn) reached() (n uint64, told bool) {
	written := c.written.Load() // before the kernel is asked: more may follow meanwhile
	unsent, told := transport.Unsent(c.nc)
	return written - min(written, uint64(unsent)), told
}

// lastProof asks the kernel what the peer has when the connection has ended. What a local peer has not read is
// gone together with it, and nothing can be asked any more.
func (c *conn) lastProof() {
	if _, ok := c.nc.(*net.TCPConn); !ok || c.unacked == nil {
		return
	}
	if n, told := c.reached(); told {
		c.proven = n
	}
}

// handBack gives what may not have arrived, and with waiting what was not written at
// all, back to the socket. The writer has ended.
func (c *conn) handBack(waiting [][]byte) {
	if c.unacked == nil {
		return
	}
	var list [][]byte
	u := c.unacked
	u.forget(max(c.proven, c.drained.Load()), 0)
	for n := u.First(); n < u.End(); n++ {
		m, _ := u.At(n)
		list = append(list, m.enc)
	}
	c.unacked = nil
	list = append(list, c.again...)
	if tried := len(list); tried+len(waiting) > 0 {
		c.handler.Requeue(append(list, waiting...), tried)
	}
}

// resend takes a message that came as a command, in ZMTP 2.0 framing.
func (c *conn) resend(enc []byte) error {
	frames, ok := queue.Decode(append([]byte(nil), enc...))
	switch {
	case !ok:
		return wire.Malformed(wire.CodeMalformedCommand, "a message of %d bytes that is none", len(enc))
	case c.cfg.MaxMsgSize > 0 && int64(len(enc)) > c.cfg.MaxMsgSize+int64(9*len(frames)):
		return fmt.Errorf("%w: a message of %d bytes, the limit is %d", ErrTooLarge, len(enc), c.cfg.MaxMsgSize)
	case c.cfg.MaxParts > 0 && len(frames) > c.cfg.MaxParts:
		return fmt.Errorf("%w: more than %d frames in a message", ErrTooLarge, c.cfg.MaxParts)
	}
	for c.pipe.In.Room() == 0 {
		if err := c.awaitRoom(); err != nil {
			return err
		}
	}
	if _, announce, ok := c.pipe.In.PutMsg(origin.Message(frames, &buf.Origin{Peer: c.info, Redelivered: true})); ok && announce {
		c.pipe.Announce()
	}
	return nil
}
