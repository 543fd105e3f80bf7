package ws

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/transport"
)

const (
	// leastRead is the room that Read needs for working in place.
	leastRead = 512
	// goodbye bounds how long a Close frame may take to be written. It is a courtesy.
	goodbye = 100 * time.Millisecond
)

// Settings are what a side of a connection knows before it begins.
type Settings struct {
	Mechanism string      // "NULL", "PLAIN" or "CURVE"
	Secure    bool        // peers without a handshake, of "ZWS2.0" alone, are refused
	TLS       *tls.Config // nil: none

	Host string // client: for the request; server: what it was bound as
	Path string // client: for the request; server: empty or "/" serves every path

	// Origins are the patterns, as of path.Match, of the hosts whose pages may
	// connect, beside the server's own host. Programs that are no browsers say no
	// origin, and are let in.
	Origins []string
	// Hosts are the patterns of names of the server's own host, beside those that it knows
	// of: pages of them may connect to it.
	Hosts []string
}

// Conn is a stream of ZMTP over WebSocket. Once it is there, Read and Write may be
// called at the same time.
type Conn struct {
	nc       net.Conn // with TLS, if there is
	bottom   net.Conn
	records  *records        // below TLS; of the goroutine that reads
	raw      syscall.RawConn // nc's, once it is a WebSocket; nil where it has none
	settings Settings
	client   bool

	watch  watch     // of the upgrade's goroutine, and of reads before Watch(nil, nil)
	once   sync.Once // for the upgrade
	err    error     // of the upgrade
	open   atomic.Bool
	status atomic.Uint32 // for the Close frame

	rmu   sync.Mutex // guards what follows
	in    inbound
	ready []byte // of ZMTP, to be read
	early []byte // of WebSocket, came with the upgrade
	rerr  error
	// filled: the last read may have left something in the kernel.
	filled bool

	wmu    sync.Mutex // guards what follows
	out    outbound
	closed bool // a Close frame was written

	pings sync.Mutex // guards ping
	ping  []byte     // payload of the last one
}

// Client is a connection to a server of WebSocket.
func Client(nc net.Conn, s Settings) *Conn {
	c := &Conn{nc: nc, bottom: nc, settings: s, client: true}
	if s.TLS != nil {
		c.records = &records{Conn: nc, bottom: nc}
		c.nc = tls.Client(c.records, s.TLS)
	}
	return c
}

// Server is a connection that a client of WebSocket has made.
func Server(nc net.Conn, s Settings) *Conn {
	c := &Conn{nc: nc, bottom: nc, settings: s}
	if s.TLS != nil {
		c.records = &records{Conn: watchedConn{nc, &c.watch}, bottom: nc}
		c.nc = tls.Server(c.records, s.TLS)
	}
	return c
}

// upgrade makes a WebSocket of the connection, once.
func (c *Conn) upgrade() error {
	c.once.Do(func() {
		agree := c.settings.accept
		if c.client {
			agree = c.settings.request
		}
		if c.err = c.secure(); c.err != nil {
			return
		}
		var subprotocol string
		if subprotocol, c.early, c.err = agree(c.watched()); c.err != nil {
			return
		}
		c.begin(subprotocol)
	})
	return c.err
}

// begin sets both directions up for a subprotocol.
func (c *Conn) begin(subprotocol string) {
	c.ready = greeting(subprotocol, c.settings.Mechanism)
	c.in = inbound{masked: !c.client, quiet: 1, beats: c}
	if subprotocol != bare && c.settings.Mechanism != "NULL" {
		c.in.quiet = 2 // HELLO and INITIATE, or WELCOME and READY
	}
	c.raw = transport.Raw(c.nc)
	c.out = outbound{client: c.client, skip: len(c.ready), pong: c.lastPing}
	c.status.Store(statusNormal)
	c.open.Store(true)
}

// Read reads ZMTP. After io.EOF the peer has closed the connection, or the WebSocket.
func (c *Conn) Read(p []byte) (n int, err error) {
	if err := c.upgrade(); err != nil {
		return 0, err
	}
	c.rmu.Lock()
	defer c.rmu.Unlock()
	for len(p) > 0 {
		if len(c.ready) > 0 {
			n = copy(p, c.ready)
			c.ready = c.ready[n:]
			return n, nil
		}
		if c.rerr != nil {
			return 0, c.rerr
		}
		if len(p) >= leastRead {
			n, err = c.fill(p)
			if n > 0 || err != nil {
				return n, err
			}
			continue
		}
		room := make([]byte, leastRead)
		if n, err = c.fill(room); err != nil {
			return 0, err
		}
		c.ready = room[:n]
	}
	return 0, nil
}

// Holds reports whether Read has something to return that the connection below has given
// already, or is likely to have: its last read filled the room there was. It is for the
// goroutine that reads. With TLS that is so until a Read has returned transport.ErrIdle.
func (c *Conn) Holds() bool {
	c.rmu.Lock()
	defer c.rmu.Unlock()
	return c.records != nil && !c.records.idle || c.filled || len(c.ready) > 0 || len(c.early) > 0 || c.rerr != nil
}

// Rest says whether Read is to return transport.ErrIdle where it would wait with nothing
// at all in its hands, and can tell: with TLS. It is for the goroutine that reads.
func (c *Conn) Rest(on bool) {
	c.rmu.Lock()
	defer c.rmu.Unlock()
	if c.records != nil {
		c.records.rests = on && transport.CanAwait
	}
}

// fill reads once. An error is returned only when there is nothing else.
func (c *Conn) fill(p []byte) (n int, err error) {
	from := lead(len(p))
	if len(c.early) > 0 {
		n = copy(p[from:], c.early)
		c.early = c.early[n:]
	} else {
		n, err = c.read(p[from:])
		c.filled = n == len(p)-from
	}
	n, broke := c.in.translate(p[:from+n], from)
	if broke != nil {
		err = broke
		c.blame(broke)
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.rerr = err
	}
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// blame remembers what the peer is to be told.
func (c *Conn) blame(err error) {
	var b *brokenError
	if errors.As(err, &b) {
		c.status.Store(uint32(b.status))
	}
}

// Write writes ZMTP. The count is of bytes of p, also when it breaks off.
func (c *Conn) Write(p []byte) (int, error) {
	return c.write(func() (int, error) { return c.out.write(c.nc, p) })
}

// write is Write with a way to do it, once the connection is a WebSocket.
func (c *Conn) write(do func() (int, error)) (int, error) {
	if err := c.upgrade(); err != nil {
		return 0, err
	}
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	return do()
}

// Close says goodbye, if nobody is writing and nothing was cut off, and closes the
// connection.
func (c *Conn) Close() error {
	if c.wmu.TryLock() {
		if c.open.Load() && !c.closed {
			_ = c.nc.SetWriteDeadline(time.Now().Add(goodbye))
			c.sayGoodbye()
		}
		c.wmu.Unlock()
	}
	// Not the TLS connection, which would wait for a peer that does not read. A Close
	// frame has said all that its alert could.
	return c.bottom.Close()
}

// CloseWrite ends writing, and leaves reading open.
func (c *Conn) CloseWrite() error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.open.Load() && !c.closed {
		c.sayGoodbye()
	}
	if half, ok := c.nc.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// sayGoodbye writes a Close frame, which is the last thing that is written. The caller
// holds wmu.
func (c *Conn) sayGoodbye() {
	c.closed = true
	if c.out.cut || c.out.left > 0 || len(c.out.held) > 0 {
		return
	}
	payload := binary.BigEndian.AppendUint16(nil, uint16(c.status.Load()))
	_, _ = c.nc.Write(c.out.control(nil, opClose, payload))
}

// heardPing keeps what the next Pong has to carry.
func (c *Conn) heardPing(payload []byte) {
	c.pings.Lock()
	defer c.pings.Unlock()
	c.ping = append(c.ping[:0], payload...)
}

// lastPing is the payload for a Pong. RFC 6455: "A Pong frame sent in response to a
// Ping frame must have identical Application data".
func (c *Conn) lastPing(dst []byte) []byte {
	c.pings.Lock()
	defer c.pings.Unlock()
	return append(dst, c.ping...)
}

// NetConn is the connection that carries this one.
func (c *Conn) NetConn() net.Conn { return c.bottom }

// Pulsed says that heartbeats are not of ZMTP here: PING and PONG are read and written
// as plain commands, whatever the version and the mechanism.
func (c *Conn) Pulsed() {}

func (c *Conn) LocalAddr() net.Addr                { return c.nc.LocalAddr() }
func (c *Conn) RemoteAddr() net.Addr               { return c.nc.RemoteAddr() }
func (c *Conn) SetDeadline(t time.Time) error      { return c.nc.SetDeadline(t) }
func (c *Conn) SetReadDeadline(t time.Time) error  { return c.nc.SetReadDeadline(t) }
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.nc.SetWriteDeadline(t) }

// greeting is what the peer would have said in ZMTP.
func greeting(subprotocol, mechanism string) []byte {
	const (
		revision2, revision3 = 1, 3
		unknownType          = 0xFF
	)
	// The padding is that of libzmq, so that a PLAIN client is refused in the way that
	// it understands.
	g := []byte{0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F}
	if subprotocol == bare {
		return append(g, revision2, unknownType)
	}
	// Minor version 0: subscriptions are messages in ZWS 2.0.
	g = append(g, revision3, 0)
	g = append(g, mechanism...)
	return append(g, make([]byte, greetingSize-len(g))...)
}

const greetingSize = 64

var _ net.Conn = (*Conn)(nil)
