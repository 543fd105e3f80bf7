package majordomo

import (
	"log/slog"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/option"
	"github.com/go-zactor/zactor/pattern/internal/attempt"
	"github.com/go-zactor/zactor/pattern/internal/base"
	"github.com/go-zactor/zactor/zmq"
)

// Option changes how NewBroker, NewWorker and NewClient make what they make. One that has
// no meaning there is an error.
type Option func(*config) error

// Who the options are for.
const (
	aBroker base.Role = "NewBroker"
	aWorker base.Role = "NewWorker"
	aClient base.Role = "NewClient"
)

type config struct {
	base.Config
	attempt   attempt.Config // a client's; a worker has its Pause
	bind      []string
	heartbeat time.Duration
	liveness  int
	requests  int
	bytes     int64
	expiry    time.Duration
	delivered int
}

var (
	options  = base.Of(ErrInvalidOption, func(c *config) *base.Config { return &c.Config })
	attempts = attempt.Options[config]{Family: options.Family, At: func(c *config) *attempt.Config { return &c.attempt }}
)

func newConfig(who base.Role, opts []Option) (*config, error) {
	c := &config{
		Config: base.Config{Role: who}, attempt: attempt.Defaults(),
		heartbeat: 2500 * time.Millisecond, liveness: 3,
		requests: 10_000, bytes: 64 << 20, expiry: 30 * time.Second, delivered: 3,
	}
	return c, option.Apply(c, opts)
}

// WithBind sets the endpoints that a broker binds, such as "tcp://*:5555". Clients and
// workers may use any of them.
func WithBind(endpoints ...string) Option {
	return options.Only("WithBind", func(c *config) error {
		c.bind = append(c.bind, endpoints...)
		return nil
	}, aBroker)
}

// WithHeartbeat sets how often a broker and its workers send heartbeats, and after how many
// silent intervals the other one is taken for gone. It is the same for all of them. The
// default is that of the Guide: 2.5 s, and 3.
func WithHeartbeat(interval time.Duration, liveness int) Option {
	return options.Only("WithHeartbeat", func(c *config) error {
		if interval < time.Millisecond || liveness < 1 {
			return options.Invalid("heartbeats every %v, %d times: must be 1ms or more, and 1 or more", interval, liveness)
		}
		c.heartbeat, c.liveness = interval, liveness
		return nil
	}, aBroker, aWorker)
}

// WithQueue bounds what a broker holds, over all services, with the requests that workers
// have in hand: how many requests, and how many bytes in them. A single client may have a
// quarter of both. The default is 10,000 and 64 MiB.
func WithQueue(requests int, bytes int64) Option {
	return options.Only("WithQueue", func(c *config) error {
		if requests < 1 || bytes < 1 {
			return options.Invalid("a queue of %d requests and %d bytes: must be 1 or more", requests, bytes)
		}
		c.requests, c.bytes = requests, bytes
		return nil
	}, aBroker)
}

// WithExpiry sets how long a request waits for a worker. The default is 30 s.
func WithExpiry(d time.Duration) Option {
	return options.Only("WithExpiry", option.Above(options.Family, "expiry", d, 0, func(c *config) *time.Duration { return &c.expiry }), aBroker)
}

// WithDeliveries sets to how many workers a broker gives a request, one after the other,
// when they are lost before they have answered any of it. The default is 3; 1 is never
// again.
func WithDeliveries(n int) Option {
	return options.Only("WithDeliveries", option.AtLeast(options.Family, "deliveries", n, 1, func(c *config) *int { return &c.delivered }), aBroker)
}

// WithTimeout sets how long a client waits for an answer, or for the next part of one,
// before it asks again. The default is 2.5 s. It has to be longer than the work takes.
func WithTimeout(d time.Duration) Option {
	return options.Only("WithTimeout", attempts.Timeout(d), aClient)
}

// WithAttempts sets how often a client sends a request at most. The default is 3.
func WithAttempts(n int) Option {
	return options.Only("WithAttempts", attempts.Attempts(n), aClient)
}

// WithPause sets how long a client waits before it asks again, and a worker before it turns
// to the next broker. The default is 100 ms.
func WithPause(d time.Duration) Option {
	return options.Only("WithPause", attempts.Pause(d), aClient, aWorker)
}

// WithParallel sets how many calls of a client may be under way at once, each of which has
// a connection of its own; others wait. The default is 64.
func WithParallel(n int) Option {
	return options.Only("WithParallel", attempts.Parallel(n), aClient)
}

// WithCurveServer encrypts a broker's endpoints with its certificate. An authenticator
// (package auth) says who may connect.
func WithCurveServer(own *cert.Cert) Option {
	return options.Only("WithCurveServer", options.Socket(zmq.WithCurveServer(own)), aBroker)
}

// WithCurveClient encrypts what a worker or client says to the broker, whose public key is
// brokerKey, in Z85.
func WithCurveClient(own *cert.Cert, brokerKey string) Option {
	return options.Only("WithCurveClient", options.Socket(zmq.WithCurveClient(own, brokerKey)), aWorker, aClient)
}

// WithSocket passes options on to every socket, after those of the pattern.
func WithSocket(opts ...zmq.Option) Option { return options.Socket(opts...) }

// WithLogger gives the sockets a logger: it hears of handshakes, refusals and dials that
// fail. What the pattern itself meets with is told by Events.
func WithLogger(l zerolog.Logger) Option { return WithSocket(zmq.WithLogger(l)) }

// WithSlog is WithLogger for log/slog.
func WithSlog(l *slog.Logger) Option { return options.Slog(l) }
