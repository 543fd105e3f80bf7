package mdns

import (
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/option"
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
	tasks  *contain.Guard // of what it does by itself, and of the hooks
	host   string
	life   dnssd.Lifetime
	limit  int
}

func newConfig(opts []Option) (config, error) {
	c := config{
		port: DefaultPort, rate: DefaultRateLimit, rescan: DefaultRescan,
		life: dnssd.DefaultLifetime, limit: DefaultMaxPeers, tasks: new(contain.Guard),
		casts: []lan.Cast{{Group: dnssd.Group4, TTL: 255}, {Group: dnssd.Group6, TTL: 255}},
	}
	err := option.Apply(&c, opts)
	log := c.log
	c.tasks.Report = func(p *contain.Panic) {
		log.Limited(logs.Contained, p.Where, logs.Err(p), logs.Str("stack", string(p.Stack)))
	}
	return c, err
}

var options = option.Of[config](ErrInvalidOption)

// WithPort sets the UDP port of a world apart from that of port 5353, 1 to 65535.
func WithPort(port int) Option {
	return option.Between(options, "port", port, 1, 65535, func(c *config) *int { return &c.port })
}

// WithInterface adds interfaces to use, by name, by address or by prefix: see
// beacon.WithInterface.
func WithInterface(specs ...string) Option {
	return options.Try(func(c *config) error { return c.choice.Add(specs...) })
}

// WithInterfaces narrows whatever the other options choose to the interfaces that keep
// returns true for: see beacon.WithInterfaces.
func WithInterfaces(keep func(net.Interface) bool) Option {
	return options.Try(func(c *config) error {
		if keep == nil {
			return c.choice.Narrow(nil)
		}
		tasks := c.tasks
		return c.choice.Narrow(func(i net.Interface) (kept bool) {
			tasks.Hook("mdns: WithInterfaces", func() { kept = keep(i) })
			return kept
		})
	})
}

// WithLoopback stays on this host: the loopback interface is used, and those that
// WithInterface names, but no others.
func WithLoopback(on bool) Option {
	return option.Set(on, func(c *config) *bool { return &c.choice.Loopback })
}

// WithLoopbackAddr is WithLoopback(true) with another address than 127.0.0.1, such as
// 127.0.0.2: see beacon.WithLoopbackAddr.
func WithLoopbackAddr(source netip.Addr) Option {
	return options.Try(func(c *config) error { return c.choice.LoopbackAt(source) })
}

// WithRescan sets the time between two looks at the host's interfaces.
func WithRescan(every time.Duration) Option {
	return option.AtLeast(options, "rescan interval", every, minRescan, func(c *config) *time.Duration { return &c.rescan })
}

// WithRateLimit sets how many packets a second are looked at; the rest is dropped
// unread. A quarter is kept for addresses that send less than 16 a second, and while the
// rest is scarce no address has more than a quarter of all. On Linux the system refuses for
// a second whatever comes from an address that has sent so many that more than the whole
// rate of them had to be dropped. 0 means no limit.
func WithRateLimit(perSecond int) Option {
	return option.AtLeast(options, "rate limit", perSecond, 0, func(c *config) *int { return &c.rate })
}

// WithMaxPeers sets how many services of one interface are remembered. Above it the address
// that has told of the most gives way; what it tells itself is ignored until others have
// gone.
func WithMaxPeers(n int) Option {
	return option.AtLeast(options, "max peers", n, 1, func(c *config) *int { return &c.limit })
}

// WithHost sets the name under which this host's addresses are made known, one label
// without ".local". The default is the system's host name with a few random letters,
// because the name itself may be the business of another program (avahi, Bonjour), which
// would have to give it up if our addresses differed from its own. A name that is taken
// gets a number.
func WithHost(name string) Option {
	return func(c *config) error {
		if name == "" {
			return options.Invalid("host %q: must have 1 to 63 bytes", name)
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
			return options.Invalid("ttl %v: must be a second to a day", d)
		}
		seconds := uint32((d + time.Second - 1) / time.Second)
		c.life = dnssd.Lifetime{Host: seconds, Other: seconds}
		return nil
	}
}

// WithLogger sets where packets and interfaces that fail are logged, with zerolog. The
// default is silence.
func WithLogger(l zerolog.Logger) Option {
	return option.Zerolog(l, func(c *config) *logs.Logger { return &c.log })
}

// WithSlog is WithLogger for log/slog. With both options both are written to.
func WithSlog(l *slog.Logger) Option {
	return option.Slog(options, l, func(c *config) *logs.Logger { return &c.log })
}
