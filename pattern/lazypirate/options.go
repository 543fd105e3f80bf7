package lazypirate

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/option"
	"github.com/go-zactor/zactor/pattern/internal/attempt"
	"github.com/go-zactor/zactor/pattern/internal/base"
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

type config struct {
	base.Config
	attempt attempt.Config
}

var (
	options  = base.Of(ErrInvalidOption, func(c *config) *base.Config { return &c.Config })
	attempts = attempt.Options[config]{Family: options.Family, At: func(c *config) *attempt.Config { return &c.attempt }}
)

func newConfig(opts []Option) (*config, error) {
	c := &config{attempt: attempt.Defaults()}
	return c, option.Apply(c, opts)
}

// WithTimeout sets how long one attempt waits for its answer. The default is 2.5 s, as in
// the Guide.
func WithTimeout(d time.Duration) Option { return attempts.Timeout(d) }

// WithAttempts sets how often a request is sent at most. The default is 3. With several
// servers, each attempt after a failure goes to the next one.
func WithAttempts(n int) Option { return attempts.Attempts(n) }

// WithPause sets how long to wait before the next attempt. The default is 100 ms: a server
// that is lost is noticed at once, and needs a moment to come back.
func WithPause(d time.Duration) Option { return attempts.Pause(d) }

// WithParallel sets how many calls may be under way at once, each of which has a connection
// of its own; others wait. The default is 64.
func WithParallel(n int) Option { return attempts.Parallel(n) }

// WithCurve encrypts: own is the caller's certificate, serverKey the public key of the
// servers in Z85. All servers have the same key.
func WithCurve(own *cert.Cert, serverKey string) Option {
	return WithSocket(zmq.WithCurveClient(own, serverKey))
}

// WithSocket passes options on to every socket of the Caller, after its own.
func WithSocket(opts ...zmq.Option) Option { return options.Socket(opts...) }

// WithLogger gives the sockets a logger: it hears of handshakes, refusals and dials that
// fail. Failed attempts are Events.
func WithLogger(l zerolog.Logger) Option { return WithSocket(zmq.WithLogger(l)) }

// WithSlog is WithLogger for log/slog.
func WithSlog(l *slog.Logger) Option { return options.Slog(l) }
