package gossip

import (
	"log/slog"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/gossip/internal/mesh"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/option"
	"github.com/go-zactor/zactor/zmq"
)

// Option changes how New makes a Node.
type Option func(*config) error

type config struct {
	mesh.Config
	own    *cert.Cert
	domain string
	linger time.Duration
	log    logs.Logger
	socket []zmq.Option
}

func newConfig(opts []Option) (*config, error) {
	c := &config{
		Config: mesh.Config{
			Timeout: time.Second, Memory: 10 * time.Minute, Grace: 200 * time.Millisecond, Echo: time.Second,
			Bar: 5 * time.Second, MaxKeys: 65536, MaxBytes: 64 << 20, Peer: 1.0 / 2, Address: 3.0 / 4,
			MaxValue: 64 << 10, MaxPeers: 4096, MaxMargin: 24 * time.Hour,
		},
		domain: "global", linger: time.Second,
	}
	return c, option.Apply(c, opts)
}

var options = option.Of[config](ErrInvalidOption)

// WithTimeout says after how much silence czmq hubs forget their clients, which is
// their setting server/timeout: the node sends a PING three times as often. The
// default is theirs, a second. A hub that answers nothing for five times as long is
// dialled again.
func WithTimeout(d time.Duration) Option {
	return option.Between(options, "timeout", d, 10*time.Millisecond, time.Hour, func(c *config) *time.Duration { return &c.Timeout })
}

// WithMemory sets for how long deletions are remembered. The default is ten minutes.
func WithMemory(d time.Duration) Option {
	return option.Between(options, "memory", d, time.Second, 30*24*time.Hour, func(c *config) *time.Duration { return &c.Memory })
}

// WithBar sets for how long a peer that was malformed is not heard. The default is
// five seconds.
func WithBar(d time.Duration) Option {
	return option.Between(options, "bar", d, 0, time.Hour, func(c *config) *time.Duration { return &c.Bar })
}

// WithMaxKeys bounds the table, deletions that are remembered among it. The default
// is 65536.
func WithMaxKeys(n int) Option {
	return option.Between(options, "max keys", n, 1, 1<<24, func(c *config) *int { return &c.MaxKeys })
}

// WithMaxBytes bounds the keys and values of the table in bytes, all together. The
// default is 64 MiB. A sixteenth of the table, in keys and in bytes, is for the node's
// own tuples alone.
func WithMaxBytes(n int) Option {
	return option.AtLeast(options, "max bytes", n, 1, func(c *config) *int { return &c.MaxBytes })
}

// WithShares sets which parts of the table, in keys and in bytes, may be filled by one
// peer that has connected to the node, and by all from one address (of IPv6: from one
// network of 64 bits). The defaults are a half and three quarters. In a table that is
// full the peers that fill most of it make room for those that fill less, after what
// peers left that are gone. Peers that the node connects to have no part of their own:
// they may fill what others leave.
func WithShares(peer, address float64) Option {
	return func(c *config) error {
		if !(peer > 0 && peer <= address && address <= 1) {
			return options.Invalid("shares of %v and %v: the first must be above 0 and not above the second, and that at most 1", peer, address)
		}
		c.Peer, c.Address = peer, address
		return nil
	}
}

// WithMaxValue bounds a value in bytes. The default is 64 KiB; all nodes should have
// the same.
func WithMaxValue(n int) Option {
	return option.Between(options, "max value", n, 1, 16<<20, func(c *config) *int { return &c.MaxValue })
}

// WithMaxPeers bounds how many peers may connect to the node. The default is 4096.
func WithMaxPeers(n int) Option {
	return option.AtLeast(options, "max peers", n, 1, func(c *config) *int { return &c.MaxPeers })
}

// WithCurve encrypts all links. Who may connect is decided by the authenticator of the
// Context, package auth, for the domain "global" or that of WithZAPDomain; without
// one nobody may. Connect needs the key of the other side, see WithServerKey.
func WithCurve(own *cert.Cert) Option {
	return func(c *config) error {
		if own == nil {
			return options.Invalid("no certificate: CURVE needs one")
		}
		c.own = own
		return nil
	}
}

// WithZAPDomain sets the domain in which the authenticator is asked.
func WithZAPDomain(domain string) Option {
	return option.Set(domain, func(c *config) *string { return &c.domain })
}

// WithLinger sets how long Close waits for what is on its way. The default is a
// second.
func WithLinger(d time.Duration) Option {
	return option.Between(options, "linger", d, 0, time.Minute, func(c *config) *time.Duration { return &c.linger })
}

// WithLogger logs what happens to links, at debug. The default is silence.
func WithLogger(l zerolog.Logger) Option {
	return func(c *config) error {
		c.log = c.log.Zerolog(l)
		c.socket = append(c.socket, zmq.WithLogger(l))
		return nil
	}
}

// WithSlog is WithLogger for log/slog. With both options the node writes to both, its
// sockets to the later one.
func WithSlog(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return options.Invalid("nil logger")
		}
		c.log = c.log.Slog(l)
		c.socket = append(c.socket, zmq.WithSlog(l))
		return nil
	}
}

// WithSocket passes options on to all sockets of the node, before its own.
func WithSocket(opts ...zmq.Option) Option {
	return func(c *config) error {
		c.socket = append(c.socket, opts...)
		return nil
	}
}

// WithServerKey is the public key, in Z85, of the node that is to be connected to.
func WithServerKey(z85 string) ConnectOption {
	return func(d *dialling) error {
		if raw, err := cert.DecodeZ85(z85); err != nil || len(raw) != 32 {
			return options.Invalid("server key %.50q: must be 40 characters of Z85", z85)
		}
		d.key = z85
		return nil
	}
}

// ConnectOption changes one Connect.
type ConnectOption func(*dialling) error

type dialling struct{ key string }
