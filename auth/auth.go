package auth

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/zmq"
)

// Endpoint is where the authenticator of a Context answers.
const Endpoint = "inproc://zeromq.zap.01"

// AnyDomain stands for the domains that have no settings of their own.
const AnyDomain = "*"

// Auth is the authenticator of a Context. Make one with New.
type Auth struct {
	listed registry.Entry
	socket *zmq.Socket // ROUTER at Endpoint
	log    logs.Logger
	life   *lifetime.Life

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup
	// Decisions for which a store is asked, which may take long. Passwords and keys
	// have places of their own: neither keeps the other waiting.
	passwords, keys *turns

	policy    policy   // with its own lock
	guesses   throttle // with its own lock
	decisions *feed.Queue[Decision]
	count     counters
	guard     contain.Guard // of what runs here
}

// An Option changes how New makes an Auth.
type Option func(*Auth) error

// WithLogger logs a line for each decision, at debug level, and one for each
// problem with a password file, with zerolog. The default is silence. Passwords and
// keys do not appear, only fingerprints of public keys.
func WithLogger(l zerolog.Logger) Option {
	return func(a *Auth) error { a.log = a.log.Zerolog(l); return nil }
}

// WithSlog is WithLogger for log/slog. With both options both are written to.
func WithSlog(l *slog.Logger) Option {
	return func(a *Auth) error {
		if l == nil {
			return fmt.Errorf("%w: nil logger", ErrInvalidOption)
		}
		a.log = a.log.Slog(l)
		return nil
	}
}

// WithThrottle makes an address wait after so many failed PLAIN logins: at first
// for min, and twice as long after each further failure, up to max. With 0 failures
// no address ever waits. The default is 5, 1 s, 60 s.
func WithThrottle(failures int, min, max time.Duration) Option {
	return func(a *Auth) error {
		if failures < 0 || min < 0 || max < min {
			return fmt.Errorf("%w: throttle after %d failures, %v to %v", ErrInvalidOption, failures, min, max)
		}
		a.guesses.after, a.guesses.min, a.guesses.max = failures, min, max
		return nil
	}
}

// WithMaxChecks bounds how many passwords are checked at the same time, and how many keys
// looked up; those beyond wait. The default, 2048, suits stores that answer from memory
// or ask another server. One that calculates for long (bcrypt, argon2) is better off with
// as many as there are processors.
//
// Errors: ErrInvalidOption, unless n is 1 or more.
func WithMaxChecks(n int) Option {
	return func(a *Auth) error {
		if n < 1 {
			return fmt.Errorf("%w: WithMaxChecks(%d): must be 1 or more", ErrInvalidOption, n)
		}
		a.passwords, a.keys = newTurns(n), newTurns(n)
		return nil
	}
}

// maxChecks is as many as the handshakes that a listener has under way.
const maxChecks = 2048

// New starts the authenticator of the Context that ctx belongs to: of ctx itself if
// it is a *zmq.Context or derived from one, else of the default one. The end of ctx
// ends it as Close does. A Context has one: a second New returns zmq.ErrAddrInUse.
//
// Errors: ErrInvalidOption, zmq.ErrAddrInUse, zmq.ErrClosed.
func New(ctx context.Context, opts ...Option) (*Auth, error) {
	a := &Auth{decisions: newDecisions(), passwords: newTurns(maxChecks), keys: newTurns(maxChecks)}
	a.guesses = throttle{after: 5, min: time.Second, max: time.Minute}
	for _, opt := range opts {
		if err := opt(a); err != nil {
			return nil, err
		}
	}
	// No high-water mark: the core bounds how many requests it lets wait. One that
	// is not there any more has no use for its reply.
	socket, err := zmq.NewRouter(ctx, zmq.WithName("auth"), zmq.WithReservedName(true), zmq.WithSendHWM(0), zmq.WithRecvHWM(0), zmq.WithLinger(0))
	if err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	if _, err := socket.Bind(Endpoint); err != nil {
		socket.Close()
		return nil, fmt.Errorf("auth: %w", err)
	}
	a.socket = socket
	a.ctx, a.cancel = context.WithCancel(ctx)
	a.guard.Report = func(p *contain.Panic) {
		a.log.Limited(logs.Contained, p.Where, logs.Err(p), logs.Str("stack", string(p.Stack)))
	}
	a.guard.Go(&a.wg, "auth: serve", a.serve, a.abandon)
	a.life = lifetime.New(ctx, "auth", a.end)
	a.listed.Enter(registry.Authenticator, (*subject)(a))
	return a, nil
}

// Close ends the authenticator and gives its name up; from then on, servers refuse
// new peers. Those that are connected stay. It waits for what it has started, and
// may be called more than once.
func (a *Auth) Close() error { return a.life.Close() }

// Shutdown is Close for at most as long as ctx.
func (a *Auth) Shutdown(ctx context.Context) error { return a.life.Shutdown(ctx) }

// end is what Close does.
func (a *Auth) end(context.Context) error {
	defer a.listed.Leave()
	a.cancel()
	a.policy.close()
	a.socket.Close()
	a.wg.Wait()
	a.decisions.Close()
	a.log.Flush()
	return nil
}
