package majordomo

import (
	"log/slog"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// Option changes how NewBroker, NewWorker and NewClient make what they make. One that has
// no meaning there is an error.
type Option func(*config) error

// role is who the options are for.
type role string

const (
	aBroker role = "NewBroker"
	aWorker role = "NewWorker"
	aClient role = "NewClient"
)

type config struct {
	role      role
	bind      []string
	heartbeat time.Duration
	liveness  int
	requests  int
	bytes     int64
	expiry    time.Duration
	delivered int
	timeout   time.Duration
	attempts  int
	pause     time.Duration
	parallel  int
	socket    []zmq.Option
}

func newConfig(r role, opts []Option) (*config, error) {
	c := &config{
		role: r, heartbeat: 2500 * time.Millisecond, liveness: 3,
		requests: 10_000, bytes: 64 << 20, expiry: 30 * time.Second, delivered: 3,
		timeout: 2500 * time.Millisecond, attempts: 3, pause: 100 * time.Millisecond, parallel: 64,
	}
	for _, opt := range opts {
		if err := opt(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// only checks who an option is for.
func (c *config) only(name string, who ...role) error {
	if slices.Contains(who, c.role) {
		return nil
	}
	return invalid("%s is for %v, not for %s", name, who, c.role)
}

// WithBind sets the endpoints that a broker binds, such as "tcp://*:5555". Clients and
// workers may use any of them.
func WithBind(endpoints ...string) Option {
	return func(c *config) error {
		c.bind = append(c.bind, endpoints...)
		return c.only("WithBind", aBroker)
	}
}

// WithHeartbeat sets how often a broker and its workers send heartbeats, and after how many
// silent intervals the other one is taken for gone. It is the same for all of them. The
// default is that of the Guide: 2.5 s, and 3.
func WithHeartbeat(interval time.Duration, liveness int) Option {
	return func(c *config) error {
		if interval < time.Millisecond || liveness < 1 {
			return invalid("heartbeats every %v, %d times: must be 1ms or more, and 1 or more", interval, liveness)
		}
		c.heartbeat, c.liveness = interval, liveness
		return c.only("WithHeartbeat", aBroker, aWorker)
	}
}

// WithQueue bounds what a broker holds, over all services, with the requests that workers
// have in hand: how many requests, and how many bytes in them. A single client may have a
// quarter of both. The default is 10,000 and 64 MiB.
func WithQueue(requests int, bytes int64) Option {
	return func(c *config) error {
		if requests < 1 || bytes < 1 {
			return invalid("a queue of %d requests and %d bytes: must be 1 or more", requests, bytes)
		}
		c.requests, c.bytes = requests, bytes
		return c.only("WithQueue", aBroker)
	}
}

// WithExpiry sets how long a request waits for a worker. The default is 30 s.
func WithExpiry(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return invalid("expiry %v: must be above 0", d)
		}
		c.expiry = d
		return c.only("WithExpiry", aBroker)
	}
}

// WithDeliveries sets to how many workers a broker gives a request, one after the other,
// when they are lost before they have answered any of it. The default is 3; 1 is never
// again.
func WithDeliveries(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return invalid("%d deliveries: must be 1 or more", n)
		}
		c.delivered = n
		return c.only("WithDeliveries", aBroker)
	}
}

// WithTimeout sets how long a client waits for an answer, or for the next part of one,
// before it asks again. The default is 2.5 s. It has to be longer than the work takes.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return invalid("timeout %v: must be above 0", d)
		}
		c.timeout = d
		return c.only("WithTimeout", aClient)
	}
}

// WithAttempts sets how often a client sends a request at most. The default is 3.
func WithAttempts(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return invalid("%d attempts: must be 1 or more", n)
		}
		c.attempts = n
		return c.only("WithAttempts", aClient)
	}
}

// WithPause sets how long a client waits before it asks again, and a worker before it turns
// to the next broker. The default is 100 ms.
func WithPause(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return invalid("pause %v: must be 0 or more", d)
		}
		c.pause = d
		return c.only("WithPause", aClient, aWorker)
	}
}

// WithParallel sets how many calls of a client may be under way at once, each of which has
// a connection of its own; others wait. The default is 64.
func WithParallel(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 1<<16 {
			return invalid("%d calls at once: must be 1 to %d", n, 1<<16)
		}
		c.parallel = n
		return c.only("WithParallel", aClient)
	}
}

// WithCurveServer encrypts a broker's endpoints with its certificate. An authenticator
// (package auth) says who may connect.
func WithCurveServer(own *cert.Cert) Option {
	return func(c *config) error {
		c.socket = append(c.socket, zmq.WithCurveServer(own))
		return c.only("WithCurveServer", aBroker)
	}
}

// WithCurveClient encrypts what a worker or client says to the broker, whose public key is
// brokerKey, in Z85.
func WithCurveClient(own *cert.Cert, brokerKey string) Option {
	return func(c *config) error {
		c.socket = append(c.socket, zmq.WithCurveClient(own, brokerKey))
		return c.only("WithCurveClient", aWorker, aClient)
	}
}

// WithSocket passes options on to every socket, after those of the pattern.
func WithSocket(opts ...zmq.Option) Option {
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
