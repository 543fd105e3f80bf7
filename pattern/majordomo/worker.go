package majordomo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/internal/base"
	"github.com/go-zactor/zactor/zmq"
)

// Request is what a worker has in hand.
type Request struct {
	Body   msg.Msg
	client string
	v      *conversation
}

// Partial sends a part of the answer; the handler's own return is the last part. It waits
// while the broker takes nothing, until ctx ends.
func (r *Request) Partial(ctx context.Context, m msg.Msg) error {
	if err := r.reply(ctx, workerPartial, m); err != nil {
		return err
	}
	r.v.w.partials.Add(1)
	return nil
}

func (r *Request) reply(ctx context.Context, cmd string, m msg.Msg) error {
	return r.v.reply(ctx, msg.New(command(bodyOf(m.Frames), workerHeader, cmd, r.client, "")...))
}

// Handler answers a request. ctx ends with Run's, and when the broker is lost, for then
// nobody waits for the answer. An error, and a panic, end the worker's Run: the broker gives
// the request to another worker. Answers that say that something went wrong are the
// program's to agree on.
type Handler func(ctx context.Context, r *Request) (msg.Msg, error)

// Worker offers a service. Make it with NewWorker; it works while its Run does. Its other
// methods may be called from any goroutine.
type Worker struct {
	c       *config
	brokers []string
	service string
	handle  Handler
	events  *feed.Queue[Event]
	running sync.Mutex

	requests, answers, partials, offers, lost atomic.Uint64
}

// NewWorker makes a worker of a service for the broker at an endpoint; several endpoints
// are separated by commas, and tried in turn. Nothing is connected before Run.
//
// Errors: ErrInvalidOption, ErrService.
func NewWorker(broker, service string, handle Handler, opts ...Option) (*Worker, error) {
	c, err := newConfig(aWorker, opts)
	if err != nil {
		return nil, err
	}
	if err := checkName(service); err != nil {
		return nil, err
	}
	if handle == nil || broker == "" {
		return nil, options.Invalid("a worker needs a broker's endpoint and a handler")
	}
	return &Worker{c: c, brokers: strings.Split(broker, ","), service: service, handle: handle, events: newEvents()}, nil
}

func checkName(service string) error {
	if !validName(service) || strings.HasPrefix(service, mmiPrefix) {
		return fmt.Errorf("%w: %.60q has to have 1 to %d bytes and not to begin with %s", ErrService, service, maxName, mmiPrefix)
	}
	return nil
}

// Run works until ctx ends. Then the handler's context ends, an answer that it returns all
// the same is still sent, the broker is told, and Run returns nil. A broker that is lost is
// tried again, or the next one. When ctx has a zmq.Context, that has the socket. Run may be
// called again when it has returned.
//
// Errors: the handler's; one that matches ErrPanic for its panic; those of options;
// *zmq.UnsentError when the last answer did not go out in a second; ErrRunning.
func (w *Worker) Run(ctx context.Context) error {
	if !w.running.TryLock() {
		return ErrRunning
	}
	defer w.running.Unlock()
	defer base.List("majordomo worker", w.service, func() any { return w.Stats() })()
	for n := 0; ; n++ {
		endpoint := w.brokers[n%len(w.brokers)]
		lost, err := w.converse(ctx, endpoint)
		if err != nil || ctx.Err() != nil {
			return err
		}
		w.lost.Add(1)
		w.events.Publish(Event{Kind: BrokerLost, Service: w.service, Peer: endpoint, Err: lost})
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(w.c.attempt.Pause):
		}
	}
}

// converse is one conversation with a broker, on a socket of its own. It returns why the
// broker is lost, or the error that ends the worker.
func (w *Worker) converse(ctx context.Context, endpoint string) (lost, err error) {
	opts := append([]zmq.Option{zmq.WithLinger(time.Second)}, w.c.Socket...)
	s, err := zmq.NewDealer(context.WithoutCancel(ctx), opts...) // it ends with Run, not before
	if err != nil {
		return nil, err
	}
	if err := s.Connect(endpoint); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	v := &conversation{w: w, s: s, heard: time.Now(), done: make(chan error, 1)}
	v.say(workerReady, w.service)
	w.offers.Add(1)
	w.events.Publish(Event{Kind: Offered, Service: w.service, Peer: endpoint})
	lost, err = v.run(ctx)
	if lost != nil {
		shut, cancel := context.WithCancel(ctx)
		cancel() // what a lost broker was sent is of no use to the next
		_ = s.Shutdown(shut)
		return lost, err
	}
	v.say(workerDisconnect)
	return nil, errors.Join(err, v.answersUnsent(s.Close()))
}

// conversation is a worker and a broker that know each other.
type conversation struct {
	w     *Worker
	s     *zmq.Socket
	heard time.Time
	busy  bool
	stop  context.CancelFunc // of the request in hand
	done  chan error         // the handler has returned

	mu    sync.Mutex
	after int // guarded by mu: heartbeats and farewells since the last part of an answer
}

// reply sends a part of an answer.
func (v *conversation) reply(ctx context.Context, m msg.Msg) error {
	v.mu.Lock()
	err := v.s.TrySend(m)
	if err == nil {
		v.after = 0
	}
	v.mu.Unlock()
	if !errors.Is(err, zmq.ErrAgain) {
		return err
	}
	if err := v.s.Send(ctx, m); err != nil { // without the lock: heartbeats go on
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.after = 0
	return nil
}

// answersUnsent is the error of Close, unless all that was not sent are heartbeats and the
// farewell: a broker that has ended at the same moment needs none. The last ones that were
// queued are the ones that are not sent.
func (v *conversation) answersUnsent(err error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var unsent *zmq.UnsentError
	if errors.As(err, &unsent) && unsent.N <= v.after {
		return nil
	}
	return err
}

// say sends a command without a body, if there is room: who takes nothing is silent soon.
func (v *conversation) say(frames ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.s.TrySend(msg.New(command(nil, append([]string{workerHeader}, frames...)...)...)) == nil {
		v.after++
	}
}

// run works until ctx ends, the broker is lost, or the handler fails.
func (v *conversation) run(ctx context.Context) (lost, err error) {
	defer func() { err = errors.Join(err, v.finish()) }()
	ready := make(chan struct{}, 1)
	stop := v.s.Notify(ready)
	defer stop()
	beat := time.NewTicker(v.w.c.heartbeat)
	defer beat.Stop()
	for {
		if lost, err := v.take(ctx); lost != nil || err != nil {
			return lost, err
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case err := <-v.done:
			v.busy = false
			if err != nil {
				return nil, err
			}
		case now := <-beat.C:
			if now.Sub(v.heard) >= v.w.c.heartbeat*time.Duration(v.w.c.liveness) {
				return ErrSilent, nil
			}
			v.say(workerHeartbeat)
		case <-ready:
		}
	}
}

// finish ends the handler, if it is at work, and waits for it.
func (v *conversation) finish() error {
	if !v.busy {
		return nil
	}
	v.stop()
	err := <-v.done
	if errors.Is(err, context.Canceled) {
		return nil // it was told to
	}
	return err
}

// take works on what has arrived.
func (v *conversation) take(ctx context.Context) (lost, err error) {
	for {
		m, err := v.s.TryRecv()
		if errors.Is(err, zmq.ErrAgain) {
			return nil, nil
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil, nil
			}
			return nil, err
		}
		if lost := v.hear(ctx, m.Frames); lost != nil {
			return lost, nil
		}
	}
}

// hear takes a command of the broker.
func (v *conversation) hear(ctx context.Context, frames [][]byte) (lost error) {
	v.heard = time.Now()
	switch {
	case len(frames) < 2 || string(frames[0]) != workerHeader:
		return fmt.Errorf("%w: %d frames of the broker", ErrProtocol, len(frames))
	case string(frames[1]) == workerHeartbeat:
	case string(frames[1]) == workerDisconnect:
		return fmt.Errorf("%w: the broker said DISCONNECT", ErrGone)
	case string(frames[1]) == workerRequest && len(frames) >= 5 && len(frames[3]) == 0 && !v.busy:
		v.begin(ctx, &Request{Body: msg.New(frames[4:]...), client: string(frames[2]), v: v})
	default:
		return fmt.Errorf("%w: unexpected command %.20q of the broker", ErrProtocol, frames[1])
	}
	return nil
}

// begin hands a request to the handler, on a goroutine of its own: heartbeats go on.
func (v *conversation) begin(ctx context.Context, r *Request) {
	v.busy = true
	v.w.requests.Add(1)
	ctx, v.stop = context.WithCancel(ctx)
	stop := v.stop
	go contain.Run("a majordomo handler", func() error {
		answer, err := v.w.handle(ctx, r)
		if err != nil {
			return err
		}
		// The answer is ready: it goes out even if the handler was told to end.
		if err := r.reply(context.WithoutCancel(ctx), workerFinal, answer); err != nil {
			return err
		}
		v.w.answers.Add(1)
		return nil
	}, func(err error) {
		stop()
		if errors.Is(err, contain.ErrPanic) {
			err = fmt.Errorf("%w: %w", ErrPanic, err)
		}
		v.done <- err
	}, nil)
}

// Events returns what happens from this call on, over all runs, until ctx ends. What waits
// for a slow reader is bounded by 1,000 events; it is told how many it has missed. Ranging
// again goes on where the first loop stopped.
func (w *Worker) Events(ctx context.Context) iter.Seq[Event] { return w.events.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx it is
// the same channel. It is closed when ctx ends.
func (w *Worker) Chan(ctx context.Context) <-chan Event { return w.events.Chan(ctx) }

// Stats returns the counters as they stand.
func (w *Worker) Stats() WorkerStats {
	return WorkerStats{
		Requests: w.requests.Load(), Answers: w.answers.Load(), Partials: w.partials.Load(),
		Offers: w.offers.Load(), BrokerLost: w.lost.Load(),
	}
}
