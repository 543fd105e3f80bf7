package clone

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/option"
	"github.com/go-zactor/zactor/pattern/internal/base"
	"github.com/go-zactor/zactor/zmq"
)

// Option changes how NewServer and NewClient make what they make. One that has no meaning
// there is an error.
type Option func(*config) error

// Who the options are for.
const (
	aServer base.Role = "NewServer"
	aClient base.Role = "NewClient"
)

type config struct {
	base.Config
	bind      string
	subtree   string
	heartbeat time.Duration
	liveness  int
	keys      int
	bytes     int64
}

var options = base.Of(ErrInvalidOption, func(c *config) *base.Config { return &c.Config })

func newConfig(who base.Role, opts []Option) (*config, error) {
	c := &config{Config: base.Config{Role: who}, heartbeat: time.Second, liveness: 5, keys: 65536, bytes: 64 << 20}
	return c, option.Apply(c, opts)
}

// ports returns the endpoints of RFC 12: for snapshots, changes and updates.
func ports(endpoint string) (all [3]string, err error) {
	i := strings.LastIndexByte(endpoint, ':')
	host, ok := strings.CutPrefix(endpoint[:max(i, 0)], "tcp://")
	port, err := strconv.ParseUint(endpoint[i+1:], 10, 16)
	if !ok || host == "" || err != nil || port == 0 || port > 65533 {
		return all, options.Invalid("endpoint %q: has to be tcp://HOST:PORT, with a port of 1 to 65533; the two above it are used as well", endpoint)
	}
	for n := range all {
		all[n] = "tcp://" + host + ":" + strconv.Itoa(int(port)+n)
	}
	return all, nil
}

// WithBind sets where a server is: "tcp://*:5556" binds the ports 5556 (snapshots), 5557
// (changes) and 5558 (updates).
func WithBind(endpoint string) Option {
	return options.Only("WithBind", func(c *config) error {
		if _, err := ports(endpoint); err != nil {
			return err
		}
		c.bind = endpoint
		return nil
	}, aServer)
}

// WithSubtree lets a client have the keys with this prefix only, such as "/lights/".
func WithSubtree(prefix string) Option {
	return options.Only("WithSubtree", func(c *config) error {
		if len(prefix) > maxKey {
			return options.Invalid("a subtree of %d bytes: at most %d", len(prefix), maxKey)
		}
		c.subtree = prefix
		return nil
	}, aClient)
}

// WithHeartbeat sets how often a server says that it is there, and after how many silent
// intervals a client takes it for gone. It is the same for all. The default is 1 s, and 5.
func WithHeartbeat(interval time.Duration, liveness int) Option {
	return func(c *config) error {
		if interval < time.Millisecond || liveness < 2 {
			return options.Invalid("heartbeats every %v, %d times: must be 1ms or more, and 2 or more", interval, liveness)
		}
		c.heartbeat, c.liveness = interval, liveness
		return nil
	}
}

// WithLimits bounds a server's table: how many keys, and bytes in keys and values.
func WithLimits(keys int, bytes int64) Option {
	return options.Only("WithLimits", func(c *config) error {
		if keys < 1 || bytes < 1 {
			return options.Invalid("a table of %d keys and %d bytes: must be 1 or more", keys, bytes)
		}
		c.keys, c.bytes = keys, bytes
		return nil
	}, aServer)
}

// WithCurveServer encrypts a server's endpoints with its certificate. An authenticator
// (package auth) says who may connect; whoever may, may read and write every key.
func WithCurveServer(own *cert.Cert) Option {
	return options.Only("WithCurveServer", options.Socket(zmq.WithCurveServer(own)), aServer)
}

// WithCurveClient encrypts what a client says to its servers, whose public key is
// serverKey, in Z85.
func WithCurveClient(own *cert.Cert, serverKey string) Option {
	return options.Only("WithCurveClient", options.Socket(zmq.WithCurveClient(own, serverKey)), aClient)
}

// WithSocket passes options on to every socket, after those of the pattern.
func WithSocket(opts ...zmq.Option) Option { return options.Socket(opts...) }

// WithLogger gives the sockets a logger: it hears of handshakes, refusals and dials that
// fail. What the pattern itself meets with is told by Events.
func WithLogger(l zerolog.Logger) Option { return WithSocket(zmq.WithLogger(l)) }

// WithSlog is WithLogger for log/slog.
func WithSlog(l *slog.Logger) Option { return options.Slog(l) }
