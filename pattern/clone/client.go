package clone

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/pattern/internal/base"
)

// EventKind says what has happened to a key.
type EventKind uint8

// The kinds of events.
const (
	Found   EventKind = iota + 1 // the key is new
	Changed                      // it has another value
	Lost                         // it was deleted
)

// String is the kind in lower case.
func (k EventKind) String() string {
	if k < Found || k > Lost {
		return "event " + strconv.Itoa(int(k))
	}
	return [...]string{"found", "changed", "lost"}[k-Found]
}

// Event says what has happened to a key. With Lost, the value is the one that was told
// last. The value belongs to all readers: nobody changes it.
type Event struct {
	Kind  EventKind
	Key   string
	Value []byte
}

// ClientStats are a client's counters, since NewClient.
type ClientStats struct {
	Keys      int // as things stand
	Snapshots uint64
	Changes   uint64 // heard
	Sets      uint64 // of this client, that were acknowledged
	Resent    uint64 // of this client, said again
	Lost      uint64 // times that the server was lost, or changes were missed
}

// String is one line for people: each counter that is not zero, with its name.
func (s ClientStats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s ClientStats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s ClientStats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }

// keyed is a key with its value, as the feed keeps it.
type keyed struct {
	key   string
	value []byte
}

// Client has a copy of the table. Its methods may be called from any goroutine.
type Client struct {
	c       *config
	servers [][3]string
	life    *lifetime.Life
	stop    context.CancelFunc
	leaves  func()        // the registry
	ended   chan struct{} // closed when the goroutine has ended
	table   *feed.Keyed[string, keyed, Event]
	updates chan *update

	mu     sync.Mutex
	synced chan struct{} // guarded by mu: closed while the table is that of a server
	why    error         // guarded by mu: why the last server was left

	snapshots, changes, sets, resent, lost atomic.Uint64
}

// update is a Set that is not acknowledged yet.
type update struct {
	frames [][]byte
	done   chan struct{} // closed when the server has it
	ctx    context.Context
}

// NewClient makes a client of one or more servers, which are tried in turn; each is named by
// the first of its ports: "tcp://server:5556". It lives until ctx ends or it is closed. When
// ctx has a zmq.Context, that has the sockets.
//
// Errors: ErrInvalidOption, also without servers.
func NewClient(ctx context.Context, servers []string, opts ...Option) (*Client, error) {
	c, err := newConfig(aClient, opts)
	if err != nil {
		return nil, err
	}
	k := &Client{c: c, updates: make(chan *update), synced: make(chan struct{}), ended: make(chan struct{})}
	for _, s := range servers {
		all, err := ports(s)
		if err != nil {
			return nil, err
		}
		k.servers = append(k.servers, all)
	}
	if len(k.servers) == 0 {
		return nil, options.Invalid("no servers: name one or more")
	}
	kinds := map[feed.Kind]EventKind{feed.Found: Found, feed.Changed: Changed, feed.Lost: Lost}
	k.table = feed.NewKeyed(
		func(a, b keyed) bool { return bytes.Equal(a.value, b.value) },
		func(c feed.Change[string, keyed]) Event { return Event{kinds[c.Kind], c.Value.key, c.Value.value} },
	)
	run, stop := context.WithCancel(ctx)
	k.stop = stop
	k.leaves = base.List("clone client", strings.Join(servers, ","), func() any { return k.Stats() })
	k.life = lifetime.New(ctx, "clone", k.end)
	go contain.Run("clone: client", func() error {
		contain.Probe("clone: client")
		k.run(run)
		return nil
	}, func(err error) {
		k.leave(err)
		close(k.ended)
	}, contain.Stray)
	return k, nil
}

func (k *Client) end(context.Context) error {
	k.stop()
	<-k.ended
	k.table.Close()
	k.leaves()
	return nil
}

// Close ends the calls under way with ErrClosed, and closes the sockets. What Get and All
// say stays. It may be called again.
func (k *Client) Close() error { return k.life.Close() }

// Shutdown is Close: nothing that was accepted waits.
func (k *Client) Shutdown(ctx context.Context) error { return k.life.Shutdown(ctx) }

// run has one session after the other.
func (k *Client) run(ctx context.Context) {
	pending := map[string]*update{}
	for n := 0; ctx.Err() == nil; n++ {
		err := k.session(ctx, k.servers[n%len(k.servers)], pending)
		if ctx.Err() != nil {
			return
		}
		k.leave(err)
		select {
		case <-ctx.Done():
		case <-time.After(k.c.heartbeat / 10):
		}
	}
}

// leave notes that the table is not a server's any more.
func (k *Client) leave(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.why = err
		k.lost.Add(1)
	}
	select {
	case <-k.synced:
		k.synced = make(chan struct{})
	default:
	}
}

// arrive notes that the table is a server's.
func (k *Client) arrive() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.snapshots.Add(1)
	select {
	case <-k.synced:
	default:
		close(k.synced)
	}
}

// WaitSynced waits until the table is that of a server. Where it waits in vain the error
// says why the last server was left.
func (k *Client) WaitSynced(ctx context.Context) error {
	k.mu.Lock()
	synced := k.synced
	k.mu.Unlock()
	select {
	case <-synced:
		return nil
	case <-k.ended:
		return ErrClosed
	case <-ctx.Done():
		return k.vain("no table yet", ctx.Err())
	}
}

// Synced reports whether the table is that of a server, as far as that is known.
func (k *Client) Synced() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case <-k.synced:
		return true
	default:
		return false
	}
}

// vain is the error of a call that waited in vain.
func (k *Client) vain(what string, err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.why != nil {
		return fmt.Errorf("clone: %s: %w (the last failure: %v)", what, err, k.why)
	}
	return fmt.Errorf("clone: %s: %w", what, err)
}

// Get returns a key's value, which belongs to all readers: nobody changes it.
func (k *Client) Get(key string) (value []byte, ok bool) {
	v, ok := k.table.Value(key)
	return v.value, ok
}

// All ranges over the keys and values as they were when the range began.
func (k *Client) All() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, v := range k.table.Values() {
			if !yield(v.key, v.value) {
				return
			}
		}
	}
}

// Events returns the table as Found, and then every change, until ctx ends or the client is
// closed. A reader that is slow misses steps, but not the outcome: what waits for it is
// bounded by the number of keys. Ranging again goes on where the first loop stopped.
func (k *Client) Events(ctx context.Context) iter.Seq[Event] { return k.table.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx it is
// the same channel. It is closed when ctx ends, or when the client is closed and all is
// received: whoever stops receiving before must end ctx.
func (k *Client) Chan(ctx context.Context) <-chan Event { return k.table.Chan(ctx) }

// Stats returns the counters as they stand.
func (k *Client) Stats() ClientStats {
	return ClientStats{
		Keys: k.table.Len(), Snapshots: k.snapshots.Load(), Changes: k.changes.Load(),
		Sets: k.sets.Load(), Resent: k.resent.Load(), Lost: k.lost.Load(),
	}
}

// Set gives a key a value, and returns when the server has it and this client has heard so.
// The value is copied; an empty one is Delete.
//
// Errors: ErrKey, ErrClosed, and ctx's, with the last failure: the server may have it then.
func (k *Client) Set(ctx context.Context, key string, value []byte) error {
	return k.SetTTL(ctx, key, value, 0)
}

// SetTTL is Set for a key that the server deletes after some time, unless it is set again.
// Time to live is counted in seconds, and rounded up; 0 is for ever.
func (k *Client) SetTTL(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if !strings.HasPrefix(key, k.c.subtree) {
		return fmt.Errorf("%w: %.40q is outside of the subtree %q", ErrKey, key, k.c.subtree)
	}
	if ttl < 0 || ttl > 1<<30*time.Second {
		return options.Invalid("time to live %v: must be 0 to %d seconds", ttl, 1<<30)
	}
	uuid := make([]byte, uuidSize)
	if _, err := rand.Read(uuid); err != nil {
		return err
	}
	var props []byte
	if ttl > 0 {
		props = fmt.Appendf(nil, "ttl=%d\n", (ttl+time.Second-1)/time.Second)
	}
	u := &update{frames: keyValue(key, 0, uuid, props, bytes.Clone(value)), done: make(chan struct{}), ctx: ctx}
	select {
	case k.updates <- u:
	case <-k.ended:
		return ErrClosed
	case <-ctx.Done():
		return k.vain("set "+key, ctx.Err())
	}
	select {
	case <-u.done:
		k.sets.Add(1)
		return nil
	case <-k.ended:
		return ErrClosed
	case <-ctx.Done():
		return k.vain("set "+key, ctx.Err())
	}
}

// Delete deletes a key. Errors are those of Set.
func (k *Client) Delete(ctx context.Context, key string) error { return k.Set(ctx, key, nil) }
