package zmq

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
)

// Option is one setting of a socket, for New, Set, Bind and Connect. Make one
// with a With function; those that libzmq knows are read back by name with
// Socket.Option.
type Option struct {
	name  string
	value any
}

// options are the settings of a socket. A value of this type is never changed
// once others can see it.
type options struct {
	sndHWM, rcvHWM           int
	sndBytes, rcvBytes       int64
	sndBytesSet, rcvBytesSet bool // somebody has asked for them
	linger                   time.Duration
	sndTimeout, rcvTimeout   time.Duration
	routingID                []byte
	immediate                bool
	reconnectMin             time.Duration
	reconnectMax             time.Duration
	handshake                time.Duration
	heartbeat                time.Duration
	heartbeatTimeout         time.Duration
	heartbeatTTL             time.Duration
	maxMsgSize               int64
	maxParts                 int
	maxTopic                 int
	conflate                 bool
	swapDir                  string
	swapBytes                int64
	swapSync                 bool
	durable                  string // a subscriber's name
	durableMsgs              int    // what a publisher keeps for each
	durableBytes             int64
	durableAway              time.Duration
	gapNotices               bool
	requeue                  bool
	peerPriority             int
	reconnectStop            int
	routerMandatory          bool
	routerHandover           bool
	routerNotify             int
	streamNotify             bool
	connectID                []byte // what the peer of the next Connect is called
	probeRouter              bool
	reqRelaxed, reqCorrelate bool
	reqFailFast              bool
	xpubVerbose              bool
	xpubVerboser             bool
	xpubManual, xpubLast     bool
	xpubNoDrop               bool
	xsubVerbose              bool
	onlyFirst                bool
	invert                   bool
	welcome                  []byte
	hello, goodbye, hiccup   []byte
	metadata                 []wire.Property
	net                      transport.Options
	listener                 net.Listener // of the next Bind
	accept                   acceptFilters
	log                      zerolog.Logger
	reserved                 bool // may bind the authenticator's inproc name
	sec                      protection
	wss                      wssFiles
	origins                  []string // of pages that may connect over ws; replaced, never changed
	rate                     int      // multicast, with what follows
	recovery                 time.Duration
	multicastHops            int
	multicastTPDU            int
	multicastLoop            bool

	// Accepted, and without a meaning here.
	affinity   uint64
	zapEnforce bool
	kept       map[string]int // the other numbers, by name; replaced, never changed
}

// wssFiles are the texts that TLS needs, in PEM.
type wssFiles struct {
	key, cert, trust, hostname string
	system                     bool
	config                     *tls.Config // instead of all that
}

// Defaults where ours are not libzmq's; DESIGN.md says why.
const (
	defaultLinger     = 30 * time.Second
	defaultHandshake  = 10 * time.Second
	defaultMaxMsgSize = 16 << 20
	defaultMaxParts   = 1024
	defaultMaxTopic   = 8 << 10
	defaultPipeBytes  = 64 << 20
)

// standard has the defaults of the table.
var standard = sync.OnceValue(func() *options {
	o := &options{net: transport.Defaults(), log: zerolog.Nop()}
	for _, row := range optionIndex {
		if row.init != nil {
			row.init(o)
		}
	}
	return o
})

func defaults(row pattern.Row, c *Context) *options {
	o := *standard()
	o.net.IPv6 = c.ipv6
	if row.NoLinger || !c.blocky {
		o.linger = 0
	}
	return &o
}

// netFor is what the transport is told. An endpoint that is written as an IPv6
// address needs no option to say that IPv6 is meant.
func (o *options) netFor(ep endpoint.Endpoint) transport.Options {
	t := o.net
	t.IPv6 = t.IPv6 || ep.IPv6()
	return t
}

func (o *options) limits() pipe.Limits {
	return pipe.Limits{
		SendHWM: o.sndHWM, RecvHWM: o.rcvHWM, Conflate: o.conflate,
		SendBytes: max(0, o.sndBytes), RecvBytes: max(0, o.rcvBytes),
		SendBytesDefault: !o.sndBytesSet, RecvBytesDefault: !o.rcvBytesSet,
	}
}

// optionSet holds a socket's current options: read without a lock, changed by
// replacing them whole.
type optionSet struct {
	o   *options // before the socket is in use
	cur atomic.Pointer[options]
	mu  sync.Mutex
}

func (s *optionSet) get() *options { return s.cur.Load() }

func (s *optionSet) sendTimeout() time.Duration { return s.get().sndTimeout }
func (s *optionSet) recvTimeout() time.Duration { return s.get().rcvTimeout }
func (s *optionSet) noDrop() bool               { return s.get().xpubNoDrop }

// with is the current options changed by opts, for one endpoint.
func (s *optionSet) with(sock *Socket, opts []Option) (*options, error) {
	o := *s.get()
	for _, opt := range opts {
		if err := set(sock, &o, opt); err != nil {
			return nil, err
		}
	}
	return &o, nil
}

// apply changes the options; with an error none is changed.
func (s *optionSet) apply(sock *Socket, opts []Option) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.get() == nil {
		s.cur.Store(s.o)
	}
	o, err := s.with(sock, opts)
	if err == nil {
		s.cur.Store(o)
	}
	return err
}

// Set changes options. Most take effect on endpoints that are bound or connected
// afterwards; those that take effect at once say so. With an error nothing is
// changed.
//
// Errors: ErrInvalidOption, which names the value and the rule, or ErrClosed.
func (s *Socket) Set(opts ...Option) error {
	if s.closed.Load() {
		return s.over()
	}
	before := s.opts.get()
	if err := s.opts.apply(s, opts); err != nil {
		return err
	}
	if o := s.opts.get(); o.sndHWM != before.sndHWM || o.rcvHWM != before.rcvHWM {
		s.peers.each(func(p *pipe.Pipe) { p.SetHWM(o.sndHWM, o.rcvHWM) })
	}
	return nil
}
