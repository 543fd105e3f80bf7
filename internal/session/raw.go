package session

import (
	"context"
	"errors"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// This file is what differs for peers that are plain programs (Config.Raw): there
// is no handshake, a message is a piece of the stream, and an empty one ends it.

const (
	// rawRead is the longest piece of a stream that is one message, as in libzmq.
	rawRead = 8 << 10
	// rawGoodbye bounds how long a connection that is being ended waits for the peer
	// to have got everything.
	rawGoodbye = 5 * time.Second
)

// errEnded: the application has sent the empty message that ends the stream.
var errEnded = errors.New("stream ended by this side")

// openRaw is open for a peer that is ready as soon as it is there.
func (c *conn) openRaw(newPipe func() *queue.Pipe) error {
	if err := c.handler.Welcome(c.pipe); err != nil {
		return err
	}
	c.result = wire.Result{Mechanism: "NULL"}
	c.adopt(newPipe, Verdict{})
	return c.attach(Verdict{})
}

// parseRaw delivers what there is, as it is.
func (rd *reader) parseRaw() error {
	for rd.r < rd.w {
		end := min(rd.w, rd.r+rawRead)
		if err := rd.waitRoom(); err != nil {
			return err
		}
		chunk, data := rd.chunk, rd.chunk.B[rd.r:end:end]
		if 4*len(data) <= len(chunk.B) && chunk.Alone() { // some bytes must not pin a large buffer
			chunk = rd.newChunk(len(data))
			data = chunk.B[:copy(chunk.B, data):len(data)]
		} else {
			chunk.Hold(1)
		}
		rd.c.traffic.received(1, len(data))
		room, announce, ok := rd.pipe.In.PutMsg(origin.Message([][]byte{data}, &chunk.Origin))
		rd.room = room
		if !ok {
			chunk.Release(1)
		}
		if announce {
			rd.pipe.Announce()
		}
		rd.r = end
	}
	rd.at = rd.r
	rd.settle()
	return nil
}

// writeRaw writes messages as they are, up to the empty one that ends the stream.
func (c *conn) writeRaw(w *writer) error {
	iov := make([][]byte, 0, len(w.batch.Msgs))
	w.begin(0)
	size, last := 0, false
	for _, m := range w.batch.Msgs {
		for _, f := range m.Frames {
			if len(f) > 0 {
				iov = append(iov, f)
			}
			size += len(f)
		}
		last = last || m.Size() == 0
		w.ends = append(w.ends, size)
	}
	if err := w.send(nil, iov...); err != nil {
		return err
	}
	for _, f := range iov {
		buf.Free(f)
	}
	if last {
		c.endRaw()
	}
	return nil
}

// endRaw closes the stream once the peer has everything: to close a connection
// with unread input resets it, and a reset destroys what is under way.
func (c *conn) endRaw() {
	if half, ok := c.nc.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		ctx, cancel := context.WithTimeout(context.Background(), rawGoodbye)
		c.drainKernel(ctx)
		cancel()
	}
	c.stop(errEnded)
}
