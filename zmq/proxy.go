package zmq

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/msg"
)

// proxyBurst is how many messages a proxy takes from one side at a time.
const proxyBurst = 64

// Proxy moves messages between two sockets, both ways, until ctx ends or one of
// them closes: ROUTER and DEALER make a shared queue, XSUB and XPUB a forwarder,
// PULL and PUSH a streamer. capture, if it is not nil, gets a copy of every
// message, before the receiver does. It reads from a side only while the other one
// takes what it has, so back-pressure passes through, and no message is lost when it
// ends: what it has taken and could not pass on goes back to be received again (and
// is captured again when it is passed on). frontend and backend may be one socket.
// It returns ctx's error, or the error of the socket.
// (zmq_proxy(3))
func Proxy(ctx context.Context, frontend, backend, capture *Socket) error {
	return NewProxy(frontend, backend, capture).Run(ctx)
}

// ProxySide counts what one socket of a proxy has received and sent.
type ProxySide struct {
	Received, ReceivedBytes uint64
	Sent, SentBytes         uint64
}

// ProxyStats are the counters of a proxy.
type ProxyStats struct{ Frontend, Backend ProxySide }

// SteerableProxy is a proxy that can be paused and ended while it runs.
type SteerableProxy struct {
	front, back, capture *Socket
	control              *Socket
	frontIn, backIn      traffic // what was received from each side and passed on

	mu     sync.Mutex
	still  *sync.Cond // on mu: moving has become 0
	moving int        // directions that may take messages now
	paused bool
	pause  chan struct{} // closed by Pause
	resume chan struct{} // closed by Resume
	ended  chan struct{} // closed by Stop
	once   sync.Once
}

// traffic counts one direction.
type traffic struct{ recvMsgs, recvBytes, sentMsgs, sentBytes atomic.Uint64 }

func (t *traffic) count(size uint64) {
	t.recvMsgs.Add(1)
	t.recvBytes.Add(size)
	t.sentMsgs.Add(1)
	t.sentBytes.Add(size)
}

// uncount takes count back.
func (t *traffic) uncount(size uint64) {
	t.recvMsgs.Add(^uint64(0))
	t.recvBytes.Add(-size)
	t.sentMsgs.Add(^uint64(0))
	t.sentBytes.Add(-size)
}

// NewProxy makes a proxy between two sockets; capture may be nil. It does nothing
// until Run.
func NewProxy(frontend, backend, capture *Socket) *SteerableProxy {
	p := &SteerableProxy{front: frontend, back: backend, capture: capture,
		pause: make(chan struct{}), resume: make(chan struct{}), ended: make(chan struct{})}
	p.still = sync.NewCond(&p.mu)
	return p
}

// Control lets the proxy obey commands that arrive at s, as zmq_proxy_steerable
// does: "PAUSE", "RESUME", "TERMINATE", and "STATISTICS", which is answered with
// eight frames of eight bytes in the byte order of the machine: messages and bytes
// received, messages and bytes sent, by the frontend and then by the backend. A
// REP gets an empty answer to the others, and to what it does not know. Call it
// before Run.
func (p *SteerableProxy) Control(s *Socket) { p.control = s }

// Pause stops the proxy: when it returns, no message is taken any more, and those
// that come wait in the sockets.
func (p *SteerableProxy) Pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.paused {
		p.paused, p.resume = true, make(chan struct{})
		close(p.pause)
	}
	for p.paused && p.moving > 0 {
		p.still.Wait()
	}
}

// Resume undoes Pause.
func (p *SteerableProxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused {
		p.paused, p.pause = false, make(chan struct{})
		close(p.resume)
		p.still.Broadcast()
	}
}

// Stop ends Run, which returns nil.
func (p *SteerableProxy) Stop() { p.once.Do(func() { close(p.ended) }) }

// Statistics returns the counters. It may be called at any time. Whatever a peer has
// got is counted; so is the message that waits for room, until the proxy gives it
// back.
func (p *SteerableProxy) Statistics() ProxyStats {
	f, b := &p.frontIn, &p.backIn
	return ProxyStats{
		Frontend: ProxySide{f.recvMsgs.Load(), f.recvBytes.Load(), b.sentMsgs.Load(), b.sentBytes.Load()},
		Backend:  ProxySide{b.recvMsgs.Load(), b.recvBytes.Load(), f.sentMsgs.Load(), f.sentBytes.Load()},
	}
}

// Run moves messages until ctx ends, a socket closes, or Stop is called. It
// runs once.
func (p *SteerableProxy) Run(ctx context.Context) error {
	caller := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-p.ended:
			cancel(errStopped)
		case <-stop:
		}
	}()
	var wg sync.WaitGroup
	start := func(run func(context.Context) error) {
		wg.Go(func() {
			contain.Run("proxy", func() error { return run(ctx) }, func(err error) { cancel(p.told(err)) }, contain.Stray)
		})
	}
	start(func(ctx context.Context) error { return p.pump(ctx, p.front, p.back, &p.frontIn) })
	if p.back != p.front {
		start(func(ctx context.Context) error { return p.pump(ctx, p.back, p.front, &p.backIn) })
	}
	if p.control != nil {
		start(p.obey)
	}
	wg.Wait()
	switch err := context.Cause(ctx); {
	case errors.Is(err, errStopped):
		return nil
	case err == context.Cause(caller): // whatever its cause: what is promised is ctx's error
		return caller.Err()
	default:
		return err
	}
}

// told tells the frontend's monitors of a panic, and returns err, the end of the proxy.
func (p *SteerableProxy) told(err error) error {
	why, panicked := err.(*contain.Panic)
	if !panicked {
		return err
	}
	if contain.Call("proxy", func() { p.front.failed(why) }) != nil { // it may be no socket at all
		contain.Stray(why)
	}
	return publicError(err)
}

var errStopped = errors.New("zmq: proxy terminated")

// pump moves messages one way.
func (p *SteerableProxy) pump(ctx context.Context, from, to *Socket, t *traffic) error {
	if from.in.none || to.out.none {
		return p.idle(ctx) // PULL to PUSH has one direction only
	}
	ms := make([]msg.Msg, proxyBurst)
	for {
		paused, err := p.gate(ctx)
		if err != nil {
			return err
		}
		if err := p.move(ctx, paused, from, to, ms, t); err != nil {
			return err
		}
	}
}

// move moves messages until the proxy is paused, or an error.
func (p *SteerableProxy) move(ctx context.Context, paused <-chan struct{}, from, to *Socket, ms []msg.Msg, t *traffic) error {
	defer p.halted()
	return p.untilPaused(ctx, paused, func(ctx context.Context) error { return p.burst(ctx, from, to, ms, t) })
}

func (p *SteerableProxy) idle(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// halted says that one direction takes nothing any more.
func (p *SteerableProxy) halted() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moving--; p.moving == 0 {
		p.still.Broadcast()
	}
}

// gate waits while the proxy is paused, and returns what the next Pause closes. The
// caller must call halted.
func (p *SteerableProxy) gate(ctx context.Context) (paused <-chan struct{}, err error) {
	for {
		p.mu.Lock()
		is, pause, resume := p.paused, p.pause, p.resume
		if !is {
			p.moving++
		}
		p.mu.Unlock()
		if !is {
			return pause, nil
		}
		select {
		case <-resume:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// untilPaused runs fn with a context that ends with a Pause, which is no error.
func (p *SteerableProxy) untilPaused(ctx context.Context, paused <-chan struct{}, fn func(context.Context) error) error {
	burst, cut := context.WithCancel(ctx)
	defer cut()
	done := make(chan struct{})
	watcher := make(chan struct{})
	go func() {
		defer close(watcher)
		select {
		case <-paused:
			cut()
		case <-done:
		}
	}()
	err := func() error {
		defer func() { <-watcher }()
		defer close(done)
		return fn(burst)
	}()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if burst.Err() != nil {
		return nil
	}
	return err
}

// burst moves messages until ctx ends. It looks for room before it takes, and takes no
// more than that room: what waits then waits in the queues, as their marks have it. What
// was taken and not passed on even so, because a peer has left meanwhile, goes back.
func (p *SteerableProxy) burst(ctx context.Context, from, to *Socket, ms []msg.Msg, t *traffic) error {
	for {
		room, err := to.waitRoom(ctx)
		if err != nil {
			return err
		}
		n, err := from.RecvBatch(ctx, ms[:min(room, len(ms))])
		if err != nil {
			return err
		}
		if err := p.passAll(ctx, from, to, ms[:n], t); err != nil {
			return err
		}
	}
}

// passAll sends messages on. Whatever keeps it from the last one, the others go back.
func (p *SteerableProxy) passAll(ctx context.Context, from, to *Socket, ms []msg.Msg, t *traffic) error {
	i := 0
	defer func() {
		if i < len(ms) {
			from.unread(ms[i:]...)
		}
	}()
	for ; i < len(ms); i++ {
		if err := p.pass(ctx, to, ms[i], t); err != nil {
			return err
		}
		ms[i] = msg.Msg{}
	}
	return nil
}

// waitRoom waits until a message can be sent, and returns how many can be.
func (s *Socket) waitRoom(ctx context.Context) (places int, err error) {
	if places = s.places(); places > 0 {
		return places, nil
	}
	news := make(chan struct{}, 1)
	defer s.Notify(news)()
	for {
		if places = s.places(); places > 0 {
			return places, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// places is how many messages the socket would take at once, none of them waiting; a
// closed one takes one, which is the error.
func (s *Socket) places() int {
	if s.usable() != nil {
		return 1
	}
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	if !s.tx.writable() {
		return 0
	}
	return s.tx.places()
}

// pass sends one message on. It copies: what the message came in can then be
// reused at once, which is worth more than the copy. It captures and counts before
// it sends, as libzmq does: a request must not be captured behind its reply, and who
// has got a message must find it counted.
func (p *SteerableProxy) pass(ctx context.Context, to *Socket, m msg.Msg, t *traffic) error {
	if p.capture != nil {
		if err := p.capture.SendBytes(ctx, m.Frames...); err != nil {
			return fmt.Errorf("capture: %w", err)
		}
	}
	size := uint64(m.Size())
	t.count(size)
	if err := to.SendBytes(ctx, m.Frames...); err != nil {
		t.uncount(size)
		return err
	}
	m.Release()
	return nil
}
