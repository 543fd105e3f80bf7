package clone

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// Option changes how NewServer and NewClient make what they make. One that has no meaning
// there is an error.
type Option func(*config) error

type config struct {
	server    bool
	bind      string
	subtree   string
	heartbeat time.Duration
	liveness  int
	keys      int
	bytes     int64
	socket    []zmq.Option
}

func newConfig(server bool, opts []Option) (*config, error) {
	c := &config{server: server, heartbeat: time.Second, liveness: 5, keys: 65536, bytes: 64 << 20}
	for _, opt := range opts {
		if err := opt(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *config) only(name string, server bool) error {
	if c.server == server {
		return nil
	}
	return invalid("%s is for %s", name, map[bool]string{true: "NewServer", false: "NewClient"}[server])
}

// ports returns the endpoints of RFC 12: for snapshots, changes and updates.
func ports(endpoint string) (all [3]string, err error) {
	i := strings.LastIndexByte(endpoint, ':')
	host, ok := strings.CutPrefix(endpoint[:max(i, 0)], "tcp://")
	port, err := strconv.ParseUint(endpoint[i+1:], 10, 16)
	if !ok || host == "" || err != nil || port == 0 || port > 65533 {
		return all, invalid("endpoint %q: has to be tcp://HOST:PORT, with a port of 1 to 65533; the two above it are used as well", endpoint)
	}
	for n := range all {
		all[n] = "tcp://" + host + ":" + strconv.Itoa(int(port)+n)
	}
	return all, nil
}

// WithBind sets where a server is: "tcp://*:5556" binds the ports 5556 (snapshots), 5557
// (changes) and 5558 (updates).
func WithBind(endpoint string) Option {
	return func(c *config) error {
		if _, err := ports(endpoint); err != nil {
			return err
		}
		c.bind = endpoint
		return c.only("WithBind", true)
	}
}

// WithSubtree lets a client have the keys with this prefix only, such as "/lights/".
func WithSubtree(prefix string) Option {
	return func(c *config) error {
		if len(prefix) > maxKey {
			return invalid("a subtree of %d bytes: at most %d", len(prefix), maxKey)
		}
		c.subtree = prefix
		return c.only("WithSubtree", false)
	}
}

// WithHeartbeat sets how often a server says that it is there, and after how many silent
// intervals a client takes it for gone. It is the same for all. The default is 1 s, and 5.
func WithHeartbeat(interval time.Duration, liveness int) Option {
	return func(c *config) error {
		if interval < time.Millisecond || liveness < 2 {
			return invalid("heartbeats every %v, %d times: must be 1ms or more, and 2 or more", interval, liveness)
		}
		c.heartbeat, c.liveness = interval, liveness
		return nil
	}
}

// WithLimits bounds a server's table: how many keys, and bytes in keys and values.
func WithLimits(keys int, bytes int64) Option {
	return func(c *config) error {
		if keys < 1 || bytes < 1 {
			return invalid("a table of %d keys and %d bytes: must be 1 or more", keys, bytes)
		}
		c.keys, c.bytes = keys, bytes
		return c.only("WithLimits", true)
	}
}

// WithCurveServer encrypts a server's endpoints with its certificate. An authenticator
// (package auth) says who may connect; whoever may, may read and write every key.
func WithCurveServer(own *cert.Cert) Option {
	return func(c *config) error {
		c.socket = append(c.socket, zmq.WithCurveServer(own))
		return c.only("WithCurveServer", true)
	}
}

// WithCurveClient encrypts what a client says to its servers, whose public key is
// serverKey, in Z85.
func WithCurveClient(own *cert.Cert, serverKey string) Option {
	return func(c *config) error {
		c.socket = append(c.socket, zmq.WithCurveClient(own, serverKey))
		return c.only("WithCurveClient", false)
	}
}

// WithSocket passes options on to every socket, after those of the pattern.
func WithSocket(opts ...zmq.Option) Option {
	opts = slices.Clone(opts)
	return func(c *config) error {
		c.socket = append(c.socket, opts...)
		return nil
	}
}

// WithLogger gives the sockets a logger: it hears of handshakes, refusals and dials that
// fail. What the pattern itself meets with is told by Events.
func WithLogger(l zerolog.Logger) Option { return WithSocket(zmq.WithLogger(l)) }

// WithSlog is WithLogger for log/slog.
func WithSlog(l *slog.Logger) Option {
	if l == nil {
		return func(*config) error { return invalid("nil logger") }
	}
	return WithSocket(zmq.WithSlog(l))
}
