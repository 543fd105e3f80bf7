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
	retry      time.Duration // between attempts to connect
	maxRetries int           // of Dial; negative: any number
	waits      bool          // Dial waits for a peer that is not there, and fails after maxRetries
	once       bool          // a peer that is lost is not dialled again
	core       []zmq.Option

	dialTimeout time.Duration // of an attempt to connect, and of its handshake
}

const (
	defaultTimeout = 5 * time.Minute
	defaultLinger  = 5 * time.Second

	defaultRetry       = 250 * time.Millisecond
	defaultDialTimeout = 10 * time.Second
	publisherBytes     = 64 << 20
)

func defaults() config {
	return config{timeout: defaultTimeout, retry: defaultRetry, dialTimeout: defaultDialTimeout}
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

// WithDialerRetry is the time between two attempts to connect, always. Without it they
// come every 250 ms.
func WithDialerRetry(d time.Duration) Option { return func(c *config) { c.retry = d } }

// WithDialerTimeout bounds one attempt to connect, and then the handshake. Without it
// each of both may take ten seconds.
func WithDialerTimeout(d time.Duration) Option { return func(c *config) { c.dialTimeout = d } }

// WithDialerMaxRetries makes Dial fail when one attempt and n more have failed; with
// n = -1 Dial waits until the peer is there or the socket ends. Without this option a
// Dial that finds nobody there returns nil, and the socket goes on trying.
func WithDialerMaxRetries(n int) Option {
	return func(c *config) { c.waits, c.maxRetries = true, n }
}

// WithAutomaticReconnect(false) lets a peer that was dialled and is lost stay lost: Recv
// then returns io.EOF, once for each, and Send, when no peer is left, ErrClosedConn;
// Dial may be called again. Without this option, or with true, a socket dials again
// whenever it has lost a peer, and says nothing of it.
func WithAutomaticReconnect(on bool) Option { return func(c *config) { c.once = !on } }

// WithLogger logs one line for each connection that ends. nil means the default, which
// is silent. What a logger's writer panics with is lost, and so is the line: nothing
// else comes of it.
func WithLogger(l *log.Logger) Option {
	if l == nil {
		return func(*config) {}
	}
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

func (w lineWriter) Write(p []byte) (n int, err error) {
	defer func() {
		if recover() != nil { // the line is lost, and nothing else
			n, err = len(p), nil
		}
	}()
	return len(p), w.l.Output(2, string(p))
}

// options are those of the core, in the order in which they count. A message may be of
// any size and have any number of frames, as in the original.
func (c *config) options(t SocketType) []zmq.Option {
	opts := []zmq.Option{
		zmq.WithLinger(defaultLinger), zmq.WithSendTimeout(c.timeout),
		zmq.WithMaxMsgSize(-1), zmq.WithMaxParts(0),
	}
	switch t {
	case Pub, XPub: // which had no bound by default; that in bytes remains
		opts = append(opts, zmq.WithSendHWM(0), zmq.WithSendBytes(publisherBytes))
	case Req:
		opts = append(opts, zmq.WithReqFailFast(true))
	}
	if c.retry > 0 {
		opts = append(opts, zmq.WithReconnectInterval(c.retry, c.retry))
	}
	if c.once {
		opts = append(opts, zmq.WithReconnectStop(zmq.ReconnectStopAfterLoss))
	}
	if len(c.id) > 0 && (t == Req || t == Dealer || t == Router) {
		opts = append(opts, zmq.WithRoutingID(c.id.String()))
	}
	return append(opts, c.core...)
}
