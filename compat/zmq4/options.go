package zmq4

import (
	"log"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/zmq"
)

// Option is a setting of a socket, for the constructors.
type Option func(*config)

// config is what the options say.
type config struct {
	id         SocketIdentity
	security   Security
	timeout    time.Duration // of Send
	retry      time.Duration // between attempts to connect; 0: the core's
	maxRetries int           // of Dial; negative: Dial does not wait
	core       []zmq.Option
}

const (
	defaultTimeout = 5 * time.Minute
	defaultLinger  = 5 * time.Second
)

func defaults() config {
	return config{timeout: defaultTimeout, maxRetries: -1}
}

// WithID is the name by which a ROUTER will know the socket. It says nothing on
// types other than REQ, DEALER and ROUTER.
func WithID(id SocketIdentity) Option { return func(c *config) { c.id = id } }

// WithSecurity chooses the security mechanism: see packages security/plain and
// security/null. nil is NULL. For CURVE use WithCore.
func WithSecurity(sec Security) Option { return func(c *config) { c.security = sec } }

// WithTimeout bounds each Send, which then returns context.DeadlineExceeded. The
// default is five minutes.
func WithTimeout(d time.Duration) Option { return func(c *config) { c.timeout = d } }

// WithDialerRetry is the time between two attempts to connect, give or take half of
// it at random.
func WithDialerRetry(d time.Duration) Option { return func(c *config) { c.retry = d } }

// WithDialerTimeout bounds one attempt to connect.
func WithDialerTimeout(d time.Duration) Option { return WithCore(zmq.WithConnectTimeout(d)) }

// WithDialerMaxRetries makes Dial wait until the peer is there, and fail when one
// attempt and n more have failed. Without it, or with n = -1, Dial returns at once
// and the socket goes on trying.
func WithDialerMaxRetries(n int) Option { return func(c *config) { c.maxRetries = n } }

// WithAutomaticReconnect says nothing any more: a socket dials again whenever it
// has lost a peer.
func WithAutomaticReconnect(bool) Option { return func(*config) {} }

// WithLogger logs one line for each connection that ends. The default is silent.
func WithLogger(l *log.Logger) Option {
	w := zerolog.ConsoleWriter{Out: lineWriter{l}, NoColor: true, PartsExclude: []string{zerolog.TimestampFieldName}}
	return WithCore(zmq.WithLogger(zerolog.New(w)))
}

// WithCore sets options of package zmq. It is the way to CURVE, heartbeats and all
// else that has no option here.
func WithCore(opts ...zmq.Option) Option {
	return func(c *config) { c.core = append(c.core, opts...) }
}

// lineWriter writes lines to a logger of package log.
type lineWriter struct{ l *log.Logger }

func (w lineWriter) Write(p []byte) (int, error) {
	return len(p), w.l.Output(2, string(p))
}

// options are those of the core, in the order in which they count.
func (c *config) options(t SocketType) []zmq.Option {
	opts := []zmq.Option{zmq.WithLinger(defaultLinger), zmq.WithSendTimeout(c.timeout)}
	if t == Pub || t == XPub { // which had no bound by default; that in bytes remains
		opts = append(opts, zmq.WithSendHWM(0))
	}
	if c.retry > 0 {
		opts = append(opts, zmq.WithReconnectInterval(c.retry, 0))
	}
	if len(c.id) > 0 && (t == Req || t == Dealer || t == Router) {
		opts = append(opts, zmq.WithRoutingID(c.id.String()))
	}
	return append(opts, c.core...)
}
