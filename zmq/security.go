package zmq

import (
	"fmt"
	"math"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/security"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// protection is a socket's security mechanism and role; the zero value is NULL.
// Secrets are nowhere but in the closure, where no printing of values can find
// them.
type protection struct {
	mechanism
	domain string // of the authenticator; NULL asks it only with one
	anyKey bool   // no authenticator is needed
}

// mechanism is what the options that choose one replace as a whole.
type mechanism struct {
	name      string // "" stands for NULL
	make      func() (wire.Mechanism, error)
	server    bool
	seals     bool
	user      string // PLAIN client
	publicKey string // CURVE, own
	serverKey string // CURVE client: the server's
}

// Mechanism numbers, as ZMQ_MECHANISM has them.
const (
	MechanismNull = iota
	MechanismPlain
	MechanismCurve
)

func (m *mechanism) number() int {
	switch m.name {
	case "PLAIN":
		return MechanismPlain
	case "CURVE":
		return MechanismCurve
	}
	return MechanismNull
}

// secure reports whether peers that know no security must be refused.
func (p *protection) secure() bool { return p.name != "" || p.domain != "" }

func (p *protection) factory() func() (wire.Mechanism, error) {
	if p.make != nil {
		return p.make
	}
	ask := p.domain != ""
	return func() (wire.Mechanism, error) { return security.NewNull(ask), nil }
}

// config is what connections of an endpoint are told.
func (s *Socket) config(o *options, ep endpoint.Endpoint) (session.Config, error) {
	if (s.kind.raw || ep.Scheme == endpoint.UDP) && o.sec.secure() {
		return session.Config{}, fmt.Errorf("%w: a %s over %s has no security mechanisms, and none must be asked for", ErrInvalidOption, s.typ, ep.Scheme)
	}
	cfg := session.Config{
		SocketType:        s.kind.wireName(),
		Identity:          o.identity(s.kind.identity),
		Properties:        o.metadata,
		Mechanism:         o.sec.factory(),
		Secure:            o.sec.secure(),
		Sealed:            o.sec.seals,
		HandshakeTimeout:  o.handshake,
		MaxHalfOpen:       o.maxHandshakes,
		HeartbeatInterval: o.heartbeat,
		HeartbeatTimeout:  o.heartbeatTimeout,
		HeartbeatTTL:      o.heartbeatTTL,
		ReconnectMin:      o.reconnectMin,
		ReconnectMax:      o.reconnectMax,
		Immediate:         o.immediate,
		Stop:              session.Stop(o.reconnectStop),
		Hello:             o.hello,
		Filter:            o.accept.filter(),
		MaxMsgSize:        o.maxMsgSize,
		MaxParts:          o.maxParts,
		MaxCommand:        o.maxCommand(),
		Limits:            o.limits(),
		Inspect:           s.inspects(),
		Subscribes:        s.kind.subscribes || s.kind.raw,
		Raw:               s.kind.raw,
		Groups:            s.kind.groups,
		Authority:         session.Authority{Domain: o.sec.domain, RoutingID: o.routingID, AnyKey: o.sec.anyKey},
		TurnsAway:         s.kind.exclusive || s.kind.uniqueNames || o.durableMsgs > 0,
	}
	if s.inspects() { // a subscription that is too long is refused alone
		cfg.MaxCommand = o.maxSubscription()
	}
	cfg.Ours = s.kind.subscribes // its subscriptions may go unheeded
	if err := s.durableConfig(&cfg, o); err != nil {
		return session.Config{}, err
	}
	s.requeueConfig(&cfg, o)
	return cfg, nil
}

func (o *options) identity(told bool) []byte {
	if !told {
		return nil
	}
	return o.routingID
}

// maxSubscription is what a subscription may take up in memory: as much as a message.
func (o *options) maxSubscription() int {
	if o.maxMsgSize > 0 {
		return int(min(max(o.maxMsgSize, int64(o.maxCommand())), math.MaxInt32))
	}
	return math.MaxInt32
}

// maxCommand leaves room for the longest subscription.
func (o *options) maxCommand() int {
	const name = 64
	switch {
	case o.maxTopic > 0:
		return o.maxTopic + name
	case o.maxMsgSize > 0:
		return int(min(o.maxMsgSize, math.MaxInt32))
	}
	return math.MaxInt32
}
