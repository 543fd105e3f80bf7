package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// Connector keeps one connected endpoint: it dials until a peer answers, and
// again whenever the connection is lost.
type Connector struct {
	cfg      Config
	handler  Handler
	endpoint string

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	pipe    *queue.Pipe // nil with Immediate while there is no peer
	cur     *conn
	timer   *time.Timer
	closed  bool
	over    bool          // nothing runs any more, and nothing will
	leaving bool          // the program has called Disconnect
	left    chan struct{} // closed when Disconnect finds nobody to send to and nothing to wait for
	denied  bool          // the peer has refused our credentials at the last attempt, and the handler was told
	renewed *Config       // for the attempts that come
	backoff backoff
	refused bool // the peer has ended the last connection for what we sent: to be let in again is no success
}

// Connect starts to dial. p is the endpoint's pipe for as long as it is
// connected; with cfg.Immediate p is nil, and each connection
// gets a new one.
func Connect(cfg Config, h Handler, endpoint string, p *queue.Pipe) *Connector {
	h = guard(h)
	c := &Connector{cfg: cfg, handler: h, endpoint: endpoint, pipe: p, left: make(chan struct{})}
	c.backoff = backoff{min: cfg.ReconnectMin, max: cfg.ReconnectMax}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.wg.Add(1)
	go c.attempt()
	return c
}

// attempt dials once, and hands the connection over to a goroutine of its own:
// the stack that a handshake needs is not kept for as long as a connection lasts.
func (c *Connector) attempt() {
	defer c.wg.Done()
	c.takeRenewed()
	var nc net.Conn
	contain.Run("dial", func() (err error) {
		nc, err = c.dial()
		return err
	}, func(err error) { c.dialled(nc, tellAll(c.handler, c.endpoint, err)) }, c.panicked)
}

// dialled goes on after an attempt to dial.
func (c *Connector) dialled(nc net.Conn, err error) {
	if err != nil {
		c.notRefused()
		c.again(err, errors.Is(err, syscall.ECONNREFUSED) && c.stops(StopRefused))
		return
	}
	cn := newConn(&c.cfg, c.handler, nc, c.endpoint)
	cn.dialled = true
	cn.event(link.Connected, FD(nc), nil)
	cn.keep = !c.cfg.Subscribes && !c.cfg.Immediate
	cn.fresh = c.cfg.Immediate
	cn.pipe = c.Pipe()
	if !c.setCurrent(cn) {
		return
	}
	var rest []byte
	contain.Run("handshake", func() (err error) {
		rest, err = cn.open(c.pipeFor)
		return err
	}, func(err error) { c.opened(cn, rest, cn.tell(err)) }, c.panicked)
}

// opened goes on after a handshake.
func (c *Connector) opened(cn *conn, rest []byte, err error) {
	if !refusal(err) {
		c.notRefused()
	}
	if err != nil {
		cn.stop(err)
		cn.event(link.Disconnected, FD(cn.nc), err)
		c.end(err, c.stops(StopHandshake))
		return
	}
	c.mu.Lock()
	if !c.refused {
		c.backoff.reset()
	}
	c.mu.Unlock()
	c.wg.Add(1)
	go c.read(cn, rest)
}

func (c *Connector) read(cn *conn, rest []byte) {
	defer c.wg.Done()
	contain.Run("connection", func() error { return cn.serve(rest) }, func(err error) { c.ended(cn, err) }, c.panicked)
}

func (c *Connector) panicked(p *contain.Panic) { c.handler.Panicked(c.endpoint, "", p) }

// ended goes on after a connection that was served.
func (c *Connector) ended(cn *conn, err error) {
	if c.stops(StopAfterDisconnect | StopAfterLoss) {
		c.finish() // before anybody hears of the loss, and asks whether it is for good
	}
	var waiting [][]byte
	if c.cfg.Immediate {
		if cn.unacked != nil {
			waiting = cn.pipe.Out.Salvage()
		}
		c.retire(cn.pipe)
	} else {
		c.handler.Detach(cn.pipe, false)
	}
	cn.handBack(waiting)
	c.end(err, c.stops(StopAfterLoss) || c.streamOver(cn.pipe))
}

// streamOver reports whether the program has ended this stream: then there is no other.
func (c *Connector) streamOver(p *queue.Pipe) bool { return c.cfg.Raw && p.Status() == queue.Closed }

func (c *Connector) stops(at Stop) bool { return c.cfg.Stop&at != 0 }

// dial makes one attempt and reports it.
func (c *Connector) dial() (net.Conn, error) {
	if strings.HasPrefix(c.endpoint, "tcp") || strings.HasPrefix(c.endpoint, "ws") {
		const inProgress = 115 // EINPROGRESS, which is what libzmq always reports here
		c.event(link.ConnectDelayed, inProgress, nil, 0)
	}
	nc, err := c.cfg.Dial(c.ctx)
	if err == nil {
		return nc, nil
	}
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		c.event(link.ClosedEvent, 0, err, 0)
	}
	return nil, err
}

func (c *Connector) event(kind link.EventKind, value uint32, err error, retry time.Duration) {
	c.handler.Event(link.Event{Kind: kind, Endpoint: c.endpoint, Dialled: true, Value: value, Err: err, RetryIn: retry})
}

// setCurrent makes cn the live connection, unless the endpoint has been closed.
func (c *Connector) setCurrent(cn *conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		cn.stop(ErrClosed)
		return false
	}
	c.cur = cn
	return true
}

// pipeFor is the pipe for a peer that is about to be attached: it has not refused us.
func (c *Connector) pipeFor() *queue.Pipe {
	c.notRefused()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pipe == nil || c.cfg.Immediate {
		c.pipe = c.handler.NewPipe()
	}
	return c.pipe
}

// retire closes a pipe that will not be attached again.
func (c *Connector) retire(p *queue.Pipe) {
	if n := p.Out.Close(); n > 0 {
		c.handler.Lost(p, n)
	}
	c.handler.Detach(p, true) // which may yet put a notice into the inbox
	p.In.Close()
	c.mu.Lock()
	if c.pipe == p {
		c.pipe = nil
	}
	c.mu.Unlock()
}

// end goes on after a connection that was lost or never came about.
func (c *Connector) end(err error, stop bool) {
	denied := refusal(err)
	c.mu.Lock()
	c.cur = nil
	c.refused = errors.Is(err, ErrRefusedByPeer)
	p := c.pipe
	c.denied = c.denied || denied
	c.mu.Unlock()
	if denied {
		c.handler.Refused(c, p, err)
	}
	c.again(err, stop)
}

// refusal reports whether an attempt ended because the peer has refused our
// credentials. The same ones are likely to be refused again, but it need not have been
// the peer who said so, and it may change its mind: the next attempts are as rare as
// they get.
func refusal(err error) bool {
	var auth *wire.AuthError
	return errors.As(err, &auth) && strings.HasPrefix(auth.Status, "4")
}

// notRefused tells the handler when the last attempt was refused and this one was not.
func (c *Connector) notRefused() {
	c.mu.Lock()
	was, p := c.denied, c.pipe
	c.denied = false
	c.mu.Unlock()
	if was {
		c.handler.Refused(c, p, nil)
	}
}

// Renew makes an attempt at once, and from then on, with another cfg; the pipe, and what
// waits there, stays.
func (c *Connector) Renew(cfg Config) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewed = &cfg
	c.backoff = backoff{min: cfg.ReconnectMin, max: cfg.ReconnectMax}
	if !c.closed && c.timer != nil && c.timer.Stop() {
		c.timer = nil
		go c.attempt() // which the timer was counted for
	}
}

func (c *Connector) takeRenewed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.renewed != nil {
		c.cfg, c.renewed = *c.renewed, nil
	}
}

// again schedules the next attempt, if there is to be one.
func (c *Connector) again(err error, stop bool) {
	c.mu.Lock()
	closed, p := c.closed, c.pipe
	stop = stop || c.leaving && c.stops(StopAfterDisconnect)
	delay := c.backoff.next(time.Now(), hopeless(err))
	if refusal(err) {
		delay = c.backoff.longest()
	}
	c.mu.Unlock()
	if closed {
		return
	}
	if stop || c.cfg.ReconnectMin <= 0 {
		c.finish()
		if p != nil {
			c.retire(p)
		}
		return
	}
	c.event(link.ConnectRetried, uint32(delay.Milliseconds()), err, delay)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		if c.renewed != nil {
			delay = 0
		}
		c.wg.Add(1)
		c.timer = time.AfterFunc(delay, c.attempt)
	}
}

func (c *Connector) finish() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
}

// hopeless reports whether a peer is there, and the next attempt is likely to
// end as this one did.
func hopeless(err error) bool {
	var proto *wire.ProtocolError
	var auth *wire.AuthError
	var refused *wire.RefusedError
	return errors.As(err, &proto) || errors.As(err, &auth) || errors.As(err, &refused) || wire.IsDenial(err) ||
		errors.Is(err, wire.ErrIncompatible) || errors.Is(err, ErrServerKey) || errors.Is(err, ErrRefusedByPeer)
}

// Over reports whether the endpoint has been given up: the peer was lost, and is not to
// be dialled again.
func (c *Connector) Over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// Leave says that Close is to come, and that it is the program which does not want the
// endpoint any more: with StopAfterDisconnect it is not dialled for what still waits.
func (c *Connector) Leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving {
		return
	}
	c.leaving = true
	if c.cur == nil && c.stops(StopAfterDisconnect) {
		close(c.left)
	}
}

// Close ends the endpoint. Until ctx ends it waits for what was accepted to be
// written and to arrive. Nothing of the endpoint runs when it returns.
func (c *Connector) Close(ctx context.Context) {
	c.mu.Lock()
	p := c.pipe
	c.mu.Unlock()
	if p != nil {
		p.Out.Leave()
		select {
		case <-p.Out.Idle():
		case <-c.left:
		case <-ctx.Done():
		}
	}
	c.mu.Lock()
	c.closed = true
	cur := c.cur
	if c.timer != nil && c.timer.Stop() {
		c.wg.Done()
	}
	c.mu.Unlock()
	if cur != nil {
		cur.drainKernel(ctx)
		cur.stop(ErrClosed)
	}
	c.cancel()
	c.wg.Wait()
	c.mu.Lock()
	p = c.pipe
	c.mu.Unlock()
	if p != nil {
		c.retire(p)
	}
}

// Pipe is the endpoint's pipe, nil with Immediate while there is no peer.
func (c *Connector) Pipe() *queue.Pipe {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pipe
}

// backoff spaces attempts. Without a maximum it tries every min, give or take
// half of it at random so that a thousand clients do not come back at once; after
// ten seconds in vain it doubles the distance up to fifty times min. With one it
// doubles from the start; one equal to min makes it exactly min, always.
type backoff struct {
	min, max time.Duration
	delay    time.Duration
	since    time.Time // of the first failure
}

const doublesAfter = 10 * time.Second

func (b *backoff) reset() { b.delay, b.since = 0, time.Time{} }

// next is the time until the next attempt. With hopeless, a peer is there and
// does not understand us: it need not be asked often.
func (b *backoff) next(now time.Time, hopeless bool) time.Duration {
	if b.max > 0 && b.max == b.min {
		return b.min
	}
	if b.since.IsZero() {
		b.since = now
	}
	switch {
	case b.delay == 0:
		b.delay = b.min
	case hopeless || b.max > b.min || now.Sub(b.since) >= doublesAfter:
		b.delay = min(2*b.delay, b.ceiling())
	}
	return b.spread()
}

// longest is the longest time between attempts; it is also that before the next one.
func (b *backoff) longest() time.Duration {
	b.delay = b.ceiling()
	return b.spread()
}

func (b *backoff) ceiling() time.Duration {
	if b.max > b.min {
		return b.max
	}
	return 50 * b.min
}

// spread is the present time, give or take half of it.
func (b *backoff) spread() time.Duration { return b.delay/2 + rand.N(max(b.delay, 1)) }
