package members

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/option"
)

// Option changes how New makes Members.
type Option func(*config) error

type config struct {
	list     *memberlist.Config
	seeds    []string
	rejoin   time.Duration
	most     int
	rate     int // packets a second that are heard
	log      logs.Logger
	farewell time.Duration
}

func newConfig(opts []Option) (*config, error) {
	c := &config{list: memberlist.DefaultLANConfig(), rejoin: 10 * time.Second, most: 4096, rate: defaultRate, farewell: time.Second}
	return c, option.Apply(c, opts)
}

var options = option.Of[config](ErrInvalidOption)

// WithBind sets the address and the port, of both UDP and TCP, on which the member
// listens: "0.0.0.0:7946" is the default. Port 0 lets the system choose; see Endpoint.
func WithBind(address string) Option {
	return func(c *config) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return options.Invalid("bind %q: must be an IP address and a port", address)
		}
		c.list.BindAddr, c.list.BindPort = at.Addr().String(), int(at.Port())
		return nil
	}
}

// WithAdvertise sets the address and the port that others are told, where a router
// stands between. The default is what the member is bound to, or this host's first
// private address.
func WithAdvertise(address string) Option {
	return func(c *config) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || at.Port() == 0 || at.Addr().IsUnspecified() {
			return options.Invalid("advertise %q: must be an IP address and a port that others can reach", address)
		}
		c.list.AdvertiseAddr, c.list.AdvertisePort = at.Addr().String(), int(at.Port())
		return nil
	}
}

// WithSeeds sets members, "host:port", that are asked in turn until one is found, and
// again every ten seconds while the member is alone.
func WithSeeds(seeds ...string) Option {
	return func(c *config) error {
		for _, s := range seeds {
			if _, _, err := net.SplitHostPort(s); err != nil {
				return options.Invalid("seed %q: must be host:port", s)
			}
		}
		c.seeds = append(c.seeds, seeds...)
		return nil
	}
}

// WithRejoin sets how often the seeds are asked while the member is alone.
func WithRejoin(every time.Duration) Option {
	return option.AtLeast(options, "rejoin", every, 10*time.Millisecond, func(c *config) *time.Duration { return &c.rejoin })
}

// WithSecretKey encrypts all that members say, by AES-GCM with a key of 16, 24 or 32
// bytes. All members have the same; who has another is not heard.
func WithSecretKey(key []byte) Option {
	return func(c *config) error {
		if err := memberlist.ValidateKey(key); err != nil {
			return options.Invalid("secret key of %d bytes: must have 16, 24 or 32", len(key))
		}
		c.list.SecretKey = bytes.Clone(key)
		return nil
	}
}

// WithLabel keeps clusters apart that can reach each other: members with another
// label are not heard. It has at most 255 bytes.
func WithLabel(label string) Option {
	return func(c *config) error {
		if len(label) > memberlist.LabelMaxSize {
			return options.Invalid("label %.40q of %d bytes: at most %d", label, len(label), memberlist.LabelMaxSize)
		}
		c.list.Label = label
		return nil
	}
}

// WithAllow lets members come from these networks only: "10.0.0.0/8".
func WithAllow(networks ...string) Option {
	return func(c *config) error {
		for _, text := range networks {
			_, n, err := net.ParseCIDR(text)
			if err != nil {
				return options.Invalid("network %q: must be like 10.0.0.0/8", text)
			}
			c.list.CIDRsAllowed = append(c.list.CIDRsAllowed, *n)
		}
		return nil
	}
}

// WithWAN takes memberlist's times for members that are far apart, instead of those for
// one local network.
func WithWAN(on bool) Option {
	return func(c *config) error {
		far := memberlist.DefaultLANConfig()
		if on {
			far = memberlist.DefaultWANConfig()
		}
		l := c.list
		l.TCPTimeout, l.SuspicionMult, l.PushPullInterval = far.TCPTimeout, far.SuspicionMult, far.PushPullInterval
		l.ProbeTimeout, l.ProbeInterval = far.ProbeTimeout, far.ProbeInterval
		l.GossipNodes, l.GossipInterval, l.GossipToTheDeadTime = far.GossipNodes, far.GossipInterval, far.GossipToTheDeadTime
		return nil
	}
}

// WithProbe sets how often a member is probed, and how soon it must answer. The
// defaults are a second and half of it. A member that does not answer, to others neither,
// is lost after some more of these times.
func WithProbe(interval, timeout time.Duration) Option {
	return func(c *config) error {
		if timeout < time.Millisecond || interval < timeout || interval > time.Hour {
			return options.Invalid("probe every %v within %v: must be 1ms to 1h, and the interval no less than the timeout", interval, timeout)
		}
		c.list.ProbeInterval, c.list.ProbeTimeout = interval, timeout
		c.list.GossipInterval = min(c.list.GossipInterval, interval)
		return nil
	}
}

// WithMaxPeers bounds how many members are known. The default is 4096.
func WithMaxPeers(n int) Option {
	return option.AtLeast(options, "max peers", n, 1, func(c *config) *int { return &c.most })
}

// WithLogger gets what memberlist logs, each line at its level, with zerolog. The
// default is silence.
func WithLogger(l zerolog.Logger) Option {
	return option.Zerolog(l, func(c *config) *logs.Logger { return &c.log })
}

// WithSlog is WithLogger for log/slog. With both options both are written to.
func WithSlog(l *slog.Logger) Option {
	return option.Slog(options, l, func(c *config) *logs.Logger { return &c.log })
}
