package session

import (
	"errors"
	"sync"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
)

// sealBlock is how many sealed bytes are gathered for one system call.
const sealBlock = 64 << 10

// writer is the scratch of one running writer.
type writer struct {
	c     *conn
	batch queue.Batch
	out   transport.Outlet
	bufs  [][]byte
	ctl   []byte
	seals []sealing
	reached
}

var writers = sync.Pool{New: func() any {
	w := new(writer)
	w.out.Stalled, w.out.Until = w.stalled, w.until
	return w
}}

// startWriter is called when something is to be written and no writer runs.
func (c *conn) startWriter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || c.finishing.Load() {
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
	w.c = c
	defer func() {
		if !returned {
			c.writerFailed(w, contain.Caught("writer", recover()))
		}
	}()
	out := &c.pipe.Out
	for {
		more, writable := out.Take(&w.batch)
		c.room(writable)
		if !more {
			break
		}
		w.reached = reached{ends: w.ends[:0]}
		asks, question := c.asks(&w.batch)
		if err := c.writeBatch(w); err != nil {
			c.giveUp(w)
			break
		}
		c.sent.Add(uint64(w.batch.Bytes))
		c.traffic.sentMessages.Add(uint64(w.batch.N))
		if asks {
			c.beat.pinged(question)
		}
	}
	w.c = nil
	writers.Put(w)
	returned = true
}

// room tells the socket that the pipe, which has refused a message, has room again.
func (c *conn) room(is bool) {
	if is {
		c.pipe.Owner().Writable(c.pipe)
	}
}

// writerFailed ends a connection whose writer panicked. What it was writing is lost:
// nobody knows how much of it the peer has.
func (c *conn) writerFailed(w *writer, p *contain.Panic) {
	c.panicked(p)
	_ = c.tell(contain.Call("writer, at its end", func() { c.restore(w, queue.KeepNothing) }))
	c.stop(p)
}

// restore ends a batch that was written in part. What is kept in case that it does not
// arrive is handed back from there, but for what comes again from a swap.
func (c *conn) restore(w *writer, keep queue.Keep) {
	b, back := &w.batch, false
	if c.unacked != nil && b.Logged() {
		c.unacked.TakeBack(b.N - w.written.Whole)
	} else if c.unacked != nil && c.unacked.writing() {
		back, keep = true, queue.KeepNothing
	}
	lost, writable := c.pipe.Out.Restore(b, w.written, keep)
	if lost > 0 && !back {
		c.handler.Lost(c.pipe, lost)
	}
	c.room(writable)
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
func (c *conn) giveUp(w *writer) {
	keep := queue.KeepNothing
	switch {
	case c.keep && errors.Is(c.stopCause(), ErrRefusedByPeer): // for that message
		keep = queue.KeepUncut
	case c.keep:
		keep = queue.KeepAll
	}
	c.restore(w, keep)
	if cw, ok := c.nc.(interface{ CloseWrite() error }); ok {
		_ = cw.CloseWrite()
	}
}

// writeBatch writes commands and then messages. When it fails, w.written says how far
// it came.
func (c *conn) writeBatch(w *writer) (err error) {
	w.ctl = w.ctl[:0]
	for _, cmd := range w.batch.Control {
		if w.ctl, err = c.appendCommand(w.ctl, cmd); err != nil {
			return err
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
	switch {
	case len(w.batch.Msgs) == 0:
		w.head = int64(len(w.ctl))
		return w.send(w.ctl, w.batch.Iov...)
	case c.result.Sealer != nil:
		return c.writeSealed(w)
	}
	return c.writeMsgs(w)
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

// writeMsgs frames messages for a peer that speaks ZMTP 1.0, and writes them.
func (c *conn) writeMsgs(w *writer) (err error) {
	block := append(buf.Alloc(sealBlock + 4096)[:0], w.ctl...)
	defer func() { buf.Free(block) }()
	w.begin(len(block))
	for i := range w.batch.Msgs {
		frames := w.batch.Msgs[i].Frames
		for k, f := range frames {
			if block, err = c.appendFrame(block, f, k+1 < len(frames)); err != nil {
				return err
			}
		}
		w.ends = append(w.ends, len(block))
		if len(block) >= sealBlock || i == len(w.batch.Msgs)-1 {
			if err := w.send(block); err != nil {
				return err
			}
			w.passed()
			block = block[:0]
			w.begin(0)
		}
	}
	freeFrames(w.batch.Msgs)
	return nil
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
