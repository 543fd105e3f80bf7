package session

import (
	"net"
	"sync"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// sealBlock is how many sealed bytes are gathered for one system call.
const sealBlock = 64 << 10

// writer is the scratch of one running writer.
type writer struct {
	batch queue.Batch
	bufs  net.Buffers
	ctl   []byte
	ends  []int // where the messages of a block end
	seals []sealing
}

var writers = sync.Pool{New: func() any { return new(writer) }}

// startWriter is called when something is to be written and no writer runs.
func (c *conn) startWriter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || c.finishing {
		return
	}
	c.writers.Add(1)
	go c.write()
}

// write takes everything that waits, again and again, one system call a time,
// until nothing waits. Batching comes from load: what is accepted during one
// call goes out with the next.
func (c *conn) write() {
	defer c.writers.Done()
	w, returned := writers.Get().(*writer), false
	defer func() {
		if !returned {
			c.writerFailed(w, contain.Caught("writer", recover()))
		}
	}()
	out := &c.pipe.Out
	for {
		more, writable := out.Take(&w.batch)
		if writable {
			c.pipe.Owner().Writable(c.pipe)
		}
		if !more {
			break
		}
		asks, question := c.asks(&w.batch)
		done, err := c.writeBatch(w)
		if err != nil {
			c.giveUp(&w.batch, done)
			break
		}
		c.sent.Add(uint64(w.batch.Bytes))
		c.traffic.sentMessages.Add(uint64(w.batch.N))
		if asks {
			c.beat.pinged(question)
		}
	}
	writers.Put(w)
	returned = true
}

// writerFailed ends a connection whose writer panicked. What it was writing is lost:
// nobody knows how much of it the peer has.
func (c *conn) writerFailed(w *writer, p *contain.Panic) {
	c.panicked(p)
	_ = c.tell(contain.Call("writer, at its end", func() {
		if n := c.pipe.Out.Restore(&w.batch, queue.Written{}, false); n > 0 {
			c.host.Lost(c.pipe, n)
		}
	}))
	c.stop(p)
}

// asks reports that there is a PING in a batch, and what is known before it goes out.
func (c *conn) asks(b *queue.Batch) (bool, asking) {
	for i := range b.Control {
		if b.Control[i].Kind == wire.Ping {
			return true, c.beat.pinging()
		}
	}
	return false, asking{}
}

// giveUp ends writing on this connection. Reading goes on to the end of what the
// peer has sent; that also notices that the connection is broken.
func (c *conn) giveUp(b *queue.Batch, done queue.Written) {
	kept := c.unacked != nil && !b.Logged() // messages and all: they are handed back
	if c.unacked != nil && b.Logged() {
		c.unacked.list = c.unacked.list[:len(c.unacked.list)-c.unacked.staged]
	}
	lost := c.pipe.Out.Restore(b, done, c.keep && !kept)
	if lost > 0 && !kept {
		c.host.Lost(c.pipe, lost)
	}
	if cw, ok := c.nc.(interface{ CloseWrite() error }); ok {
		_ = cw.CloseWrite()
	}
}

// writeBatch writes commands and then messages. done says how far it came.
func (c *conn) writeBatch(w *writer) (done queue.Written, err error) {
	w.ctl = w.ctl[:0]
	for _, cmd := range w.batch.Control {
		if w.ctl, err = c.appendCommand(w.ctl, cmd); err != nil {
			return done, err
		}
	}
	if c.cfg.Raw {
		return c.writeRaw(w)
	}
	if c.unacked != nil {
		c.unacked.stage(c, &w.batch, len(w.ctl))
		defer func() {
			if err == nil {
				c.unacked.wrote(c)
			}
		}()
	}
	if len(w.batch.Msgs) > 0 {
		return c.writeMsgs(w)
	}
	n, err := c.writeOut(w, w.ctl, w.batch.Iov)
	done.Bytes = max(0, n-int64(len(w.ctl)))
	return done, err
}

// writeOut writes head and then iov.
func (c *conn) writeOut(w *writer, head []byte, iov [][]byte) (int64, error) {
	if len(head) == 0 && len(iov) == 1 {
		n, err := c.nc.Write(iov[0])
		return int64(n), err
	}
	if len(iov) == 0 {
		n, err := c.nc.Write(head)
		return int64(n), err
	}
	all := w.bufs[:0]
	if len(head) > 0 {
		all = append(all, head)
	}
	all = append(all, iov...)
	w.bufs = all
	// WriteTo consumes the slice it works on, w.bufs keeps the room.
	n, err := w.bufs.WriteTo(c.nc)
	clear(all)
	w.bufs = all[:0]
	return n, err
}

// appendCommand frames a command as this peer understands it.
func (c *conn) appendCommand(dst []byte, cmd wire.Command) ([]byte, error) {
	v := c.result.Version
	if c.pulsed && isBeat(cmd.Kind) {
		return appendBeat(dst, cmd), nil
	}
	if cmd.Kind == wire.Message {
		return c.appendMessage(dst, cmd.Data)
	}
	if v < wire.V30 && cmd.Kind != wire.Subscribe && cmd.Kind != wire.Cancel {
		return dst, nil // such a peer knows no commands
	}
	if v == wire.V1 {
		return dst, nil // nor subscriptions: it has subscribed to everything
	}
	if c.result.Sealer != nil {
		return c.sealCommand(dst, cmd)
	}
	switch cmd.Kind {
	case wire.Ping, wire.Pong:
		return appendBeat(dst, cmd), nil
	case wire.Error:
		return wire.AppendError(dst, cmd.Data), nil
	case wire.Subscribe:
		return wire.AppendSubscribe(dst, v, cmd.Data), nil
	case wire.Cancel:
		return wire.AppendCancel(dst, v, cmd.Data), nil
	case wire.Join:
		return wire.AppendJoin(dst, string(cmd.Data)), nil
	case wire.Leave:
		return wire.AppendLeave(dst, string(cmd.Data)), nil
	}
	return wire.AppendExtension(dst, cmd), nil
}

// appendMessage frames a message of one frame that stands among the commands.
func (c *conn) appendMessage(dst, body []byte) ([]byte, error) {
	if c.result.Sealer != nil || c.result.Version == wire.V1 {
		return c.appendFrame(dst, body, false)
	}
	return append(wire.AppendHeader(dst, 0, len(body)), body...), nil
}

func (c *conn) sealCommand(dst []byte, cmd wire.Command) ([]byte, error) {
	body, flags := commandBody(cmd, c.result.Version)
	return c.seal(dst, flags, body)
}

// writeMsgs writes messages that could not be encoded before the peer was known.
func (c *conn) writeMsgs(w *writer) (done queue.Written, err error) {
	if c.result.Sealer != nil {
		return c.writeSealed(w)
	}
	block := append(buf.Alloc(sealBlock + 4096)[:0], w.ctl...)
	defer func() { buf.Free(block) }()
	w.ends = append(w.ends[:0], len(block))
	for i := range w.batch.Msgs {
		frames := w.batch.Msgs[i].Frames
		for k, f := range frames {
			if block, err = c.appendFrame(block, f, k+1 < len(frames)); err != nil {
				return done, err
			}
		}
		w.ends = append(w.ends, len(block))
		if len(block) >= sealBlock || i == len(w.batch.Msgs)-1 {
			n, err := c.nc.Write(block)
			countWritten(&done, w.ends, n)
			if err != nil {
				return done, err
			}
			block, w.ends = block[:0], append(w.ends[:0], 0)
		}
	}
	freeFrames(w.batch.Msgs)
	return done, nil
}

// countWritten counts the messages of a block of which n bytes were written. Each
// reaches from one of ends to the next.
func countWritten(done *queue.Written, ends []int, n int) {
	for i, start := range ends[:len(ends)-1] {
		if n > start {
			done.Begun++
		}
		if n >= ends[i+1] {
			done.Whole++
		}
	}
}

// appendFrame frames one part for a peer that seals, or that speaks ZMTP 1.0.
func (c *conn) appendFrame(dst, f []byte, more bool) ([]byte, error) {
	var flags byte
	if more {
		flags = wire.FlagMore
	}
	if c.result.Sealer != nil {
		return c.seal(dst, flags, f)
	}
	return append(wire.AppendHeader1(dst, flags, len(f)), f...), nil
}

func (c *conn) seal(dst []byte, flags byte, body []byte) ([]byte, error) {
	if dst = c.result.Sealer.Seal(dst, flags, body); dst == nil {
		return nil, errNonces
	}
	return dst, nil
}

// commandBody is a command as it goes into a sealed frame.
func commandBody(cmd wire.Command, v wire.Version) (body []byte, flags byte) {
	switch cmd.Kind {
	case wire.Ping:
		return wire.AppendPingBody(nil, cmd.TTL, cmd.Data), wire.FlagCommand
	case wire.Pong:
		return wire.AppendPongBody(nil, cmd.Data), wire.FlagCommand
	case wire.Subscribe:
		return wire.AppendSubscribeBody(nil, v, cmd.Data), subscriptionFlags(v)
	case wire.Cancel:
		return wire.AppendCancelBody(nil, v, cmd.Data), subscriptionFlags(v)
	case wire.Error:
		return wire.AppendErrorBody(nil, cmd.Data), wire.FlagCommand
	case wire.Join:
		return wire.AppendJoinBody(nil, string(cmd.Data)), wire.FlagCommand
	case wire.Leave:
		return wire.AppendLeaveBody(nil, string(cmd.Data)), wire.FlagCommand
	}
	body, _ = wire.AppendExtensionBody(nil, cmd)
	return body, wire.FlagCommand
}

// subscriptionFlags: up to ZMTP 3.0 a subscription is a message.
func subscriptionFlags(v wire.Version) byte {
	if v < wire.V31 {
		return 0
	}
	return wire.FlagCommand
}
