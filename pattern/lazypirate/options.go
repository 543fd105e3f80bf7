package lazypirate

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/pattern/internal/attempt"
	"github.com/go-zactor/zactor/zmq"
)

var (
	// ErrClosed is returned by calls of a Caller that is closed. It matches net.ErrClosed.
	ErrClosed = fmt.Errorf("lazypirate: caller closed: %w", net.ErrClosed)
	// ErrNoAnswer says that no attempt brought an answer. The last reason stands behind it.
	ErrNoAnswer = errors.New("lazypirate: no answer")
	// ErrInvalidOption says that an option, or the list of endpoints, breaks its rule.
	ErrInvalidOption = errors.New("lazypirate: invalid option")
)

// Option changes how New makes a Caller.
type Option func(*config) error

type config struct{ attempt.Config }

func newConfig(opts []Option) (*config, error) {
	c := &config{attempt.Config{
		Timeout: 2500 * time.Millisecond, Attempts: 3, Pause: 100 * time.Millisecond, Parallel: 64,
		Socket: []zmq.Option{zmq.WithReqFailFast(true)}, // a server that is lost will not answer
	}}
	for _, opt := range opts {
		if err := opt(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalidOption, fmt.Sprintf(format, args...))
}

// WithTimeout sets how long one attempt waits for its answer. The default is 2.5 s, as in
// the Guide.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return invalid("timeout %v: must be above 0", d)
		}
		c.Timeout = d
		return nil
	}
}

// WithAttempts sets how often a request is sent at most. The default is 3. With several
// servers, each attempt after a failure goes to the next one.
func WithAttempts(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return invalid("%d attempts: must be 1 or more", n)
		}
		c.Attempts = n
		return nil
	}
}

// WithPause sets how long to wait before the next attempt. The default is 100 ms: a server
// that is lost is noticed at once, and needs a moment to come back.
func WithPause(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return invalid("pause %v: must be 0 or more", d)
		}
		c.Pause = d
		return nil
	}
}

// WithParallel sets how many calls may be under way at once, each of which has a connection
// of its own; others wait. The default is 64.
func WithParallel(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 1<<16 {
			return invalid("%d calls at once: must be 1 to %d", n, 1<<16)
		}
		c.Parallel = n
		return nil
	}
}

// WithCurve encrypts: own is the caller's certificate, serverKey the public key of the
// servers in Z85. All servers have the same key.
func WithCurve(own *cert.Cert, serverKey string) Option {
	return WithSocket(zmq.WithCurveClient(own, serverKey))
}

// WithSocket passes options on to every socket of the Caller, after its own.
func WithSocket(opts ...zmq.Option) Option {
	return func(c *config) error {
		c.Socket = append(c.Socket, opts...)
		return nil
	}
}

// WithLogger gives the sockets a logger: it hears of handshakes, refusals and dials that
// fail. Failed attempts are Events.
func WithLogger(l zerolog.Logger) Option { return WithSocket(zmq.WithLogger(l)) }

// WithSlog is WithLogger for log/slog.
func WithSlog(l *slog.Logger) Option {
	if l == nil {
		return func(*config) error { return invalid("nil logger") }
	}
	return WithSocket(zmq.WithSlog(l))
}
