package zmq

import (
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/wire"
)

// optionRow is one option: everything there is to know of it.
type optionRow struct {
	name  string                        // libzmq's, without ZMQ_
	set   func(o *options, v any) error // nil: read only
	get   func(s *Socket, o *options) any
	types []Type // that have it; nil: all
}

// optionTable is the list of options, one line each: name, setter with its rule,
// getter, types.
var optionTable = []optionRow{
	{"SNDHWM", count(func(o *options) *int { return &o.sndHWM }), func(_ *Socket, o *options) any { return o.sndHWM }, nil},
	{"RCVHWM", count(func(o *options) *int { return &o.rcvHWM }), func(_ *Socket, o *options) any { return o.rcvHWM }, nil},
	{"SNDBYTES", bytes64(func(o *options) *int64 { return &o.sndBytes }), func(_ *Socket, o *options) any { return o.sndBytes }, nil},
	{"RCVBYTES", bytes64(func(o *options) *int64 { return &o.rcvBytes }), func(_ *Socket, o *options) any { return o.rcvBytes }, nil},
	{"LINGER", span(func(o *options) *time.Duration { return &o.linger }, true), func(_ *Socket, o *options) any { return o.linger }, nil},
	{"SNDTIMEO", span(func(o *options) *time.Duration { return &o.sndTimeout }, true), func(_ *Socket, o *options) any { return o.sndTimeout }, nil},
	{"RCVTIMEO", span(func(o *options) *time.Duration { return &o.rcvTimeout }, true), func(_ *Socket, o *options) any { return o.rcvTimeout }, nil},
	{"ROUTING_ID", setRoutingID, func(_ *Socket, o *options) any { return string(o.routingID) }, []Type{Req, Dealer, Router}},
	{"IMMEDIATE", flag(func(o *options) *bool { return &o.immediate }), func(_ *Socket, o *options) any { return o.immediate }, nil},
	{"RECONNECT_IVL", span(func(o *options) *time.Duration { return &o.reconnectMin }, true), func(_ *Socket, o *options) any { return o.reconnectMin }, nil},
	{"RECONNECT_IVL_MAX", span(func(o *options) *time.Duration { return &o.reconnectMax }, false), func(_ *Socket, o *options) any { return o.reconnectMax }, nil},
	{"HANDSHAKE_IVL", span(func(o *options) *time.Duration { return &o.handshake }, false), func(_ *Socket, o *options) any { return o.handshake }, nil},
	{"HEARTBEAT_IVL", span(func(o *options) *time.Duration { return &o.heartbeat }, false), func(_ *Socket, o *options) any { return o.heartbeat }, nil},
	{"HEARTBEAT_TIMEOUT", span(func(o *options) *time.Duration { return &o.heartbeatTimeout }, false), func(_ *Socket, o *options) any { return o.heartbeatTimeout }, nil},
	{"HEARTBEAT_TTL", setTTL, func(_ *Socket, o *options) any { return o.heartbeatTTL }, nil},
	{"MAXMSGSIZE", bytes64(func(o *options) *int64 { return &o.maxMsgSize }), func(_ *Socket, o *options) any { return o.maxMsgSize }, nil},
	{"MAXPARTS", count(func(o *options) *int { return &o.maxParts }), func(_ *Socket, o *options) any { return o.maxParts }, nil},
	{"MAXTOPIC", count(func(o *options) *int { return &o.maxTopic }), func(_ *Socket, o *options) any { return o.maxTopic }, []Type{Pub, XPub}},
	{"ROUTER_MANDATORY", flag(func(o *options) *bool { return &o.routerMandatory }), func(_ *Socket, o *options) any { return o.routerMandatory }, []Type{Router}},
	{"ROUTER_HANDOVER", flag(func(o *options) *bool { return &o.routerHandover }), func(_ *Socket, o *options) any { return o.routerHandover }, []Type{Router}},
	{"PROBE_ROUTER", flag(func(o *options) *bool { return &o.probeRouter }), func(_ *Socket, o *options) any { return o.probeRouter }, []Type{Req, Dealer, Router}},
	{"REQ_RELAXED", flag(func(o *options) *bool { return &o.reqRelaxed }), func(_ *Socket, o *options) any { return o.reqRelaxed }, []Type{Req}},
	{"REQ_CORRELATE", flag(func(o *options) *bool { return &o.reqCorrelate }), func(_ *Socket, o *options) any { return o.reqCorrelate }, []Type{Req}},
	{"XPUB_VERBOSE", setVerbose, func(_ *Socket, o *options) any { return o.xpubVerbose }, []Type{XPub}},
	{"XPUB_VERBOSER", setVerboser, func(_ *Socket, o *options) any { return o.xpubVerboser }, []Type{XPub}},
	{"XPUB_NODROP", flag(func(o *options) *bool { return &o.xpubNoDrop }), func(_ *Socket, o *options) any { return o.xpubNoDrop }, []Type{XPub, Pub}},
	{"METADATA", setMetadata, func(_ *Socket, o *options) any { return metadataText(o.metadata) }, nil},
	{"BACKLOG", count(func(o *options) *int { return &o.net.Backlog }), func(_ *Socket, o *options) any { return o.net.Backlog }, nil},
	{"SNDBUF", orDefault(func(o *options) *int { return &o.net.SndBuf }), func(_ *Socket, o *options) any { return o.net.SndBuf }, nil},
	{"RCVBUF", orDefault(func(o *options) *int { return &o.net.RcvBuf }), func(_ *Socket, o *options) any { return o.net.RcvBuf }, nil},
	{"IPV6", flag(func(o *options) *bool { return &o.net.IPv6 }), func(_ *Socket, o *options) any { return o.net.IPv6 }, nil},
	{"TOS", count(func(o *options) *int { return &o.net.TOS }), func(_ *Socket, o *options) any { return o.net.TOS }, nil},
	{"TCP_KEEPALIVE", setKeepAlive, func(_ *Socket, o *options) any { return o.net.KeepAlive }, nil},
	{"TCP_KEEPALIVE_CNT", orDefault(func(o *options) *int { return &o.net.KeepAliveCnt }), func(_ *Socket, o *options) any { return o.net.KeepAliveCnt }, nil},
	{"TCP_KEEPALIVE_IDLE", orDefault(func(o *options) *int { return &o.net.KeepAliveIdle }), func(_ *Socket, o *options) any { return o.net.KeepAliveIdle }, nil},
	{"TCP_KEEPALIVE_INTVL", orDefault(func(o *options) *int { return &o.net.KeepAliveIntvl }), func(_ *Socket, o *options) any { return o.net.KeepAliveIntvl }, nil},
	{"CONNECT_TIMEOUT", span(func(o *options) *time.Duration { return &o.net.ConnectTimeout }, false), func(_ *Socket, o *options) any { return o.net.ConnectTimeout }, nil},
	{"TCP_MAXRT", span(func(o *options) *time.Duration { return &o.net.MaxRT }, false), func(_ *Socket, o *options) any { return o.net.MaxRT }, nil},
	{"LOGGER", setLogger, func(_ *Socket, o *options) any { return o.log }, nil},
	{"TYPE", nil, func(s *Socket, _ *options) any { return int(s.typ) }, nil},
	{"LAST_ENDPOINT", nil, func(s *Socket, _ *options) any { return s.ends.lastEndpoint() }, nil},
	{"EVENTS", nil, func(s *Socket, _ *options) any { return s.Poll() }, nil},
	{"MECHANISM", nil, func(_ *Socket, o *options) any { return o.sec.number() }, nil},
	{"PLAIN_SERVER", nil, func(_ *Socket, o *options) any { return o.sec.name == "PLAIN" && o.sec.server }, nil},
	{"PLAIN_USERNAME", nil, func(_ *Socket, o *options) any { return o.sec.user }, nil},
	{"CURVE_SERVER", nil, func(_ *Socket, o *options) any { return o.sec.name == "CURVE" && o.sec.server }, nil},
	{"CURVE_PUBLICKEY", nil, func(_ *Socket, o *options) any { return o.sec.publicKey }, nil},
	{"CURVE_SERVERKEY", nil, func(_ *Socket, o *options) any { return o.sec.serverKey }, nil},
	{"ZAP_DOMAIN", setDomain, func(_ *Socket, o *options) any { return o.sec.domain }, nil},
	{"ALLOW_ANY_KEY", flag(func(o *options) *bool { return &o.sec.anyKey }), func(_ *Socket, o *options) any { return o.sec.anyKey }, nil},
	{"RESERVED_NAME", flag(func(o *options) *bool { return &o.reserved }), func(_ *Socket, o *options) any { return o.reserved }, nil},
}

// optionByName finds a row; names are libzmq's, without ZMQ_.
func optionByName(name string) *optionRow {
	for i := range optionTable {
		if optionTable[i].name == name {
			return &optionTable[i]
		}
	}
	return nil
}

// set changes o by one option.
func set(s *Socket, o *options, opt Option) error {
	if opt.name == "" {
		return fmt.Errorf("%w: the zero Option says nothing", ErrInvalidOption)
	}
	if fn, ok := opt.value.(func(*options) error); ok {
		return fn(o)
	}
	row := optionByName(opt.name)
	if row.types != nil && !contains(row.types, s.typ) {
		return fmt.Errorf("%w: %s is not for %s, only for %v", ErrInvalidOption, opt.name, s.typ, row.types)
	}
	if err := row.set(o, opt.value); err != nil {
		return fmt.Errorf("%w: %s = %v: %v", ErrInvalidOption, opt.name, opt.value, err)
	}
	return nil
}

func contains(types []Type, t Type) bool {
	for _, x := range types {
		if x == t {
			return true
		}
	}
	return false
}

// Option reads an option by libzmq's name without ZMQ_, as "RCVHWM" or
// "LAST_ENDPOINT". Times are time.Duration, flags bool, sizes int or int64.
//
// Errors: ErrInvalidOption when there is none of that name.
func (s *Socket) Option(name string) (any, error) {
	row := optionByName(strings.TrimPrefix(name, "ZMQ_"))
	if row == nil {
		return nil, fmt.Errorf("%w: there is no option %q", ErrInvalidOption, name)
	}
	return row.get(s, s.opts.get()), nil
}

// The rules.

func count(at func(*options) *int) func(*options, any) error {
	return func(o *options, v any) error {
		n := v.(int)
		if n < 0 {
			return fmt.Errorf("must be 0 (no limit) or more")
		}
		*at(o) = n
		return nil
	}
}

func orDefault(at func(*options) *int) func(*options, any) error {
	return func(o *options, v any) error {
		n := v.(int)
		if n < -1 {
			return fmt.Errorf("must be -1 (the system's default) or more")
		}
		*at(o) = n
		return nil
	}
}

func bytes64(at func(*options) *int64) func(*options, any) error {
	return func(o *options, v any) error {
		n := v.(int64)
		if n < -1 {
			return fmt.Errorf("must be -1 or 0 (no limit) or more")
		}
		*at(o) = max(n, 0)
		return nil
	}
}

func span(at func(*options) *time.Duration, negative bool) func(*options, any) error {
	return func(o *options, v any) error {
		d := v.(time.Duration)
		if d < 0 && !negative {
			return fmt.Errorf("must not be negative")
		}
		*at(o) = d
		return nil
	}
}

func flag(at func(*options) *bool) func(*options, any) error {
	return func(o *options, v any) error {
		*at(o) = v.(bool)
		return nil
	}
}

// setVerbose is about subscriptions only, and so takes back what the option below
// said of cancellations; as in libzmq the later of the two rules.
func setVerbose(o *options, v any) error {
	o.xpubVerbose, o.xpubVerboser = v.(bool), false
	return nil
}

func setVerboser(o *options, v any) error {
	o.xpubVerbose, o.xpubVerboser = v.(bool), v.(bool)
	return nil
}

func setRoutingID(o *options, v any) error {
	id := v.(string)
	switch {
	case len(id) < 1 || len(id) > 255:
		return fmt.Errorf("must have 1 to 255 bytes, has %d", len(id))
	case id[0] == 0:
		return fmt.Errorf("must not begin with a zero byte: such ids are made by ROUTER")
	}
	o.routingID = []byte(id)
	return nil
}

func setTTL(o *options, v any) error {
	d := v.(time.Duration)
	if d < 0 || d > 6553599*time.Millisecond {
		return fmt.Errorf("must be 0 to 6553.599s")
	}
	o.heartbeatTTL = d
	return nil
}

func setKeepAlive(o *options, v any) error {
	n := v.(int)
	if n < -1 || n > 1 {
		return fmt.Errorf("must be -1 (the system's default), 0 or 1")
	}
	o.net.KeepAlive = n
	return nil
}

func setMetadata(o *options, v any) error {
	name, value, _ := strings.Cut(v.(string), ":")
	switch {
	case !strings.HasPrefix(name, "X-") || len(name) > 255:
		return fmt.Errorf("the name must begin with X- and have at most 255 bytes")
	case value == "":
		return fmt.Errorf("must be name:value with a value")
	}
	o.metadata = append(o.metadata[:len(o.metadata):len(o.metadata)], wire.Property{Name: name, Value: []byte(value)})
	return nil
}

func metadataText(list []wire.Property) string {
	parts := make([]string, len(list))
	for i, p := range list {
		parts[i] = p.Name + ":" + string(p.Value)
	}
	return strings.Join(parts, "\n")
}

func setLogger(o *options, v any) error {
	o.log = v.(zerolog.Logger)
	return nil
}

func (e *endpoints) lastEndpoint() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}

// The options.

// WithSendHWM bounds the messages that wait for one peer; 0 means no bound. Default
// 1000. Takes effect at once. (ZMQ_SNDHWM)
func WithSendHWM(n int) Option { return Option{"SNDHWM", n} }

// WithRecvHWM bounds the messages of one peer that wait to be received; 0 means no
// bound. Default 1000. Takes effect at once. (ZMQ_RCVHWM)
func WithRecvHWM(n int) Option { return Option{"RCVHWM", n} }

// WithSendBytes bounds the bytes that wait for one peer; 0 means no bound. Default
// 64 MiB. libzmq has no such bound.
func WithSendBytes(n int64) Option { return Option{"SNDBYTES", n} }

// WithRecvBytes bounds the bytes of one peer that wait to be received; 0 means no
// bound. Default 64 MiB. libzmq has no such bound.
func WithRecvBytes(n int64) Option { return Option{"RCVBYTES", n} }

// WithLinger is how long Close and Disconnect wait for messages to be sent.
// Default 30 s (libzmq: for ever), for SUB and XSUB 0; a negative time waits for
// ever. Takes effect at once. (ZMQ_LINGER)
func WithLinger(d time.Duration) Option { return Option{"LINGER", d} }

// WithSendTimeout bounds each Send: after d it returns ErrAgain. Negative, the
// default: no bound but the context; 0: never wait. Takes effect at once.
// (ZMQ_SNDTIMEO)
func WithSendTimeout(d time.Duration) Option { return Option{"SNDTIMEO", d} }

// WithRecvTimeout bounds each Recv; see WithSendTimeout. (ZMQ_RCVTIMEO)
func WithRecvTimeout(d time.Duration) Option { return Option{"RCVTIMEO", d} }

// WithRoutingID is the name by which a ROUTER will know this socket, 1 to 255
// bytes that do not begin with zero. REQ, DEALER and ROUTER. (ZMQ_ROUTING_ID)
func WithRoutingID(id string) Option { return Option{"ROUTING_ID", id} }

// WithImmediate queues messages only for peers that are connected. What waits for
// a peer that is lost is dropped. (ZMQ_IMMEDIATE)
func WithImmediate(on bool) Option { return Option{"IMMEDIATE", on} }

// WithReconnectInterval spaces attempts to connect. With a max of 0 they come
// every min, give or take half of it at random, and after ten seconds in vain
// ever more rarely, up to fifty times min; otherwise the time doubles from min to
// max. A min of 0 or less never reconnects. Default 100 ms and 0.
// (ZMQ_RECONNECT_IVL, ZMQ_RECONNECT_IVL_MAX)
func WithReconnectInterval(min, max time.Duration) Option {
	return Option{"RECONNECT_IVL", func(o *options) error {
		if max < 0 {
			return fmt.Errorf("%w: RECONNECT_IVL_MAX = %v: must not be negative", ErrInvalidOption, max)
		}
		o.reconnectMin, o.reconnectMax = min, max
		return nil
	}}
}

// WithHandshakeInterval bounds the handshake with a new peer; 0 means no bound.
// Default 10 s (libzmq: 30 s). (ZMQ_HANDSHAKE_IVL)
func WithHandshakeInterval(d time.Duration) Option { return Option{"HANDSHAKE_IVL", d} }

// WithHeartbeat sends a PING every interval and gives a peer up that is not heard
// within timeout (0: interval). ttl, up to 6553 s, is what the peer is told to
// allow us; 0 tells it nothing. An interval of 0, the default, sends none. PINGs
// of peers are always answered. (ZMQ_HEARTBEAT_IVL, _TIMEOUT, _TTL)
func WithHeartbeat(interval, timeout, ttl time.Duration) Option {
	return Option{"HEARTBEAT_IVL", func(o *options) error {
		if interval < 0 || timeout < 0 {
			return fmt.Errorf("%w: HEARTBEAT = %v, %v: must not be negative", ErrInvalidOption, interval, timeout)
		}
		if err := setTTL(o, ttl); err != nil {
			return fmt.Errorf("%w: HEARTBEAT_TTL = %v: %v", ErrInvalidOption, ttl, err)
		}
		o.heartbeat, o.heartbeatTimeout = interval, timeout
		return nil
	}}
}

// WithMaxMsgSize bounds a received message, all frames together, in bytes; a peer
// that sends more is disconnected. 0 or -1 means no bound. Default 16 MiB (libzmq:
// none, and for each frame). (ZMQ_MAXMSGSIZE)
func WithMaxMsgSize(n int64) Option { return Option{"MAXMSGSIZE", n} }

// WithMaxParts bounds the frames of a received message; a peer that sends more is
// disconnected. 0 means no bound. Default 1024. libzmq has no such bound.
func WithMaxParts(n int) Option { return Option{"MAXPARTS", n} }

// WithMaxTopic bounds a subscription of a peer, in bytes; a peer that sends a longer
// one is disconnected. 0 means no bound. Default 8 KiB. PUB and XPUB. Takes effect
// at once. libzmq has no such bound.
func WithMaxTopic(n int) Option { return Option{"MAXTOPIC", n} }

// WithRouterMandatory makes Send on a ROUTER return ErrHostUnreachable for an
// unknown peer, and wait for a full one, instead of dropping. Takes effect at
// once. (ZMQ_ROUTER_MANDATORY)
func WithRouterMandatory(on bool) Option { return Option{"ROUTER_MANDATORY", on} }

// WithRouterHandover lets a new peer take over the routing id of one that is
// connected, if it is the same authenticated user; the old one is disconnected.
// Takes effect at once. (ZMQ_ROUTER_HANDOVER)
func WithRouterHandover(on bool) Option { return Option{"ROUTER_HANDOVER", on} }

// WithProbeRouter sends an empty message to each new peer, so that a ROUTER hears
// of this socket at once. REQ, DEALER and ROUTER. (ZMQ_PROBE_ROUTER)
func WithProbeRouter(on bool) Option { return Option{"PROBE_ROUTER", on} }

// WithReqRelaxed lets a REQ send again before the reply has come; the reply to
// the earlier request is then dropped. Use it with WithReqCorrelate. Takes effect
// at once. (ZMQ_REQ_RELAXED)
func WithReqRelaxed(on bool) Option { return Option{"REQ_RELAXED", on} }

// WithReqCorrelate numbers requests, so that a late reply is told apart. Takes
// effect at once. (ZMQ_REQ_CORRELATE)
func WithReqCorrelate(on bool) Option { return Option{"REQ_CORRELATE", on} }

// WithXPubVerbose reports every subscription on an XPUB, not only the first for a
// topic. Takes effect at once. (ZMQ_XPUB_VERBOSE)
func WithXPubVerbose(on bool) Option { return Option{"XPUB_VERBOSE", on} }

// WithXPubVerboser reports every subscription and every cancellation on an XPUB.
// Takes effect at once. (ZMQ_XPUB_VERBOSER)
func WithXPubVerboser(on bool) Option { return Option{"XPUB_VERBOSER", on} }

// WithXPubNoDrop makes Send on a PUB or XPUB wait, having sent nothing, while a
// matching subscriber is at its high-water mark. Takes effect at once.
// (ZMQ_XPUB_NODROP)
func WithXPubNoDrop(on bool) Option { return Option{"XPUB_NODROP", on} }

// WithMetadata tells every peer a property of this socket; name begins with "X-".
// The peer reads it with msg.Peer.Property. (ZMQ_METADATA)
func WithMetadata(name, value string) Option { return Option{"METADATA", name + ":" + value} }

// WithBacklog is the length of the queue of connections that wait to be accepted.
// Default 100. (ZMQ_BACKLOG)
func WithBacklog(n int) Option { return Option{"BACKLOG", n} }

// WithSendBuffer is the size of the kernel's send buffer; -1, the default, leaves
// it to the system. (ZMQ_SNDBUF)
func WithSendBuffer(n int) Option { return Option{"SNDBUF", n} }

// WithRecvBuffer is the size of the kernel's receive buffer; -1, the default,
// leaves it to the system. (ZMQ_RCVBUF)
func WithRecvBuffer(n int) Option { return Option{"RCVBUF", n} }

// WithIPv6 lets "*" bind IPv6 as well, and names resolve to IPv6. (ZMQ_IPV6)
func WithIPv6(on bool) Option { return Option{"IPV6", on} }

// WithTOS is the type of service of outgoing packets. (ZMQ_TOS)
func WithTOS(n int) Option { return Option{"TOS", n} }

// WithTCPKeepAlive sets TCP keep-alive: on is 1, 0, or -1 for the system's
// default, count is in probes, idle and interval are in seconds, each -1 for the
// default. (ZMQ_TCP_KEEPALIVE, _CNT, _IDLE, _INTVL)
func WithTCPKeepAlive(on, count, idle, interval int) Option {
	return Option{"TCP_KEEPALIVE", func(o *options) error {
		for _, n := range []int{count, idle, interval} {
			if n < -1 {
				return fmt.Errorf("%w: TCP_KEEPALIVE = %d, %d, %d: must be -1 or more", ErrInvalidOption, count, idle, interval)
			}
		}
		if err := setKeepAlive(o, on); err != nil {
			return fmt.Errorf("%w: TCP_KEEPALIVE = %d: %v", ErrInvalidOption, on, err)
		}
		o.net.KeepAliveCnt, o.net.KeepAliveIdle, o.net.KeepAliveIntvl = count, idle, interval
		return nil
	}}
}

// WithConnectTimeout bounds one attempt to connect; 0, the default, leaves it to
// the system. (ZMQ_CONNECT_TIMEOUT)
func WithConnectTimeout(d time.Duration) Option { return Option{"CONNECT_TIMEOUT", d} }

// WithMaxRetransmit bounds how long TCP tries to get data acknowledged; 0, the
// default, leaves it to the system. (ZMQ_TCP_MAXRT)
func WithMaxRetransmit(d time.Duration) Option { return Option{"TCP_MAXRT", d} }

// WithLogger logs one line at debug level per connection that ends. The default
// is silent.
func WithLogger(l zerolog.Logger) Option { return Option{"LOGGER", l} }
