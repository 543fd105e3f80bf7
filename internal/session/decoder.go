package session

import (
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/wire"
)

// decoder cuts frames in the reader, for connections where finding boundaries is
// not enough: sealed frames must be opened, ZMTP 1.0 is framed differently, and
// what a subscriber sends is looked at and not queued.
type decoder struct {
	c      *conn
	parts  []part // of the message at reader.r
	heads  [][]byte
	inner  bool // frames are opened by the sealer
	ahead  []opened
	turn   int // the next of ahead
	header func([]byte) (flags byte, head int, size uint64, err error)
}

// part is a frame within a message, relative to reader.r, which moves.
type part struct{ off, len int }

func newDecoder(c *conn) *decoder {
	d := &decoder{c: c, header: wire.ParseHeader, inner: c.result.Sealer != nil}
	if c.result.Version == wire.V1 {
		d.header = wire.ParseHeader1
	}
	return d
}

// parse is reader.parse for such connections.
func (d *decoder) parse(rd *reader) error {
	for {
		b := rd.chunk.B[rd.at:rd.w]
		if d.inner && d.turn == len(d.ahead) {
			d.openAhead(b)
		}
		flags, head, size, err := d.header(b)
		if err != nil {
			return err
		}
		if head == 0 {
			rd.need = 0
			break
		}
		if err := rd.admit(flags, size); err != nil {
			return err
		}
		if uint64(len(b)-head) < size {
			rd.need = rd.at - rd.r + head + int(size)
			break
		}
		if err := d.frame(rd, flags, head, b[head:head+int(size)]); err != nil {
			return err
		}
	}
	rd.settle()
	return nil
}

// frame takes one whole frame at reader.at.
func (d *decoder) frame(rd *reader, flags byte, head int, body []byte) (err error) {
	end := rd.at + head + len(body)
	payload := body
	if d.inner && !d.c.beats(flags, body) {
		if flags, payload, err = d.open(flags, body); err != nil {
			return err
		}
		if d.c.cfg.hasGroups() && flags&wire.FlagCommand == 0 {
			if err := rd.admitGroup(flags, uint64(len(payload))); err != nil {
				return err
			}
		}
	}
	if flags&wire.FlagCommand != 0 {
		return rd.command(payload, end)
	}
	off := rd.at + head - rd.r - rd.hole
	if d.inner {
		off += len(body) - len(payload) // the payload ends where the body ends
	}
	d.parts = append(d.parts, part{off, len(payload)})
	rd.at = end
	rd.parts++
	if flags&wire.FlagMore != 0 {
		return nil
	}
	return d.message(rd)
}

// message delivers the message whose last frame has been taken.
func (d *decoder) message(rd *reader) error {
	if rd.hole > 0 {
		rd.squeeze()
	}
	frames := d.cut(rd.chunk.B[rd.r:])
	d.c.traffic.received(1, rd.at-rd.r)
	rd.whole(rd.at)
	d.parts = d.parts[:0]
	if d.c.cfg.Inspect {
		defer rd.heeded()
		d.heads = d.heads[:0]
		return d.c.handler.Inspect(rd.pipe, frames)
	}
	if err := rd.waitRoom(); err != nil {
		return err
	}
	rd.chunk.Hold(1)
	room, announce, ok := rd.pipe.In.PutMsg(origin.Message(frames, &rd.chunk.Origin))
	rd.room = room
	if d.c.cfg.Numbered {
		d.c.arrived.Add(1)
	}
	if !ok {
		rd.chunk.Release(1)
	}
	if announce {
		rd.pipe.Announce()
	}
	return nil
}

// cut makes the frame slices of the message at the front of b.
func (d *decoder) cut(b []byte) [][]byte {
	if cap(d.heads)-len(d.heads) < len(d.parts) {
		d.heads = make([][]byte, 0, max(16, len(d.parts)))
	}
	start := len(d.heads)
	for _, p := range d.parts {
		end := p.off + p.len
		d.heads = append(d.heads, b[p.off:end:end])
	}
	return d.heads[start:len(d.heads):len(d.heads)]
}
