package lastvalue

import (
	"log/slog"
	"slices"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/option"
	"github.com/go-zactor/zactor/pattern/internal/base"
	"github.com/go-zactor/zactor/zmq"
)

// Option changes how New makes a Cache.
type Option func(*config) error

type config struct {
	base.Config
	bind       []string // for subscribers
	sourceBind []string
	source     []string
	topics     int
	bytes      int64
	evict      bool
	repeat     bool
	server     []zmq.Option // of sockets that bind
	client     []zmq.Option // of those that connect
}

var options = base.Of(ErrInvalidOption, func(c *config) *base.Config { return &c.Config })

func newConfig(opts []Option) (*config, error) {
	c := &config{topics: 65536, bytes: 64 << 20}
	return c, option.Apply(c, opts)
}

// WithBind sets the endpoints at which subscribers connect, such as "tcp://*:5556".
func WithBind(endpoints ...string) Option {
	endpoints = slices.Clone(endpoints)
	return func(c *config) error {
		c.bind = append(c.bind, endpoints...)
		return nil
	}
}

// WithSource connects to publishers, or to other Caches, and publishes what they publish.
func WithSource(endpoints ...string) Option {
	endpoints = slices.Clone(endpoints)
	return func(c *config) error {
		c.source = append(c.source, endpoints...)
		return nil
	}
}

// WithSourceBind binds endpoints at which publishers connect.
func WithSourceBind(endpoints ...string) Option {
	endpoints = slices.Clone(endpoints)
	return func(c *config) error {
		c.sourceBind = append(c.sourceBind, endpoints...)
		return nil
	}
}

// WithLimits bounds how many topics a Cache has, and how many bytes in topics and values,
// with 32 for each frame. The default is 65,536 and 64 MiB.
func WithLimits(topics int, bytes int64) Option {
	return func(c *config) error {
		if topics < 1 || bytes < 1 {
			return options.Invalid("%d topics and %d bytes: must be 1 or more", topics, bytes)
		}
		c.topics, c.bytes = topics, bytes
		return nil
	}
}

// WithEviction lets a topic beyond the limits take the place of the one whose last change
// is the oldest, with an Event. Without it, the new one is refused.
func WithEviction(on bool) Option {
	return option.Set(on, func(c *config) *bool { return &c.evict })
}

// WithRepeat answers a subscription that a peer says again with the last values again. A
// forwarder with an XPUB that has WithXPubVerbose (XPUB_VERBOSE) passes on that one more
// of its own subscribers has come: with this that one gets the last values, and those
// that have them get them twice.
func WithRepeat(on bool) Option {
	return option.Set(on, func(c *config) *bool { return &c.repeat })
}

// WithCurveServer encrypts the endpoints that are bound with the Cache's certificate. An
// authenticator (package auth) says who may connect; whoever may connect to a
// WithSourceBind endpoint may publish every topic.
func WithCurveServer(own *cert.Cert) Option {
	return func(c *config) error {
		c.server = append(c.server, zmq.WithCurveServer(own))
		return nil
	}
}

// WithCurveClient encrypts the connections to the endpoints of WithSource, whose public key
// is serverKey, in Z85.
func WithCurveClient(own *cert.Cert, serverKey string) Option {
	return func(c *config) error {
		c.client = append(c.client, zmq.WithCurveClient(own, serverKey))
		return nil
	}
}

// WithSocket passes options on to every socket, after those of the pattern.
func WithSocket(opts ...zmq.Option) Option { return options.Socket(opts...) }

// WithLogger gives the sockets a logger: it hears of handshakes, refusals and dials that
// fail. What the pattern itself meets with is told by Events.
func WithLogger(l zerolog.Logger) Option { return WithSocket(zmq.WithLogger(l)) }

// WithSlog is WithLogger for log/slog.
func WithSlog(l *slog.Logger) Option { return options.Slog(l) }
