package zmq

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/transport"
)

// endpoints is what a socket has bound and connected.
type endpoints struct {
	mu       sync.Mutex
	closed   bool
	bound    map[string]closer // by the real endpoint
	dialled  map[string][]closer
	refused  map[*session.Connector]error // those whose last attempt the peer refused
	last     string
	closings sync.WaitGroup     // calls of Unbind and Disconnect; counted up under mu
	closing  context.Context    // of these calls: ends when that of the socket's close does
	cutShort context.CancelFunc // ends closing
	life     context.Context    // of what begins to listen: ends when the socket closes
	end      context.CancelFunc
}

// closer is one endpoint: an Acceptor, a Connector, or an inproc binding or
// connection. Close returns when nothing of it runs any more.
type closer interface{ Close(ctx context.Context) }

type localBinding struct{ *inproc.Binding }

func (b localBinding) Close(context.Context) { b.Binding.Close() }

type localConnection struct{ *inproc.Connection }

// Close waits as a Connector does: what waits for a binding may still be taken.
func (c localConnection) Close(ctx context.Context) { c.Connection.Close(ctx) }

func (e *endpoints) init() {
	e.bound, e.dialled = map[string]closer{}, map[string][]closer{}
	e.refused = map[*session.Connector]error{}
	e.closing, e.cutShort = context.WithCancel(context.Background())
	e.life, e.end = context.WithCancel(context.Background())
}

// close ends all endpoints, those that accept first. failed hears of one that panics,
// which keeps no other one open.
func (e *endpoints) close(ctx context.Context, failed func(*contain.Panic)) {
	e.end()
	e.mu.Lock()
	e.closed = true
	var all []closer
	for _, c := range e.bound {
		all = append(all, c)
	}
	for _, list := range e.dialled {
		all = append(all, list...)
	}
	clear(e.bound)
	clear(e.dialled)
	clear(e.refused)
	e.mu.Unlock()
	for _, c := range all {
		_ = contain.Tell(contain.Call("close of an endpoint", func() { c.Close(ctx) }), failed)
	}
	stop := context.AfterFunc(ctx, e.cutShort)
	e.closings.Wait()
	stop()
	e.cutShort()
}

// anyBound reports whether peers may come by themselves.
func (e *endpoints) anyBound() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.bound) > 0
}

// takeOver takes those connections to an endpoint out that have been given up:
// connecting again is a new chance.
func (e *endpoints) takeOver(text string) (dead []closer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dialled[text] = slices.DeleteFunc(e.dialled[text], func(c closer) bool {
		d, ok := c.(*session.Connector)
		gone := ok && d.Over()
		if gone {
			dead = append(dead, c)
			delete(e.refused, d)
		}
		return gone
	})
	if len(e.dialled[text]) == 0 {
		delete(e.dialled, text)
	}
	return dead
}

// parse reads an endpoint and checks that the socket may use it.
func (s *Socket) parse(text string) (endpoint.Endpoint, error) {
	if s.closed.Load() {
		return endpoint.Endpoint{}, s.closedErr()
	}
	ep, err := endpoint.Parse(text)
	if err != nil {
		return ep, invalidEndpoint(err)
	}
	if s.zc.ioThreads == 0 && ep.Scheme != endpoint.Inproc {
		return ep, mismatch("a Context without I/O threads knows only inproc")
	}
	if ep.Multicast() {
		return ep, s.mayMulticast(ep)
	}
	if s.mayUse(ep.Scheme) {
		return ep, nil
	}
	return ep, mismatch("a %s can't use %s", s.typ, ep.Scheme)
}

// mayUse reports whether a type and a transport fit.
func (s *Socket) mayUse(scheme string) bool {
	switch scheme {
	case endpoint.TCP, endpoint.IPC:
		return s.typ != Dgram
	case endpoint.Inproc, endpoint.WS, endpoint.WSS:
		return s.typ != Dgram && !s.kind.raw
	case endpoint.UDP:
		return s.typ == Dgram || s.kind.groups
	}
	return false
}

// Bind listens at an endpoint and returns its real form: "tcp://127.0.0.1:49153"
// for "tcp://127.0.0.1:*". Transports are tcp, ipc, inproc, ws, wss, and udp for DISH
// and DGRAM; see the README for the forms of each. Options given here hold for this
// endpoint only.
//
// ws and wss are ZMTP over WebSocket (RFC 45), for peers in browsers and behind HTTP
// proxies: "ws://*:8080", or "ws://*:8080/chat", where other paths are answered with 404.
// wss needs WithWSSCert and WithWSSKey, or WithTLSConfig. Web pages of other hosts are
// refused unless WithWSOrigins names them, or WithWSHosts a name of this one. A heartbeat is a ping of WebSocket, and its
// TTL is not told. An HTTP server can carry them, too: see package wshttp.
//
// epgm and pgm carry PUB and XPUB to SUB and XSUB by multicast (RFC 3208,
// zmq_pgm(7)), and there Bind and Connect do the same. A publisher has one peer, the
// group, sends at the rate of WithMulticastRate, and drops at its high-water mark
// what it is given faster; a subscriber has a peer for each publisher that it hears,
// and an EventGap for what could not be repaired. pgm needs the right to open raw
// sockets (else the error matches fs.ErrPermission), epgm does not.
//
// Errors: *EndpointError, which says of what kind it is and matches ErrInvalidEndpoint,
// ErrAddrInUse, ErrNotSupported (pgm, for the socket's type or with security) or the
// system's; ErrInvalidOption; ErrClosed.
func (s *Socket) Bind(text string, opts ...Option) (string, error) {
	ep, err := s.parse(text)
	if err == nil {
		err = ep.ForBind()
	}
	if err != nil {
		return "", endpointError("bind", text, err)
	}
	o, err := s.opts.with(s, opts)
	if err != nil {
		return "", err
	}
	if ep.Multicast() {
		return s.bindMulticast(ep, o, opts)
	}
	if ep.Scheme == endpoint.Inproc {
		if err := s.bindLocal(text, ep, o, opts); err != nil {
			return "", err
		}
		return text, nil
	}
	cfg, err := s.config(o, ep)
	if err != nil {
		return "", err
	}
	if ep.Scheme == endpoint.UDP {
		return s.bindDatagrams(text, ep, o)
	}
	if o.net.FD > 0 {
		s.opts.used(func(o *options) { o.net.FD = -1 })
	}
	if o.listener != nil {
		s.opts.used(func(o *options) { o.listener = nil })
	}
	l, err := s.listen(ep, o)
	if s.closed.Load() && err != nil {
		return "", s.closedErr()
	}
	if err != nil {
		s.event(link.Event{Kind: link.BindFailed, Endpoint: text, Value: session.Errno(err), Err: err})
		return "", endpointError("bind", text, err)
	}
	bound := l.Endpoint()
	err = s.addBound(bound, func() (closer, error) {
		return session.Accept(cfg, &handler{s: s, endpoint: bound, opts: opts, accepts: true}, l), nil
	}, func() { l.Close() })
	if err != nil {
		return "", err
	}
	s.guard(bound, o)
	return bound, nil
}

// listen may wait for the answer of a name server, until the socket or its Context ends.
func (s *Socket) listen(ep endpoint.Endpoint, o *options) (transport.Listener, error) {
	ctx, cancel := context.WithCancel(s.ends.life)
	defer cancel()
	defer context.AfterFunc(s.zc, cancel)()
	return s.zc.listen(ctx, ep, o)
}

func (s *Socket) bindLocal(text string, ep endpoint.Endpoint, o *options, opts []Option) error {
	if ep.Path == zapName && !o.reserved {
		return endpointError("bind", text, mismatch("the name is the authenticator's: only WithReservedName binds it"))
	}
	h := &handler{s: s, endpoint: text, opts: opts, accepts: true, within: true}
	b, err := s.zc.names.Bind(ep.Path, s.localEnd(h, o))
	if err != nil {
		return endpointError("bind", text, ErrAddrInUse)
	}
	return s.addBound(text, func() (closer, error) { return localBinding{b}, nil }, b.Close)
}

// localEnd is an endpoint of inproc.
func (s *Socket) localEnd(h *handler, o *options) inproc.End {
	return inproc.End{Handler: h, Socket: s, Type: s.kind.wireName(), Identity: o.identity(s.kind.identity), Hello: o.hello}
}

// addBound enters a bound endpoint, or gives it up when the socket has closed.
func (s *Socket) addBound(bound string, start func() (closer, error), abandon func()) error {
	s.ends.mu.Lock()
	defer s.ends.mu.Unlock()
	if s.ends.closed {
		abandon()
		return ErrClosed
	}
	s.refused.Store(nil) // another peer may come
	s.states.begin(bound, EndpointListening)
	c, err := start()
	if err != nil {
		s.states.end(bound)
		return err
	}
	s.ends.bound[bound], s.ends.last = c, bound
	return nil
}

// Connect connects to an endpoint. It returns at once: the peer may come later,
// and when it is lost it is dialled again. For the types PUB, SUB, REQ and DEALER
// a second Connect to one endpoint does nothing. For every type, one to an endpoint that
// has refused our credentials (ErrAuth) makes it try again at once, with what options
// say now; else it is tried again seldom. Options given here hold for this
// endpoint only. With epgm and pgm it does what Bind does, and returns its errors.
//
// Errors: *EndpointError, which says of what kind it is and matches ErrInvalidEndpoint;
// ErrInvalidOption; ErrClosed.
func (s *Socket) Connect(text string, opts ...Option) error {
	_, err := s.connect(text, opts)
	return err
}

// connect is Connect; p is the endpoint's pipe, if it has one already.
func (s *Socket) connect(text string, opts []Option) (p *queue.Pipe, err error) {
	ep, err := s.parse(text)
	if err == nil {
		err = ep.ForConnect()
	}
	if err != nil {
		return nil, endpointError("connect", text, err)
	}
	o, err := s.opts.with(s, opts)
	if err != nil {
		return nil, err
	}
	if ep.Multicast() {
		return nil, s.connectMulticast(text, ep, o, opts)
	}
	cfg, err := s.config(o, ep)
	if err != nil {
		return nil, err
	}
	for _, c := range s.ends.takeOver(text) {
		c.Close(context.Background()) // nothing of it runs any more
	}
	if again, err := s.connectAgain(text, ep, cfg, o); again || err != nil {
		return nil, err
	}
	spill, err := s.connectedSwap(text, ep, o)
	switch {
	case s.kind.single && s.ends.isDialled(text):
		err = nil // also when it is that one who has the swap
	case err != nil:
		err = endpointError("connect", text, err)
	default:
		p, spill, err = s.connectNew(text, ep, cfg, o, opts, spill)
	}
	if spill != nil {
		spill.Close() // nobody has it
	}
	return p, err
}

// connectNew enters a new connected endpoint, with its swap. unused is that when it is not
// needed.
func (s *Socket) connectNew(text string, ep endpoint.Endpoint, cfg session.Config, o *options, opts []Option, spill *queue.Spill) (p *queue.Pipe, unused *queue.Spill, err error) {
	s.ends.mu.Lock()
	defer s.ends.mu.Unlock()
	if s.ends.closed {
		return nil, spill, ErrClosed
	}
	if s.kind.single && len(s.ends.dialled[text]) > 0 {
		return nil, spill, nil
	}
	s.refused.Store(nil)      // a new endpoint is a new chance
	if len(o.connectID) > 0 { // also when the pipe is made only later
		opts = append(slices.Clip(opts), WithConnectRoutingID(string(o.connectID)))
	}
	if err := s.nameIsFree(o.connectID); err != nil {
		return nil, spill, endpointError("connect", text, err)
	}
	s.states.begin(text, EndpointDialing)
	c, err := s.dial(text, ep, cfg, o, opts, spill)
	if err != nil {
		s.states.end(text)
		return nil, spill, endpointError("connect", text, err)
	}
	s.ends.dialled[text] = append(s.ends.dialled[text], c)
	s.ends.last = text
	if len(o.connectID) > 0 {
		s.opts.used(func(o *options) { o.connectID = nil })
	}
	if c, ok := c.(piped); ok {
		p = c.Pipe()
	}
	return p, nil, nil
}

func (s *Socket) dial(text string, ep endpoint.Endpoint, cfg session.Config, o *options, opts []Option, spill *queue.Spill) (closer, error) {
	if ep.Scheme == endpoint.Inproc {
		h := &handler{s: s, endpoint: text, opts: opts, within: true}
		p := h.pipe(o)
		s.adopt(p, text, o)
		c, err := s.zc.names.Connect(ep.Path, s.localEnd(h, o), p)
		if err != nil {
			c.Stop(err)
			return nil, err
		}
		return localConnection{c}, nil
	}
	if ep.Scheme == endpoint.UDP {
		return s.dialDatagrams(text, ep, o)
	}
	var err error
	if cfg.Dial, err = s.zc.dialer(ep, o); err != nil {
		return nil, err
	}
	cfg.Ours = cfg.Ours || len(cfg.Identity) > 0 || s.kind.exclusive // it may be turned away, and is to be told why
	h := &handler{s: s, endpoint: text, opts: opts}
	var p *queue.Pipe
	if !cfg.Immediate {
		p = h.pipe(o)
		if cfg.Sealed {
			p.Out.HoldMessages()
		}
		if spill != nil {
			p.SetSpill(spill)
		}
		s.adopt(p, text, o)
	}
	return session.Connect(cfg, h, text, p), nil
}

// adopt lets messages queue for a peer that is not there yet, where the type does so.
func (s *Socket) adopt(p *queue.Pipe, text string, o *options) {
	immediate := o.immediate || o.peerPriority != 0
	s.peers.add(p, &peer{endpoint: text, immediate: immediate, rules: o.peerRules(s.typ), opts: o})
	if s.rank(p, o) || o.immediate {
		return
	}
	s.sendMu.Lock()
	s.tx.adopt(p, o.connectID)
	s.sendMu.Unlock()
	s.watch.notify()
}

// Unbind stops listening at an endpoint, given in its real form, and ends the
// connections that came in through it; it waits up to the linger time for what was
// accepted for them.
//
// Errors: *EndpointError, which matches ErrNoEndpoint; ErrClosed.
func (s *Socket) Unbind(text string) error {
	s.ends.mu.Lock()
	c := s.ends.bound[text]
	if c != nil {
		delete(s.ends.bound, text)
		s.states.end(text)
		s.ends.closings.Add(1)
	}
	s.ends.mu.Unlock()
	if c == nil {
		return s.unknown("unbind", text)
	}
	s.judgeRefusals()
	s.end(c)
	return nil
}

// Disconnect ends a connection, given by the endpoint that was connected; it waits
// up to the linger time for what was accepted for it.
//
// Errors: *EndpointError, which matches ErrNoEndpoint; ErrClosed.
func (s *Socket) Disconnect(text string) error {
	s.ends.mu.Lock()
	var c closer
	if list := s.ends.dialled[text]; len(list) > 0 {
		c = list[0]
		s.ends.dialled[text] = list[1:]
		if len(list) == 1 {
			delete(s.ends.dialled, text)
			s.states.end(text)
		}
		if d, ok := c.(*session.Connector); ok {
			delete(s.ends.refused, d)
		}
		s.ends.closings.Add(1)
	}
	s.ends.mu.Unlock()
	if c == nil {
		return s.unknown("disconnect", text)
	}
	if l, ok := c.(*session.Connector); ok {
		l.Leave()
	}
	s.judgeRefusals()
	s.end(c)
	return nil
}

func (s *Socket) unknown(verb, text string) error {
	if s.closed.Load() {
		return s.closedErr()
	}
	return endpointError(verb, text, ErrNoEndpoint)
}

// end closes an endpoint that has been taken out and added to closings.
func (s *Socket) end(c closer) {
	defer s.ends.closings.Done()
	ctx, cancel := s.closeDeadline()
	defer cancel()
	c.Close(ctx)
}

// closeDeadline is a context for closing one endpoint within the linger time.
func (s *Socket) closeDeadline() (context.Context, context.CancelFunc) {
	if linger := s.opts.get().linger; linger >= 0 {
		return context.WithTimeout(s.ends.closing, max(linger, time.Nanosecond))
	}
	return context.WithCancel(s.ends.closing)
}
