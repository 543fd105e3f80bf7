package session

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
)

// conn is one connection from its first byte to its last.
type conn struct {
	cfg      *Config
	handler  Handler
	nc       net.Conn
	raw      syscall.RawConn // nc's, once the peer is attached; nil where it has none
	endpoint string
	remote   string     // the peer's address
	local    string     // ours
	dialled  bool       // the endpoint was connected, not bound
	pulsed   bool       // heartbeats are not of ZMTP
	fresh    bool       // the pipe lives as long as this connection
	door     *admission // of the listener; nil for a connection that we dialled
	filtered bool       // it was turned away before it was accepted
	gated    bool       // it holds a place of those that calculate; of the handshake's goroutine
	shake    *shaking   // of the handshake's goroutine; nil before and after
	keep     bool       // unsent messages wait for the next connection
	pipe     *queue.Pipe
	place    Place // what the socket keeps for a newcomer until it is attached; may be nil

	result wire.Result // after the handshake
	info   *buf.Peer
	beat   *heartbeat // nil without heartbeats
	rx     atomic.Uint32
	paused atomic.Bool   // reading waits for room, so silence is our own
	sent   atomic.Uint64 // bytes of messages that the kernel has taken

	traffic meter
	arrived atomic.Uint64 // messages, where cfg.Numbered to know

	// With cfg.Requeue:
	unacked *unacked
	again   [][]byte      // messages that waited as commands
	written atomic.Uint64 // with unacked: bytes of the connection, messages and all
	drained atomic.Uint64 // of written, what had arrived when the program closed the endpoint
	proven  uint64        // how many bytes the peer's kernel had at the end, if that is known

	mu      sync.Mutex
	ready   bool // pipe is set, and attached or about to be
	stopped bool // no writer may be started any more,
	// finishing: nor here, and the one that runs ends with the message under way. It is
	// set with mu held.
	finishing atomic.Bool
	writers   sync.WaitGroup // the writer, when there is one
	done      chan struct{}  // closed by stop
	cause     error          // why it stopped, when that was our decision
	abort     func()         // ends the question to the authenticator; nil when there is none
}

func newConn(cfg *Config, h Handler, nc net.Conn, endpoint string) *conn {
	_, pulsed := nc.(pulsed)
	c := &conn{cfg: cfg, handler: h, nc: nc, endpoint: endpoint, pulsed: pulsed, done: make(chan struct{})}
	c.askRemote()
	return c
}

// stop ends the connection: whatever reads, writes or waits on it returns.
func (c *conn) stop(cause error) {
	c.mu.Lock()
	if c.stopped {
		c.mu.Unlock()
		return
	}
	c.stopped, c.cause = true, cause
	close(c.done)
	abort := c.abort
	c.mu.Unlock()
	if abort != nil {
		abort()
	}
	c.closeConn()
}

// Stop is stop, for the owner of a Link.
func (c *conn) Stop(cause error) { c.stop(cause) }

func (c *conn) stopCause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

func (c *conn) event(kind link.EventKind, value uint32, err error) {
	c.handler.Event(link.Event{
		Kind: kind, Endpoint: c.endpoint, Remote: c.remote, Local: c.local, Dialled: c.dialled, Value: value, Err: err,
	})
}

// open brings a fresh connection to the point where its pipe is attached. After a pause
// it is called again. rest is what the peer has already sent beyond the handshake.
func (c *conn) open(newPipe func() *queue.Pipe) (rest []byte, err error) {
	if c.cfg.Raw {
		return nil, c.openRaw(newPipe)
	}
	defer func() {
		if !pauses(err) {
			c.shake = nil
			c.leavePlace()
		}
	}()
	switch err := c.handshake(); {
	case pauses(err):
		return nil, err
	case err != nil:
		return nil, c.failed(err)
	}
	c.result = c.shake.h.Result()
	c.event(link.HandshakeSucceeded, 0, nil)
	c.adopt(newPipe, c.shake.verdict)
	return c.shake.rest, c.attach(c.shake.verdict)
}

// failed tells of a handshake that has failed, and returns why.
func (c *conn) failed(err error) error {
	if cause := c.stopCause(); cause != nil {
		err = cause // what the broken connection said is but the consequence
	}
	if kind, value, ok := failure(err); ok {
		c.event(kind, value, err)
	}
	c.farewell(err)
	return err
}

// adopt takes the pipe for the peer that the handshake has found.
func (c *conn) adopt(newPipe func() *queue.Pipe, v Verdict) {
	if c.info == nil {
		c.info = c.peerInfo(c.result, v)
	}
	c.pipe = newPipe()
	c.pipe.SetOrigin(&buf.Origin{Peer: c.info})
}

// leavePlace gives the place back, which an attached peer needs no more.
func (c *conn) leavePlace() {
	if c.place != nil {
		c.place.Leave()
		c.place = nil
	}
}

// attach makes the peer known to its socket and lets messages flow.
func (c *conn) attach(v Verdict) error {
	c.beat = newHeartbeat(c)
	if c.cfg.Requeue {
		c.unacked = &unacked{}
	}
	c.raw = transport.Raw(c.nc)
	peer := &link.Peer{Result: c.result, Info: c.info, Link: c, Asked: v.Allow, Epoch: v.Epoch, Fresh: c.fresh, Arrived: &c.arrived, Claimed: c.place != nil}
	// The socket may send, and close, before it has heard that messages flow: what it has
	// accepted for this peer is to be waited for from then on.
	c.setReady(true)
	flush := false
	if _, err := link.Attach(func() { flush = c.flow() }, link.Side{Handler: c.handler, Pipe: c.pipe, Peer: peer}); err != nil {
		c.setReady(false)
		c.turnedAway()
		return err
	}
	if flush {
		c.pipe.Flush()
	}
	c.beat.begin()
	return nil
}

// flow lets messages flow. It reports whether some wait.
func (c *conn) flow() (flush bool) {
	if len(c.cfg.Hello) > 0 {
		c.pipe.Out.Lead(wire.Command{Kind: wire.Message, Data: c.cfg.Hello})
	}
	sealed := c.result.Sealer != nil || c.result.Version == wire.V1 || c.cfg.Raw
	return c.pipe.Out.Attach(c.startWriter, sealed)
}

// turnedAway ends what attach has begun with a peer that the socket did not let in. What
// was accepted for it meanwhile waits for the next connection, if there is one.
func (c *conn) turnedAway() {
	c.pipe.Out.Detach()
	if !c.fresh {
		return
	}
	if n := c.pipe.Out.Close(); n > 0 {
		c.handler.Lost(c.pipe, n)
	}
	c.pipe.In.Close()
}

func (c *conn) setReady(is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready = is
}

// attached is the pipe once the peer is ready, nil before.
func (c *conn) attached() *queue.Pipe {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ready {
		return nil
	}
	return c.pipe
}

// serve reads until the connection ends, and returns why.
func (c *conn) serve(rest []byte) (err error) {
	contain.Run("reader", func() error { return newReader(c).run(rest) }, func(why error) { err = c.served(c.tell(why)) }, c.panicked)
	return err
}

// served ends what the connection has left, and returns why it ended.
func (c *conn) served(err error) error {
	c.beat.end()
	if cause := c.stopCause(); cause != nil {
		err = cause
	}
	if c.stopCause() == nil {
		c.refuse(err)
		c.finishWriting(err)
	}
	c.lastProof()
	c.stop(err)
	c.again = c.pipe.Out.DetachAgain()
	c.writers.Wait()
	if c.result.Sealer != nil {
		c.result.Sealer.Close()
	}
	c.event(link.Disconnected, FD(c.nc), err)
	return err
}

// peerInfo gathers what received messages tell about their peer.
func (c *conn) peerInfo(r wire.Result, v Verdict) *buf.Peer {
	info := &buf.Peer{
		UserID:     v.UserID,
		RemoteAddr: c.remote,
		LocalAddr:  c.local,
		FD:         int(FD(c.nc)),
		SocketType: r.PeerType,
		Mechanism:  r.Mechanism,
		Properties: propertyMap(r.Properties),
		Domain:     v.Domain,
		PublicKey:  v.PublicKey,
		Vouched:    propertyMap(v.Metadata),
	}
	return info
}

// propertyMap is nil for no properties. What the peer claims and what our
// authenticator says are two maps, so that neither can be taken for the other.
func propertyMap(list []wire.Property) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := make(map[string]string, len(list))
	for _, p := range list {
		m[p.Name] = string(p.Value)
	}
	return m
}

// drainKernel waits until the peer's kernel has acknowledged everything that was
// written, or until ctx ends. A connection that is closed with unread input is
// reset, and a reset destroys what is still under way.
func (c *conn) drainKernel(ctx context.Context) {
	nc := bottom(c.nc)
	written := c.written.Load() // before the kernel is asked: more may follow meanwhile
	if _, ok := nc.(*net.TCPConn); !ok {
		c.drained.Store(written)
		return // what was written to a local socket stays readable for its peer
	}
	for wait := 50 * time.Microsecond; ; wait = min(2*wait, 5*time.Millisecond) {
		n, ok := transport.Unsent(nc)
		if !ok || n == 0 {
			c.drained.Store(written)
			return
		}
		select {
		case <-ctx.Done():
			c.drained.Store(written - min(written, uint64(n)))
			return
		case <-c.done:
			return
		case <-time.After(wait):
		}
		written = c.written.Load()
	}
}
