package zmq

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
)

//go:generate go run ./internal/optiongen

// Option is one setting of a socket, for New, Set, Bind and Connect. Make one
// with a With function; those that libzmq knows are read back by name with
// Socket.Option, and all with their types by Socket.Settings. Printed, it shows its
// name and value, but nothing that is secret.
type Option struct {
	name string
	// value is behind a function so that nothing prints it: package fmt and loggers
	// look into structs, and the value may be a key.
	value func() any
}

func newOption(name string, value any) Option {
	return Option{name, func() any { return value }}
}

// options are the settings of a socket. A value of this type is never changed
// once others can see it.
type options struct {
	tunables // those of one value, from the table

	net      transport.Options
	sec      protection
	wss      wssFiles
	metadata []wire.Property
	listener net.Listener // of the next Bind
	accept   acceptFilters
	origins  []string // of pages that may connect over ws; replaced, never changed
	wsHosts  []string // names of this host, for them; replaced, never changed
	log      logs.Logger
	lines    logs.Logger    // log, with the socket's name and type in each line
	zerolog  zerolog.Logger // as WithLogger was given it
	kept     map[string]int // numbers without a meaning here, by name; replaced, never changed
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
	defaultHandshakes = 2048
	defaultBacklog    = 4096
	defaultMaxMsgSize = 16 << 20
	defaultMaxParts   = 1024
	defaultMaxTopic   = 8 << 10
	defaultPipeBytes  = 64 << 20
)

// standard has the defaults of the table.
var standard = sync.OnceValue(func() *options {
	o := &options{net: transport.Defaults(), zerolog: zerolog.Nop()}
	for _, row := range optionIndex {
		if row.init != nil {
			row.init(o)
		}
	}
	return o
})

func defaults(k kind, c *Context) *options {
	o := *standard()
	o.log = logs.Logger{}.Zerolog(zerolog.Nop()) // the one that counts for all of this socket
	o.net.IPv6 = c.ipv6
	if k.noLinger || !c.blocky {
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

func (o *options) limits() queue.Limits {
	return queue.Limits{
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
		o.nameLines(sock.typ)
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
		return s.closedErr()
	}
	before := s.opts.get()
	if err := s.opts.apply(s, opts); err != nil {
		return err
	}
	if o := s.opts.get(); o.sndHWM != before.sndHWM || o.rcvHWM != before.rcvHWM {
		s.peers.each(func(p *queue.Pipe) { p.SetHWM(o.sndHWM, o.rcvHWM) })
	}
	if s.opts.get().routerHandover && !before.routerHandover {
		s.zc.names.Retry(s)
	}
	return nil
}
