package session

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/yield"
)

const (
	firstChunk = 8 << 10   // what a new connection reads into
	fullChunk  = 256 << 10 // what a busy one reads into
	bigChunk   = buf.MaxChunk
	smallRead  = 4 << 10  // so little is moved to a chunk of its own size
	minSpace   = 2 << 10  // reading into less is not worth a system call
	slack      = 4 << 10  // read ahead behind a large message
	bigMessage = 16 << 10 // messages from here on want the largest chunks
	// trust is what a peer may make us allocate beyond what has arrived; a peer
	// that has already sent larger messages is trusted with twice their size. With
	// slack it fills a chunk.
	trust = 128<<10 - slack
)

// reader turns the bytes of one connection into segments of whole messages. It
// finds boundaries and checks limits; frames are cut by whoever receives.
//
// A message is kept contiguous: chunk.B[r:w] holds what is not yet delivered and
// begins with a message. When the chunk runs out, what there is of the message
// moves to the next one.
type reader struct {
	c    *conn
	pipe *queue.Pipe

	chunk *buf.Chunk // nil while there is nothing to read
	r, w  int        // undelivered bytes
	at    int        // next frame header, at or behind r
	parts int        // whole frames of the message at r
	need  int        // bytes from r on that the current frame needs; 0: unknown

	// Commands that stand within the message at r leave a hole: chunk.B[holeAt:]
	// has so many bytes that are not the message's.
	holeAt, hole int

	serial  uint64 // of the last chunk
	room    int    // messages that the inbox has room for
	want    int    // size of the next chunk
	burst   int    // bytes since there was last nothing to read
	largest int    // largest message so far
	lastN   int    // bytes of the last read

	busy bool // counted among those that are
	turn int  // bytes since the others last had theirs,
	heed int  // and commands

	gives yield.Turns

	decode *decoder // where boundaries are not all there is to find
	number uint32   // what a SERVER calls the peer
}

// serialBits is how much of a chunk's serial number counts within one reader. What is
// above is the reader's: a queue may outlive a connection.
const serialBits = 40

var readers atomic.Uint64

func newReader(c *conn) *reader {
	rd := &reader{c: c, pipe: c.pipe, want: firstChunk, serial: readers.Add(1) << serialBits}
	if c.result.Sealer != nil || c.result.Version == wire.V1 || c.cfg.Inspect {
		rd.decode = newDecoder(c)
	}
	if o := c.pipe.Origin(); o != nil {
		rd.number = o.RoutingID
	}
	return rd
}

// run reads until the connection ends.
func (rd *reader) run(rest []byte) (err error) {
	defer func() {
		rd.rest()
		rd.drop()
	}()
	if len(rest) > 0 {
		rd.prime(rest)
		if err := rd.parse(); err != nil {
			return err
		}
	}
	if raw := rd.c.raw; raw != nil && rawReads {
		return rd.rawLoop(raw)
	}
	return rd.plainLoop(rd.c.nc)
}

// prime puts bytes that were read together with the end of the handshake first.
func (rd *reader) prime(rest []byte) {
	rd.chunk = rd.newChunk(max(len(rest), rd.want))
	rd.w = copy(rd.chunk.B, rest)
	rd.lastN = rd.w
}

// plainLoop reads a connection that is not a descriptor. One that lies on a descriptor
// and keeps nothing to itself is waited for without a buffer.
func (rd *reader) plainLoop(nc net.Conn) error {
	below, rests := rd.c.restingOn()
	if rests != nil {
		rests.Rest(true)
		defer rests.Rest(false)
	}
	for {
		if rests != nil && !rests.Holds() && !holdsBelow(nc) && !transport.Readable(below) {
			rd.park()
			transport.Await(below)
		}
		n, err := nc.Read(rd.space())
		if n > 0 {
			if perr := rd.got(n); perr != nil {
				return perr
			}
		}
		if err != nil && err != transport.ErrIdle {
			return err
		}
	}
}

// resting is a net.Conn that lies on another one. It holds something when that has given,
// or is likely to have, what nobody has read yet. Where it can tell only from a read, that
// one returns transport.ErrIdle while it is to rest.
type resting interface {
	holder
	Rest(on bool)
}

type holder interface{ Holds() bool }

// restingOn is the descriptor that the connection lies on, when it can be waited for.
func (c *conn) restingOn() (net.Conn, resting) {
	r, ok := c.nc.(resting)
	below := bottom(c.nc)
	if !ok || !onDescriptor(below) {
		return nil, nil
	}
	return below, r
}

// got takes n more bytes in.
func (rd *reader) got(n int) error {
	rd.c.rx.Add(1)
	rd.lastN = n
	rd.burst += n
	rd.w += n
	if err := rd.parse(); err != nil {
		return err
	}
	rd.takeTurns(n)
	return nil
}

// grow makes the next chunk larger when one was used up while more kept coming.
func (rd *reader) grow() {
	if rd.burst >= len(rd.chunk.B) {
		rd.want = max(rd.want, min(rd.want*4, rd.largestChunk()))
	}
}

// shrink makes the next chunk no larger than the burst that has just ended needs:
// whoever keeps a message keeps all of its chunk.
func (rd *reader) shrink() {
	if fit := max(firstChunk, rd.burst+slack); fit < rd.want {
		rd.want = fit
	}
	rd.burst = 0
}

// space is where the next bytes go.
func (rd *reader) space() []byte {
	if rd.chunk == nil {
		rd.want = min(rd.want, rd.largestChunk())
		rd.chunk = rd.newChunk(rd.want)
	}
	if rd.need > 0 && rd.r+rd.need > len(rd.chunk.B) || len(rd.chunk.B)-rd.w < minSpace {
		rd.grow()
		rd.move()
	}
	end := len(rd.chunk.B)
	if rd.need > bigChunk/2 {
		// A large message gets a chunk for itself, and but little of what follows.
		end = min(end, rd.r+rd.need+slack)
	}
	return rd.chunk.B[rd.w:end]
}

// newChunk lends a chunk whose messages will know their peer.
func (rd *reader) newChunk(n int) *buf.Chunk {
	c := buf.NewChunk(n)
	c.Origin = buf.Origin{Peer: rd.c.info, Chunk: c, RoutingID: rd.number}
	rd.serial++
	c.Serial = rd.serial
	return c
}

// move makes space: at the front of the chunk when nobody else holds it, or in a
// new one. However much a peer claims will come, it gets no more room than twice
// what has arrived and a bounded amount.
func (rd *reader) move() {
	if rd.hole > 0 {
		rd.squeeze()
	}
	have := rd.w - rd.r
	size := rd.want
	if rd.need > 0 {
		size = max(size, min(rd.need, 2*have+max(trust, 2*rd.largest))+slack)
	} else {
		size = max(size, have+minSpace)
	}
	old := rd.chunk
	if old.Alone() && len(old.B) >= size {
		copy(old.B, old.B[rd.r:rd.w])
		old.Rewind()
	} else {
		rd.chunk = rd.newChunk(size)
		copy(rd.chunk.B, old.B[rd.r:rd.w])
		old.Release(1)
	}
	rd.at -= rd.r
	rd.r, rd.w = 0, have
}

// park lets the chunk go while there is nothing to read.
func (rd *reader) park() {
	rd.rest()
	if rd.chunk != nil && rd.r == rd.w {
		rd.shrink()
		rd.drop()
		if rd.decode != nil {
			rd.decode.rest()
		}
	}
}

func (rd *reader) drop() {
	if rd.chunk != nil {
		rd.chunk.Release(1)
		rd.chunk, rd.r, rd.w, rd.at = nil, 0, 0, 0
	}
}

// parse delivers the whole messages in the chunk.
func (rd *reader) parse() error {
	if rd.c.cfg.Raw {
		return rd.parseRaw()
	}
	if rd.decode != nil {
		return rd.decode.parse(rd)
	}
	start, n := rd.r, 0
	var run uniform
	for {
		b := rd.chunk.B[rd.at:rd.w]
		flags, head, size, err := wire.ParseHeader(b)
		if err != nil {
			rd.emit(start, n, &run)
			return err
		}
		if head == 0 {
			rd.need = 0
			break
		}
		if err := rd.admit(flags, size); err != nil {
			rd.emit(start, n, &run)
			return err
		}
		if uint64(len(b)-head) < size {
			rd.need = rd.at - rd.r + head + int(size)
			break
		}
		end := rd.at + head + int(size)
		if flags&wire.FlagCommand != 0 {
			rd.emit(start, n, &run)
			if err := rd.command(b[head:head+int(size)], end); err != nil {
				return err
			}
			start, n = rd.r, 0
			continue
		}
		if flags&wire.FlagMore != 0 {
			rd.at = end
			rd.parts++
			continue
		}
		if rd.hole > 0 {
			rd.squeeze()
			start = rd.r
		}
		if n >= rd.room {
			rd.emit(start, n, &run)
			start, n = rd.r, 0
			if err := rd.waitRoom(); err != nil {
				return err
			}
		}
		run.add(rd, n, head, end)
		if rd.parts >= frameTurn {
			rd.worked(rd.parts / frameTurn)
		}
		rd.whole(end)
		n++
		if run.size > 0 {
			n += rd.alike(&run, rd.room-n)
		}
	}
	rd.emit(start, n, &run)
	rd.settle()
	return nil
}

// uniform describes a run of messages that are one frame each, with one and the
// same header.
type uniform struct {
	size int // with the header; 0: they are not
	head int
}

// add takes in one more message, the one at rd.r, behind n others.
func (u *uniform) add(rd *reader, n, head, end int) {
	size := end - rd.r
	switch {
	case rd.parts > 0:
		u.size = 0
	case n == 0:
		u.size, u.head = size, head
	case size != u.size || head != u.head:
		u.size = 0
	}
}

// alike takes as many more messages as have the header of the one before rd.r, and
// are there, but most at most. What was found about that one holds for them.
// Headers are two bytes long, or nine, and are compared as numbers.
func (rd *reader) alike(u *uniform, most int) (n int) {
	const short = 2
	b, at, size := rd.chunk.B[:rd.w], rd.r, u.size
	first := b[at-size:]
	if u.head == short {
		head := binary.NativeEndian.Uint16(first)
		for n < most && len(b)-at >= size && binary.NativeEndian.Uint16(b[at:]) == head {
			at += size
			n++
		}
	} else {
		flags, long := first[0], binary.NativeEndian.Uint64(first[1:])
		for n < most && len(b)-at >= size && b[at] == flags && binary.NativeEndian.Uint64(b[at+1:]) == long {
			at += size
			n++
		}
	}
	rd.r, rd.at = at, at
	return n
}

// whole ends the message at r, whose last frame ends at end.
func (rd *reader) whole(end int) {
	rd.largest = max(rd.largest, end-rd.r)
	rd.r, rd.at, rd.parts = end, end, 0
}

// admit checks the next frame against the limits on the whole message, before
// its bytes are awaited. Sizes are compared as they came, in 64 bits.
func (rd *reader) admit(flags byte, size uint64) error {
	cfg := rd.c.cfg
	if flags&wire.FlagCommand != 0 {
		if limit := max(wire.MaxHandshakeCommand, cfg.MaxCommand); size > uint64(limit) {
			return fmt.Errorf("%w: a command of %d bytes, the limit is %d", ErrTooLarge, size, limit)
		}
		return nil
	}
	if cfg.hasGroups() && rd.c.result.Sealer == nil {
		if err := rd.admitGroup(flags, size); err != nil {
			return err
		}
	}
	so := uint64(rd.at - rd.r - rd.hole)
	if limit := uint64(cfg.MaxMsgSize) + rd.overhead(); cfg.MaxMsgSize > 0 && (size > limit || so+size > limit) {
		return fmt.Errorf("%w: a frame of %d bytes after %d, the limit is %d", ErrTooLarge, size, so, cfg.MaxMsgSize)
	}
	if cfg.MaxParts > 0 && rd.parts >= cfg.MaxParts {
		return fmt.Errorf("%w: more than %d frames in a message", ErrTooLarge, cfg.MaxParts)
	}
	if size > math.MaxInt/4 {
		return fmt.Errorf("%w: a frame of %d bytes", ErrTooLarge, size)
	}
	return nil
}

// overhead is what does not count as message in the frames so far: headers at
// their longest, and what sealing adds to the frame that comes.
func (rd *reader) overhead() uint64 {
	const header, sealing = 9, 33
	n := uint64(rd.parts) * header
	if rd.c.result.Sealer != nil {
		n += uint64(rd.parts+1) * sealing
	}
	return n
}

// emit hands n messages, chunk.B[start:r], over to the pipe.
func (rd *reader) emit(start, n int, run *uniform) {
	if n == 0 {
		return
	}
	seg := queue.Segment{Chunk: rd.chunk, Data: rd.chunk.B[start:rd.r:rd.r], N: n, Each: run.size, Head: run.head}
	if size := rd.r - start; size <= smallRead && rd.lastN <= smallRead && 4*size <= len(rd.chunk.B) && rd.chunk.Alone() {
		// Some bytes on a slow connection must not pin a large buffer, unless others do.
		seg.Chunk = rd.newChunk(size)
		seg.Data = seg.Chunk.B[:size:size]
		copy(seg.Data, rd.chunk.B[start:rd.r])
		seg.Chunk.Hold(n - 1)
	} else {
		rd.chunk.Hold(n)
	}
	rd.c.traffic.received(n, rd.r-start)
	room, announce, ok := rd.pipe.In.PutSegment(seg)
	rd.room = room
	if rd.c.cfg.Numbered {
		rd.c.arrived.Add(uint64(n))
	}
	if !ok {
		seg.Chunk.Release(n)
	}
	if announce {
		rd.pipe.Announce()
	}
}

// settle makes the chunk empty again when everything in it was moved out.
func (rd *reader) settle() {
	if rd.hole > 0 {
		rd.fillHole()
	}
	if rd.r == rd.w && rd.chunk.Alone() {
		rd.r, rd.w, rd.at = 0, 0, 0
		rd.chunk.Rewind()
	}
}

// waitRoom waits until the inbox has room.
func (rd *reader) waitRoom() error {
	for rd.room <= 0 {
		if rd.room = rd.pipe.In.Room(); rd.room > 0 {
			return nil
		}
		if err := rd.c.awaitRoom(); err != nil {
			return err
		}
	}
	return nil
}

// command obeys the command body that ends at end. When it stands between the
// frames of a message, which must be in one piece in the end, it becomes a part of
// the hole: only the frames since the last command move, so that a flood of PINGs
// costs no more here than anywhere else.
func (rd *reader) command(body []byte, end int) error {
	if err := rd.c.command(body); err != nil {
		return err
	}
	rd.heeded()
	switch {
	case rd.at == rd.r:
		rd.r = end
	case rd.hole == 0:
		rd.holeAt, rd.hole = rd.at, end-rd.at
	default:
		b := rd.chunk.B
		rd.holeAt += copy(b[rd.holeAt:], b[rd.holeAt+rd.hole:rd.at])
		rd.hole = end - rd.holeAt
	}
	rd.at = end
	return nil
}

// squeeze closes the hole by moving what is before it.
func (rd *reader) squeeze() {
	b := rd.chunk.B
	copy(b[rd.r+rd.hole:], b[rd.r:rd.holeAt])
	rd.r += rd.hole
	rd.closeHole()
}

// fillHole closes the hole by moving what is behind it, if that is little.
func (rd *reader) fillHole() {
	b, behind := rd.chunk.B, rd.holeAt+rd.hole
	if rd.w-behind > rd.hole {
		return
	}
	rd.w = rd.holeAt + copy(b[rd.holeAt:], b[behind:rd.w])
	rd.at -= rd.hole
	rd.closeHole()
}

// closeHole forgets the hole; need counted it.
func (rd *reader) closeHole() {
	rd.need = max(0, rd.need-rd.hole)
	rd.hole = 0
}

// command obeys a command of the peer after the handshake.
func (c *conn) command(body []byte) error {
	cmd, err := wire.ParseCommand(body)
	if err != nil {
		return err
	}
	switch cmd.Kind {
	case wire.Ping:
		c.beat.heardPing(cmd.TTL)
		data := append([]byte(nil), cmd.Data[:min(len(cmd.Data), wire.MaxPingContext)]...)
		if c.pipe.Out.Control(wire.Command{Kind: wire.Pong, Data: data}) {
			c.pipe.Flush()
		}
	case wire.Join, wire.Leave:
		if c.cfg.Inspect && c.cfg.Groups {
			return c.handler.Subscribed(c.pipe, cmd.Data, cmd.Kind == wire.Join)
		}
	case wire.Subscribe, wire.Cancel:
		if c.cfg.Inspect && !c.cfg.Groups {
			return c.handler.Subscribed(c.pipe, cmd.Data, cmd.Kind == wire.Subscribe)
		}
	case wire.Resume, wire.Begin, wire.Taken, wire.Missed:
		if c.cfg.Numbered {
			return c.handler.Numbered(c.pipe, cmd, c.arrived.Load())
		}
	case wire.Unheeded:
		c.handler.Unheeded(c.pipe, wire.Quote(cmd.Data))
	case wire.Again:
		if c.cfg.Again {
			return c.resend(cmd.Data)
		}
	case wire.Error:
		return refusedByPeer(cmd.Data)
	}
	return nil
}

// admitGroup checks the shape of what a RADIO sends: the group in a frame of at
// most 255 bytes, and one frame after it. libzmq ends a connection that breaks it.
func (rd *reader) admitGroup(flags byte, size uint64) error {
	more := flags&wire.FlagMore != 0
	switch {
	case rd.parts == 0 && !more:
		return fmt.Errorf("a group without a message: %w", io.ErrUnexpectedEOF)
	case rd.parts == 0 && size > wire.MaxGroup:
		return fmt.Errorf("%w: a group of %d bytes, the limit is %d", ErrTooLarge, size, wire.MaxGroup)
	case rd.parts > 0 && more:
		return fmt.Errorf("%w: a message of several frames in a group", ErrTooLarge)
	}
	return nil
}

// hasGroups reports whether what peers send must have that shape.
func (c *Config) hasGroups() bool { return c.Groups && !c.Inspect }
