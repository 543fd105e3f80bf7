package majordomo

import (
	"context"
	"errors"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/internal/base"
	"github.com/go-zactor/zactor/zmq"
)

// Broker stands between clients and workers. Make it with NewBroker; it works while its Run
// does. Its other methods may be called from any goroutine.
type Broker struct {
	c      *config
	events *feed.Queue[Event]

	mu        sync.Mutex
	running   bool
	endpoints []string
	bound     chan struct{} // closed when endpoints are there
	stats     BrokerStats
}

// NewBroker makes a broker. Nothing is bound before Run.
//
// Errors: ErrInvalidOption, also without WithBind.
func NewBroker(opts ...Option) (*Broker, error) {
	c, err := newConfig(aBroker, opts)
	if err != nil {
		return nil, err
	}
	if len(c.bind) == 0 {
		return nil, options.Invalid("no endpoint: name one or more with WithBind")
	}
	return &Broker{c: c, events: newEvents(), bound: make(chan struct{})}, nil
}

// Run binds, and works until ctx ends: then it sends its workers away, gives up what waits
// (an Event each), lets answers go out for a second, and returns nil. It may be called
// again when it has returned. When ctx has a zmq.Context, that has the socket.
//
// Errors: those of Bind and of options; *zmq.UnsentError for answers that did not go out;
// ErrRunning.
func (b *Broker) Run(ctx context.Context) error {
	b.mu.Lock()
	if b.running {
		b.mu.Unlock()
		return ErrRunning
	}
	b.running = true
	b.mu.Unlock()
	defer b.ended()
	defer base.List("majordomo broker", strings.Join(b.c.bind, ","), func() any { return b.Stats() })()
	opts := append([]zmq.Option{
		zmq.WithRouterMandatory(true), zmq.WithRouterNotify(zmq.NotifyDisconnect), zmq.WithLinger(time.Second),
	}, b.c.Socket...)
	s, err := zmq.NewRouter(context.WithoutCancel(ctx), opts...) // it ends with Run, not before
	if err != nil {
		return err
	}
	if err := b.listen(s); err != nil {
		return errors.Join(err, s.Close())
	}
	farewells, err := b.serve(ctx, s)
	return errors.Join(err, answersUnsent(s.Close(), farewells))
}

// answersUnsent is the error of Close, unless all that was not sent may be farewells: a
// worker that ends at the same moment, or stands still, needs none.
func answersUnsent(err error, farewells int) error {
	var unsent *zmq.UnsentError
	if errors.As(err, &unsent) && unsent.N <= farewells {
		return nil
	}
	return err
}

func (b *Broker) listen(s *zmq.Socket) error {
	var all []string
	for _, endpoint := range b.c.bind {
		bound, err := s.Bind(endpoint)
		if err != nil {
			return err
		}
		all = append(all, bound)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endpoints = all
	close(b.bound)
	return nil
}

func (b *Broker) ended() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running = false
	if b.endpoints != nil {
		b.endpoints, b.bound = nil, make(chan struct{})
	}
}

// burst is how many messages are taken before the clock is looked at again.
const burst = 256

func (b *Broker) serve(ctx context.Context, s *zmq.Socket) (farewells int, err error) {
	k := newCore(b.c, &b.stats, func(to string, frames [][]byte) bool {
		return s.TrySend(msg.New(append([][]byte{[]byte(to)}, frames...)...)) == nil
	}, b.events.Publish)
	defer b.locked(func() { farewells = k.end() })
	ready := make(chan struct{}, 1)
	stop := s.Notify(ready)
	defer stop()
	tick := time.NewTicker(max(time.Millisecond, b.c.heartbeat/4))
	defer tick.Stop()
	for {
		more, err := b.take(ctx, k, s)
		if err != nil {
			return 0, err
		}
		if more {
			ready = nudged(ready)
		}
		select {
		case <-ctx.Done():
			return 0, nil
		case now := <-tick.C:
			b.locked(func() { k.tick(now) })
		case <-ready:
		}
	}
}

// nudged makes sure that a channel has something.
func nudged(c chan struct{}) chan struct{} {
	select {
	case c <- struct{}{}:
	default:
	}
	return c
}

// take works on a burst of messages, and reports whether there may be more.
func (b *Broker) take(ctx context.Context, k *core, s *zmq.Socket) (more bool, err error) {
	for range burst {
		m, err := s.TryRecv()
		if errors.Is(err, zmq.ErrAgain) {
			return false, nil
		}
		if err != nil && ctx.Err() != nil { // the zmq.Context closed the socket
			return false, nil
		}
		if err != nil {
			return false, err
		}
		b.locked(func() { k.handle(time.Now(), m.Frames) })
	}
	return true, nil
}

func (b *Broker) locked(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn()
}

// Endpoints waits until Run has bound, and returns the real endpoints, in the order of
// WithBind: with the port, where a wildcard left it open.
func (b *Broker) Endpoints(ctx context.Context) ([]string, error) {
	for {
		b.mu.Lock()
		all, bound := b.endpoints, b.bound
		b.mu.Unlock()
		if all != nil {
			return append([]string(nil), all...), nil
		}
		select {
		case <-bound:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Events returns what happens from this call on, over all runs, until ctx ends. What waits
// for a slow reader is bounded by 1,000 events; it is told how many it has missed. Ranging
// again goes on where the first loop stopped.
func (b *Broker) Events(ctx context.Context) iter.Seq[Event] { return b.events.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx it is
// the same channel. It is closed when ctx ends.
func (b *Broker) Chan(ctx context.Context) <-chan Event { return b.events.Chan(ctx) }

// Stats returns the counters as they stand.
func (b *Broker) Stats() BrokerStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stats
}
