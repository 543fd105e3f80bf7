package mdns

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/logs"
)

// The defaults of the options.
const (
	DefaultPort      = dnssd.Port      // registered at IANA as mdns
	DefaultRateLimit = 1000            // packets a second that are looked at
	DefaultRescan    = 2 * time.Second // between two looks at the interfaces
	DefaultMaxPeers  = 4096            // services of one interface that are remembered
)

const minRescan = time.Millisecond

// An Option changes how New, Announce and Browse work.
type Option func(*config) error

type config struct {
	port   int
	rate   int
	rescan time.Duration
	choice lan.Choice
	casts  []lan.Cast
	log    logs.Logger
	host   string
	life   dnssd.Lifetime
	limit  int
}

func newConfig(opts []Option) (config, error) {
	c := config{
		port: DefaultPort, rate: DefaultRateLimit, rescan: DefaultRescan,
		life: dnssd.DefaultLifetime, limit: DefaultMaxPeers,
		casts: []lan.Cast{{Group: dnssd.Group4, TTL: 255}, {Group: dnssd.Group6, TTL: 255}},
	}
	for _, opt := range opts {
		if err := opt(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalidOption, fmt.Sprintf(format, args...))
}

// WithPort sets the UDP port of a world apart from that of port 5353, 1 to 65535.
func WithPort(port int) Option {
	return func(c *config) error {
		if port < 1 || port > 65535 {
			return invalid("port %d: must be 1 to 65535", port)
		}
		c.port = port
		return nil
	}
}

// WithInterface adds interfaces to use, by name, by address or by prefix: see
// beacon.WithInterface.
func WithInterface(specs ...string) Option {
	return func(c *config) error {
		for _, text := range specs {
			if !c.choice.Add(text) {
				return invalid("interface %q: must be a name, an address or a prefix", text)
			}
		}
		return nil
	}
}

// WithInterfaces narrows whatever the other options choose to the interfaces that keep
// returns true for: see beacon.WithInterfaces.
func WithInterfaces(keep func(net.Interface) bool) Option {
	return func(c *config) error {
		if keep == nil {
			return invalid("nil interface filter")
		}
		c.choice.Keep = keep
		return nil
	}
}

// WithLoopback stays on this host: the loopback interface is used, and those that
// WithInterface names, but no others.
func WithLoopback(on bool) Option {
	return func(c *config) error {
		c.choice.Loopback = on
		return nil
	}
}

// WithLoopbackAddr is WithLoopback(true) with another address than 127.0.0.1, such as
// 127.0.0.2: see beacon.WithLoopbackAddr.
func WithLoopbackAddr(source netip.Addr) Option {
	return func(c *config) error {
		if !source.Is4() || !source.IsLoopback() {
			return invalid("loopback address %v: must be in 127.0.0.0/8", source)
		}
		c.choice.Loopback, c.choice.Source = true, source
		return nil
	}
}

// WithRescan sets the time between two looks at the host's interfaces.
func WithRescan(every time.Duration) Option {
	return func(c *config) error {
		if every < minRescan {
			return invalid("rescan interval %v: must be at least %v", every, minRescan)
		}
		c.rescan = every
		return nil
	}
}

// WithRateLimit sets how many packets a second are looked at; the rest is dropped
// unread. 0 means no limit.
func WithRateLimit(perSecond int) Option {
	return func(c *config) error {
		if perSecond < 0 {
			return invalid("rate limit %d: must be at least 0", perSecond)
		}
		c.rate = perSecond
		return nil
	}
}

// WithMaxPeers sets how many services of one interface are remembered. What comes above
// is ignored until others have gone.
func WithMaxPeers(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return invalid("max peers %d: must be at least 1", n)
		}
		c.limit = n
		return nil
	}
}

// WithHost sets the name under which this host's addresses are made known, one label
// without ".local". The default is the system's host name with a few random letters,
// because the name itself may be the business of another program (avahi, Bonjour), which
// would have to give it up if our addresses differed from its own. A name that is taken
// gets a number.
func WithHost(name string) Option {
	return func(c *config) error {
		if name == "" {
			return invalid("host %q: must have 1 to 63 bytes", name)
		}
		c.host = name
		return nil
	}
}

// WithTTL sets for how long others may believe what was announced after this host has
// fallen silent, in whole seconds. The default is what RFC 6762 recommends: two minutes
// for the address and port, 75 minutes for the rest. A short time finds dead hosts soon
// and costs a question and an answer in each four fifths of it.
func WithTTL(d time.Duration) Option {
	return func(c *config) error {
		if d < time.Second || d > 24*time.Hour {
			return invalid("ttl %v: must be a second to a day", d)
		}
		seconds := uint32((d + time.Second - 1) / time.Second)
		c.life = dnssd.Lifetime{Host: seconds, Other: seconds}
		return nil
	}
}

// WithLogger sets where packets and interfaces that fail are logged, with zerolog. The
// default is silence.
func WithLogger(l zerolog.Logger) Option {
	return func(c *config) error {
		c.log = c.log.Zerolog(l)
		return nil
	}
}

// WithSlog is WithLogger for log/slog. With both options both are written to.
func WithSlog(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return invalid("nil logger")
		}
		c.log = c.log.Slog(l)
		return nil
	}
}
