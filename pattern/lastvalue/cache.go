package lastvalue

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Cache has the last value of each topic. Make it with New; subscribers are served while
// its Run works. Its other methods may be called from any goroutine.
type Cache struct {
	c       *config
	events  *feed.Queue[Event]
	running sync.Mutex

	mu    sync.Mutex
	table *table
	stats Stats

	// Of a Run; guarded by mu as well.
	xpub    *zmq.Socket // nil: none runs
	subs    map[msg.PeerID]*subscriber
	walking map[*subscriber]struct{} // that are not live
	index   pattern.SubIndex[*subscriber]
	bound   addresses
	opened  chan struct{} // closed when bound is there
}

// addresses are what a Run has bound.
type addresses struct{ subscribers, sources []string }

// New makes a Cache. Nothing is bound before Run; values may be published before it.
//
// Errors: ErrInvalidOption, also without WithBind.
func New(opts ...Option) (*Cache, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if len(c.bind) == 0 {
		return nil, options.Invalid("no endpoint: name one or more with WithBind")
	}
	return &Cache{c: c, events: newEvents(), table: newTable(c.topics, c.bytes, c.evict), opened: make(chan struct{})}, nil
}

// Publish makes a message the last value of its topic, which is its first frame, and sends
// it to all who have subscribed to it. It never waits: who has no room gets this value, or
// a newer one, later. The frames are copied.
//
// Errors: ErrTopic, ErrFull. With an error nobody gets it.
func (c *Cache) Publish(m msg.Msg) error {
	frames := m.Clone().Frames
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.publish(frames)
}

func (c *Cache) publish(frames [][]byte) error {
	e, old, evicted, err := c.table.put(frames)
	if err != nil {
		c.stats.Refused++
		return err
	}
	c.stats.Published++
	for _, v := range evicted {
		c.stats.Evicted++
		c.events.Publish(Event{Kind: Evicted, Topic: v.topic})
	}
	if c.xpub == nil {
		return nil
	}
	c.spread(e, old)
	return nil
}

// spread sends a new value to those who are live. The others meet it on their walk.
func (c *Cache) spread(e, old *entry) {
	var gone []*subscriber
	list, _ := c.index.Match(e.frames[0])
	for _, k := range list {
		s := k.Value
		if !s.live {
			if old != nil && old.seq > max(s.cursor, s.done) {
				c.stats.Skipped++
			}
			continue
		}
		switch c.send(s, e) {
		case full:
			s.fell(e.seq)
			c.walking[s] = struct{}{}
			c.tellBehind(s)
		case away:
			gone = append(gone, s)
		}
	}
	for _, s := range gone {
		c.forget(s)
	}
}

// answer is what became of a value for one subscriber.
type answer uint8

const (
	passed answer = iota // it is queued, or can't be sent to anyone
	full
	away // the subscriber is
)

// send sends one subscriber a value.
func (c *Cache) send(s *subscriber, e *entry) answer {
	err := c.xpub.TrySendTo(s.id, msg.New(e.frames...))
	switch {
	case err == nil:
		c.stats.Sent++
	case errors.Is(err, zmq.ErrAgain):
		return full
	case errors.Is(err, zmq.ErrMsgTooLarge):
		c.refuse(e.topic, s.address, err)
	default:
		return away
	}
	return passed
}

// walk goes on with those who are not live, each for a part of its way. It reports whether
// one of them has room for more.
func (c *Cache) walk() (more bool) {
	c.mu.Lock()
	all := slices.Collect(maps.Keys(c.walking))
	c.mu.Unlock()
	for _, s := range all {
		c.mu.Lock()
		if _, ok := c.walking[s]; ok {
			more = c.step(s) || more
		}
		c.mu.Unlock() // publishers do not wait for all of them
	}
	return more
}

// step walks for one subscriber, and reports whether there is more that it has room for.
func (c *Cache) step(s *subscriber) (more bool) {
	at := c.table.after(s.cursor)
	for range walkAtOnce {
		if at == len(c.table.log) {
			if s.arrive(c.table.seq) {
				delete(c.walking, s)
				c.tellCaughtUp(s)
				return false
			}
			return true
		}
		place := c.table.log[at]
		if place.e != nil && s.wants(place.e, c.c.repeat) {
			switch c.send(s, place.e) {
			case full:
				c.tellBehind(s)
				return false
			case away:
				c.forget(s)
				return false
			}
		}
		s.cursor = place.seq
		at++
	}
	return true
}

func (c *Cache) tellBehind(s *subscriber) {
	if !s.behind {
		s.behind = true
		c.events.Publish(Event{Kind: Behind, Peer: s.address})
	}
}

func (c *Cache) tellCaughtUp(s *subscriber) {
	if s.behind {
		s.behind = false
		c.events.Publish(Event{Kind: CaughtUp, Peer: s.address})
	}
}

func (c *Cache) refuse(topic, peer string, err error) {
	c.stats.Refused++
	c.events.Publish(Event{Kind: Refused, Topic: topic, Peer: peer, Err: err})
}

// Get returns the last value of a topic, with the topic as its first frame, in frames of
// the caller's own.
func (c *Cache) Get(topic string) (m msg.Msg, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.table.entries[topic]
	if e == nil {
		return msg.Msg{}, false
	}
	return msg.New(e.frames...).Clone(), true
}

// Forget takes a topic out, and reports whether it was there. Subscribers are told
// nothing; who comes later does not get it.
func (c *Cache) Forget(topic string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.table.entries[topic]
	if e != nil {
		c.table.remove(e)
	}
	return e != nil
}

// Endpoints waits until Run has bound, and returns the real endpoints for subscribers, in
// the order of WithBind: with the port, where a wildcard left it open.
func (c *Cache) Endpoints(ctx context.Context) ([]string, error) {
	a, err := c.addresses(ctx)
	return a.subscribers, err
}

// Sources is Endpoints for those of WithSourceBind.
func (c *Cache) Sources(ctx context.Context) ([]string, error) {
	a, err := c.addresses(ctx)
	return a.sources, err
}

func (c *Cache) addresses(ctx context.Context) (addresses, error) {
	for {
		c.mu.Lock()
		up, a, opened := c.xpub != nil, c.bound, c.opened
		c.mu.Unlock()
		if up {
			return addresses{append([]string(nil), a.subscribers...), append([]string(nil), a.sources...)}, nil
		}
		select {
		case <-opened:
		case <-ctx.Done():
			return addresses{}, ctx.Err()
		}
	}
}

// Events returns what happens from this call on, over all runs, until ctx ends. What waits
// for a slow reader is bounded by 1,000 events; it is told how many it has missed. Ranging
// again goes on where the first loop stopped.
func (c *Cache) Events(ctx context.Context) iter.Seq[Event] { return c.events.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx it is
// the same channel. It is closed when ctx ends.
func (c *Cache) Chan(ctx context.Context) <-chan Event { return c.events.Chan(ctx) }

// Stats returns the counters as they stand.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Topics, s.Bytes = len(c.table.entries), c.table.bytes
	s.Subscribers, s.Behind = len(c.subs), len(c.walking)
	return s
}
