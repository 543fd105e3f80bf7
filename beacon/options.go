package beacon

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/option"
)

// The defaults of the options.
const (
	DefaultPort      = 5670            // registered at IANA as ZRE-DISC
	DefaultInterval  = time.Second     // of Publish, when the caller gives 0
	DefaultMaxSize   = 255             // czmq's limit for a beacon
	DefaultRateLimit = 4096            // accepted beacons a second
	DefaultQueue     = 1024            // signals that wait for one reader
	DefaultRescan    = 2 * time.Second // between two looks at the interfaces
	DefaultExpiry    = 5 * time.Second // of a UDP Discoverer's peers
	DefaultMaxPeers  = 4096            // that a UDP Discoverer remembers
)

const (
	minInterval = time.Millisecond
	maxPayload  = 65507 // what an IPv4 datagram can carry
)

// An EchoFilter says how a beacon knows its own datagrams when they come back.
// The two rules may be combined.
type EchoFilter uint8

// The rules of [WithEchoFilter].
const (
	// BySource drops what comes from one of the beacon's own sending sockets. Two
	// beacons with equal content hear each other. It is the default.
	BySource EchoFilter = 1 << iota
	// ByContent drops whatever equals the published payload, whoever sent it, as
	// czmq does. After Silence it drops nothing.
	ByContent
	// EchoOff delivers the beacon's own datagrams too.
	EchoOff EchoFilter = 0
)

// An Option changes how New makes a Beacon.
type Option func(*config) error

type config struct {
	port    int
	maxSize int
	rate    int
	queue   int
	rescan  time.Duration
	pace    func(time.Duration) time.Duration
	echo    EchoFilter
	choice  lan.Choice
	casts   []lan.Cast
	log     logs.Logger
	tasks   *contain.Guard // of what it does by itself, and of the hooks

	// Of the Discoverers only.
	limit    int
	interval time.Duration
	expiry   time.Duration
}

// newConfig applies the options to the defaults. Without any WithMulticast or
// WithBroadcast, a beacon broadcasts.
func newConfig(opts []Option) (config, error) {
	c, err := defaults().with(opts)
	log := c.log
	c.tasks.Report = func(p *contain.Panic) {
		log.Limited(logs.Contained, p.Where, logs.Err(p), logs.Str("stack", string(p.Stack)))
	}
	if len(c.casts) == 0 {
		c.casts = []lan.Cast{{}}
	}
	return c, err
}

func defaults() config {
	return config{
		port:    DefaultPort,
		maxSize: DefaultMaxSize,
		rate:    DefaultRateLimit,
		queue:   DefaultQueue,
		rescan:  DefaultRescan,
		echo:    BySource,
		limit:   DefaultMaxPeers,
		tasks:   new(contain.Guard),

		interval: DefaultInterval,
		expiry:   DefaultExpiry,
	}
}

func (c config) with(opts []Option) (config, error) {
	err := option.Apply(&c, opts)
	return c, err
}

var options = option.Of[config](ErrInvalidOption)

// WithPort sets the UDP port that all peers share, 1 to 65535.
func WithPort(port int) Option {
	return option.Between(options, "port", port, 1, 65535, func(c *config) *int { return &c.port })
}

// WithInterface adds interfaces to use, each given by name ("eth0"), by one of
// its addresses ("10.1.2.3"), or by a prefix that its address is in
// ("10.0.0.0/8"). Without it, every usable interface is used. An interface that
// is not there yet is used as soon as it appears.
func WithInterface(specs ...string) Option {
	return options.Try(func(c *config) error { return c.choice.Add(specs...) })
}

// WithInterfaces narrows whatever the other options choose to the interfaces
// that keep returns true for. It is called again at every rescan, from the
// beacon's own goroutine, so it must not call the beacon's methods. An interface for
// which it panics is left out.
func WithInterfaces(keep func(net.Interface) bool) Option {
	return options.Try(func(c *config) error {
		if keep == nil {
			return c.choice.Narrow(nil)
		}
		tasks := c.tasks
		return c.choice.Narrow(func(i net.Interface) (kept bool) {
			tasks.Hook("beacon: WithInterfaces", func() { kept = keep(i) })
			return kept
		})
	})
}

// WithLoopback keeps the beacon on this host: it is sent and heard on the
// loopback interface, and on those that WithInterface names, but on no others.
func WithLoopback(on bool) Option {
	return option.Set(on, func(c *config) *bool { return &c.choice.Loopback })
}

// WithLoopbackAddr is WithLoopback(true) with a sender's address other than 127.0.0.1,
// such as 127.0.0.2: several beacons of one host can so look like several hosts.
func WithLoopbackAddr(source netip.Addr) Option {
	return options.Try(func(c *config) error { return c.choice.LoopbackAt(source) })
}

// WithMulticast sends to an IPv4 or IPv6 multicast group and joins it on every
// interface in use, in place of broadcasting. It may be given several times, for
// both families or together with [WithBroadcast]. A ttl of 1, czmq's default,
// stays on the link; 0 stays on the host.
func WithMulticast(group string, ttl int) Option {
	return func(c *config) error {
		addr, err := netip.ParseAddr(group)
		if err != nil || !addr.IsMulticast() || addr.Is4In6() || addr.Zone() != "" {
			return options.Invalid("multicast group %q: must be an IPv4 or IPv6 multicast address without a zone", group)
		}
		if ttl < 0 || ttl > 255 {
			return options.Invalid("multicast ttl %d: must be 0 to 255", ttl)
		}
		c.casts = append(c.casts, lan.Cast{Group: addr, TTL: ttl})
		return nil
	}
}

// WithBroadcast adds IPv4 broadcast to the groups of WithMulticast. Without
// WithMulticast it is what a beacon does anyway.
func WithBroadcast(on bool) Option {
	return func(c *config) error {
		c.casts = slices.DeleteFunc(c.casts, func(w lan.Cast) bool { return w == lan.Cast{} })
		if on {
			c.casts = append(c.casts, lan.Cast{})
		}
		return nil
	}
}

// WithEchoFilter says which datagrams are the beacon's own and are not
// delivered: BySource (the default), ByContent, both, or EchoOff.
func WithEchoFilter(f EchoFilter) Option {
	return func(c *config) error {
		if f&^(BySource|ByContent) != 0 {
			return options.Invalid("echo filter %d: must be made of BySource and ByContent", f)
		}
		c.echo = f
		return nil
	}
}

// WithMaxSize sets how many bytes a beacon may have, in both directions. The
// default is czmq's 255; a longer one is cut by czmq 4.2, so raise it only among
// peers of this package. More than 1,400 bytes do not fit one Ethernet frame.
func WithMaxSize(n int) Option {
	return option.Between(options, "max size", n, 1, maxPayload, func(c *config) *int { return &c.maxSize })
}

// WithRateLimit sets how many beacons a second are delivered, averaged over a second;
// what comes faster is dropped and counted. Then no address has more than a quarter, and a
// quarter is for those that send 16 a second at most, so that one that floods silences
// nobody. Senders that were heard before the storm (1,024 of them and more) may send 16 a
// second each nevertheless, so that forged beacons don't silence those who are there. When
// 200,000 datagrams a second arrive, or four times the limit, of whatever content, reading
// pauses and the system drops the rest. 0 means no limit.
func WithRateLimit(perSecond int) Option {
	return option.AtLeast(options, "rate limit", perSecond, 0, func(c *config) *int { return &c.rate })
}

// WithQueue sets how many signals wait for one reader before the oldest is dropped.
func WithQueue(n int) Option {
	return option.AtLeast(options, "queue", n, 1, func(c *config) *int { return &c.queue })
}

// WithRescan sets the time between two looks at the host's interfaces.
func WithRescan(every time.Duration) Option {
	return option.AtLeast(options, "rescan interval", every, minInterval, func(c *config) *time.Duration { return &c.rescan })
}

// WithPace has a function say how long to wait until the next beacon, each time that
// one was sent: it is given the interval of Publish. With it a network that grows can
// keep what everybody hears within bounds. The function is called on a goroutine of
// the beacon's, while Publish waits for the first beacon, and must not block. What it
// returns below a millisecond counts as one; when it panics, the interval of Publish
// holds.
func WithPace(next func(every time.Duration) time.Duration) Option {
	return option.Set(next, func(c *config) *func(time.Duration) time.Duration { return &c.pace })
}

// WithLogger sets where interface changes and their errors are logged, with zerolog.
// The default is silence.
func WithLogger(l zerolog.Logger) Option {
	return option.Zerolog(l, func(c *config) *logs.Logger { return &c.log })
}

// WithSlog is WithLogger for log/slog. With both options both are written to.
func WithSlog(l *slog.Logger) Option {
	return option.Slog(options, l, func(c *config) *logs.Logger { return &c.log })
}

// WithMaxPeers sets how many peers a UDP Discoverer remembers, each once for every
// place. What comes above is ignored until others have gone.
func WithMaxPeers(n int) Option {
	return option.AtLeast(options, "max peers", n, 1, func(c *config) *int { return &c.limit })
}

// WithInterval sets how often a UDP Discoverer sends its beacon.
func WithInterval(every time.Duration) Option {
	return option.AtLeast(options, "interval", every, minInterval, func(c *config) *time.Duration { return &c.interval })
}

// WithExpiry sets after how long without a beacon a UDP Discoverer gives a peer up. It
// should be a few intervals, because datagrams get lost.
func WithExpiry(d time.Duration) Option {
	return option.AtLeast(options, "expiry", d, minInterval, func(c *config) *time.Duration { return &c.expiry })
}
