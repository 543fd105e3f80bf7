package buf

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// Peer is what is known of the other side of a connection. It is written before
// the first message is delivered and only read afterwards.
type Peer struct {
	UserID     string // from the authenticator only
	RemoteAddr string
	LocalAddr  string // ours; "" when there is none
	SocketType string
	Mechanism  string
	Properties map[string]string // the peer's own claims
	FD         int               // the connection's descriptor; 0: it has none

	// What the socket's authenticator was asked and has said.
	Domain    string            // that it was asked about
	PublicKey string            // in Z85, proven by CURVE
	Vouched   map[string]string // metadata of the authenticator
}

// Origin is where a received message comes from: its peer, and the chunk that
// holds its bytes (nil when they are the message's own).
type Origin struct {
	Peer      *Peer
	Chunk     *Chunk
	RoutingID uint32
	// Redelivered: another peer may have received the message before.
	Redelivered bool
	Group       string
}

// Chunk is a receive buffer that several messages share. Its holders are
// counted: the reader that fills it and each message cut from it. When the last
// one lets go it returns to its pool; when one never does, the garbage collector
// takes it.
type Chunk struct {
	// What is touched for each message stands on one cache line.
	Heads  [][]byte // where the frame slices of messages go; the consumer's, see MoreHeads
	refs   atomic.Int32
	class  int8
	Origin Origin // what messages cut from this chunk point to

	B []byte // the whole buffer
	// Serial tells the chunks of one queue apart: whoever fills it numbers them. 0, of a
	// chunk that nobody has numbered, is equal to no other.
	Serial uint64
	arenas [][][]byte
	next   int // in arenas
	slots  int // of all arenas
	_      [48]byte
}

// chunkClasses are buffer sizes. The small ones serve slow connections, whose
// few bytes must not pin a large buffer.
var chunkClasses = [...]int{512, 2 << 10, 8 << 10, 32 << 10, 80 << 10, 128 << 10, 256 << 10,
	1 << 20, 1<<20 + 16<<10, 2<<20 + 16<<10, 4<<20 + 16<<10}

var chunkPools [len(chunkClasses)]sync.Pool

// MaxChunk is the largest chunk for a stream of messages. Larger ones are for one
// message each, with a little of what follows.
const MaxChunk = 1 << 20

// NewChunk lends a chunk of at least n bytes with one holder, the caller.
func NewChunk(n int) *Chunk {
	for k, size := range chunkClasses {
		if n <= size {
			return pooledChunk(k)
		}
	}
	c := &Chunk{B: make([]byte, n), class: -1}
	c.refs.Store(1)
	return c
}

func pooledChunk(k int) *Chunk {
	c, _ := chunkPools[k].Get().(*Chunk)
	if c == nil {
		c = &Chunk{B: make([]byte, chunkClasses[k]), class: int8(k)}
	}
	c.refs.Store(1)
	return c
}

// Hold adds n holders.
func (c *Chunk) Hold(n int) { c.refs.Add(int32(n)) }

// Release lets n holders go.
func (c *Chunk) Release(n int) {
	if c.refs.Add(int32(-n)) == 0 {
		c.recycle()
	}
}

// Alone reports whether the caller is the only holder left, and may therefore
// reuse the whole buffer.
func (c *Chunk) Alone() bool { return c.refs.Load() == 1 }

func (c *Chunk) recycle() {
	if c.class < 0 {
		return
	}
	Poison(c.B)
	c.Origin = Origin{}
	c.Rewind()
	chunkPools[c.class].Put(c)
}

// MoreHeads gives Heads room for n slots. What was handed out of it before stays as
// it is. A chunk keeps its arenas as long as it lives, so that one that comes back
// from its pool needs no new ones; but no more of them than it is large itself.
func (c *Chunk) MoreHeads(n int) {
	for c.next < len(c.arenas) {
		a := c.arenas[c.next]
		c.next++
		if cap(a) >= n {
			c.Heads = a[:0]
			return
		}
	}
	c.Heads = make([][]byte, 0, n)
	if slots := c.slots + n; slots*int(unsafe.Sizeof(c.Heads)) <= len(c.B) {
		c.arenas, c.slots = append(c.arenas, c.Heads), slots
		c.next = len(c.arenas)
	}
}

// Rewind says that nobody has a frame slice of this chunk any more. They are not
// cleared: they point into the chunk itself.
func (c *Chunk) Rewind() { c.Heads, c.next = nil, 0 }
