package clone

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/internal/base"
	"github.com/go-zactor/zactor/zmq"
)

// Refusal is an update, or a request, that a server dropped.
type Refusal struct {
	Key string
	Err error
	N   uint64 // above 0: the reader was slow, and N refusals are missing here
}

// String is one line for people.
func (r Refusal) String() string {
	if r.N > 0 {
		return fmt.Sprintf("missed %d refusals", r.N)
	}
	return fmt.Sprintf("%.60q: %v", r.Key, r.Err)
}

// ServerStats are a server's counters.
type ServerStats struct {
	Keys      int // as things stand
	Bytes     int64
	Snapshots uint64 // sent, since NewServer
	Updates   uint64 // applied
	Dropped   uint64 // updates and requests
	Expired   uint64 // keys whose time to live was over
}

// String is one line for people: each counter that is not zero, with its name.
func (s ServerStats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s ServerStats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s ServerStats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }

// Server has the table. Make it with NewServer; it works while its Run does. Its other
// methods may be called from any goroutine.
type Server struct {
	c       *config
	events  *feed.Queue[Refusal]
	running sync.Mutex

	mu    sync.Mutex
	stats ServerStats
}

// NewServer makes a server. Nothing is bound before Run.
//
// Errors: ErrInvalidOption, also without WithBind.
func NewServer(opts ...Option) (*Server, error) {
	c, err := newConfig(aServer, opts)
	if err != nil {
		return nil, err
	}
	if c.bind == "" {
		return nil, options.Invalid("no endpoint: name one with WithBind")
	}
	return &Server{c: c, events: feed.NewQueue(feed.Config[Refusal]{
		Limit: 1000, Missed: func(n uint64) Refusal { return Refusal{N: n} },
	})}, nil
}

// Run binds, and works until ctx ends; then it returns nil. The table begins empty, and ends
// with Run, which may be called again when it has returned. When ctx has a zmq.Context, that
// has the sockets.
//
// Errors: those of Bind and of options; ErrRunning.
func (s *Server) Run(ctx context.Context) error {
	if !s.running.TryLock() {
		return ErrRunning
	}
	defer s.running.Unlock()
	defer base.List("clone server", s.c.bind, func() any { return s.Stats() })()
	r := &run{s: s, t: newTable(s.c), waiting: map[string]*snapshot{}}
	defer func() {
		for _, k := range []*zmq.Socket{r.snapshots, r.changes, r.updates} {
			if k != nil {
				_ = k.Close() // no linger: clients ask again
			}
		}
	}()
	if err := r.open(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	if err := r.serve(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// Events returns what is dropped from this call on, over all runs, until ctx ends. What
// waits for a slow reader is bounded by 1,000 events; it is told how many it has missed.
// Ranging again goes on where the first loop stopped.
func (s *Server) Events(ctx context.Context) iter.Seq[Refusal] { return s.events.Events(ctx) }

// Stats returns the counters as they stand.
func (s *Server) Stats() ServerStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// run is one Run.
type run struct {
	s                           *Server
	t                           *table
	snapshots, changes, updates *zmq.Socket
	waiting                     map[string]*snapshot // by routing id
}

// snapshot is what a client is still to be sent.
type snapshot struct {
	subtree string
	entries []*entry
	seq     uint64
}

// maxWaiting bounds the snapshots under way; who asks beyond asks again.
const maxWaiting = 4096

func (r *run) open(ctx context.Context) (err error) {
	all, err := ports(r.s.c.bind)
	if err != nil {
		return err
	}
	make := func(typ zmq.Type, endpoint string, opts ...zmq.Option) (*zmq.Socket, error) {
		k, err := zmq.New(ctx, typ, append(append(opts, zmq.WithLinger(0)), r.s.c.Socket...)...)
		if err == nil {
			_, err = k.Bind(endpoint)
		}
		return k, err
	}
	if r.snapshots, err = make(zmq.Router, all[0], zmq.WithRouterMandatory(true), zmq.WithRouterNotify(zmq.NotifyDisconnect)); err != nil {
		return err
	}
	if r.changes, err = make(zmq.XPub, all[1], zmq.WithXPubVerbose(true)); err != nil {
		return err
	}
	if r.updates, err = make(zmq.Sub, all[2]); err != nil {
		return err
	}
	return r.updates.Subscribe("")
}

func (r *run) serve(ctx context.Context) error {
	ready := make(chan struct{}, 1)
	for _, k := range []*zmq.Socket{r.snapshots, r.changes, r.updates} {
		defer k.Notify(ready)()
	}
	beat := time.NewTicker(r.s.c.heartbeat)
	defer beat.Stop()
	for {
		err := errors.Join(drain(r.updates, r.update), drain(r.changes, r.subscribed), drain(r.snapshots, r.asked))
		if err != nil {
			return err
		}
		r.send()
		r.count(func(s *ServerStats) { s.Keys, s.Bytes = len(r.t.entries), r.t.bytes })
		var later <-chan time.Time
		if len(r.waiting) > 0 { // a client has no room: it is soon asked again
			later = time.After(5 * time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return nil
		case now := <-beat.C:
			for _, m := range r.t.expire(now) {
				r.publish(m)
				r.count(func(s *ServerStats) { s.Expired++ })
			}
			r.hug()
		case <-ready:
		case <-later:
		}
	}
}

// drain hands over what has arrived.
func drain(k *zmq.Socket, fn func([][]byte)) error {
	for {
		m, err := k.TryRecv()
		if errors.Is(err, zmq.ErrAgain) {
			return nil
		}
		if err != nil {
			return err
		}
		fn(m.Frames)
	}
}

func (r *run) count(fn func(*ServerStats)) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	fn(&r.s.stats)
}

func (r *run) refuse(key string, err error) {
	r.count(func(s *ServerStats) { s.Dropped++ })
	r.s.events.Publish(Refusal{Key: key, Err: err})
}

func (r *run) update(frames [][]byte) {
	out, err := r.t.apply(time.Now(), frames)
	if err != nil {
		r.refuse(string(frames[0]), err)
		return
	}
	r.publish(out)
	r.count(func(s *ServerStats) { s.Updates++ })
}

func (r *run) publish(frames [][]byte) { _ = r.changes.TrySend(msg.New(frames...)) } // who is slow is told

func (r *run) hug() { r.publish([][]byte{[]byte(hugz), make([]byte, 8), {}, {}, {}}) }

// subscribed is told of a subscription. A client that has subscribed to HUGZ, last, waits
// for one: then it knows that all its subscriptions have arrived.
func (r *run) subscribed(frames [][]byte) {
	if len(frames) == 1 && string(frames[0]) == "\x01"+hugz {
		r.hug()
	}
}

// asked takes a request for a snapshot: of the table at this moment.
func (r *run) asked(frames [][]byte) {
	from := string(frames[0])
	switch {
	case len(frames) == 2 && len(frames[1]) == 0: // it has gone
		delete(r.waiting, from)
	case len(frames) != 3 || string(frames[1]) != icanhaz || len(frames[2]) > maxKey:
		r.refuse("", fmt.Errorf("%w: a request of %d frames", ErrProtocol, len(frames)-1))
	case len(r.waiting) >= maxWaiting && r.waiting[from] == nil:
		r.refuse("", fmt.Errorf("%w: %d snapshots are under way", ErrFull, len(r.waiting)))
	default:
		subtree := string(frames[2])
		r.waiting[from] = &snapshot{subtree, r.t.under(subtree), r.t.seq}
	}
}

// send goes on with the snapshots, as far as the clients have room.
func (r *run) send() {
	for to, w := range r.waiting {
		for len(w.entries) > 0 && r.say(to, w.entries[0].key, w.entries[0].seq, w.entries[0].value) {
			w.entries = w.entries[1:]
		}
		if len(w.entries) == 0 && r.say(to, kthxbai, w.seq, []byte(w.subtree)) {
			delete(r.waiting, to)
			r.count(func(s *ServerStats) { s.Snapshots++ })
		}
	}
}

// say sends a client a part of its snapshot, if it has room. One that is gone wants none.
func (r *run) say(to, key string, seq uint64, value []byte) bool {
	frames := append([][]byte{[]byte(to)}, keyValue(key, seq, nil, nil, value)...)
	err := r.snapshots.TrySend(msg.New(frames...))
	if errors.Is(err, zmq.ErrHostUnreachable) {
		delete(r.waiting, to)
	}
	return err == nil
}
