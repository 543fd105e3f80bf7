package feed

import (
	"context"
	"iter"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/contain"
)

// All is the mask of a reader that is told everything.
const All = ^uint64(0)

// backlog is what waits for one reader. The hub's lock guards it.
type backlog[E any] interface {
	// take removes the next event; more says that another one waits.
	take() (e E, ok, more bool)
}

// hub is what both kinds of feed share: who reads, and until when.
type hub[E any, B backlog[E]] struct {
	wanted atomic.Uint64 // what any reader wants: without readers an event costs one load
	done   chan struct{} // closed by close

	mu      sync.Mutex
	readers map[*reader[E, B]]struct{} // guarded by mu
	chans   map[chanKey]chan E         // guarded by mu
	closed  bool                       // guarded by mu
}

// chanKey says which Chan calls share a channel.
type chanKey struct {
	ctx  context.Context
	mask uint64
}

// reader is one subscription.
type reader[E any, B backlog[E]] struct {
	hub  *hub[E, B]
	ctx  context.Context // the subscription's life
	mask uint64
	news chan struct{} // holds a token while something may wait
	stop func() bool   // of AfterFunc

	backlog B    // guarded by hub.mu
	ended   bool // guarded by hub.mu; ctx has ended
}

func newHub[E any, B backlog[E]]() hub[E, B] {
	return hub[E, B]{
		done:    make(chan struct{}),
		readers: make(map[*reader[E, B]]struct{}),
		chans:   make(map[chanKey]chan E),
	}
}

// subscribe begins a subscription. fill makes what waits for it at the beginning,
// and is not called if it is over at once.
func (h *hub[E, B]) subscribe(ctx context.Context, mask uint64, fill func() B) *reader[E, B] {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.add(ctx, mask, fill)
}

// add is subscribe for a caller that holds mu.
func (h *hub[E, B]) add(ctx context.Context, mask uint64, fill func() B) *reader[E, B] {
	r := &reader[E, B]{hub: h, ctx: ctx, mask: mask, news: make(chan struct{}, 1)}
	if h.closed || ctx.Err() != nil {
		r.ended = true
		return r
	}
	r.backlog = fill()
	h.readers[r] = struct{}{}
	h.wanted.Or(mask)
	r.stop = contain.AfterFunc(ctx, "feed", r.end, contain.Stray)
	return r
}

// end is called when ctx has ended.
func (r *reader[E, B]) end() {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	r.leave()
}

// leave is end for a caller that holds the lock.
func (r *reader[E, B]) leave() {
	var none B
	r.ended, r.backlog = true, none
	if _, is := r.hub.readers[r]; !is {
		return
	}
	delete(r.hub.readers, r)
	wanted := uint64(0)
	for other := range r.hub.readers {
		wanted |= other.mask
	}
	r.hub.wanted.Store(wanted)
}

// close ends all subscriptions; what waits can still be read.
func (h *hub[E, B]) close(last func(*reader[E, B])) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	for r := range h.readers {
		last(r)
		r.stop() // a long context must not hold what was closed long ago
	}
	clear(h.readers)
	h.wanted.Store(0)
	h.closed = true
	close(h.done)
}

// wake tells those who wait that there is something to take.
func (r *reader[E, B]) wake() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// take removes the next event. Without one, over says that there will be none.
func (r *reader[E, B]) take() (e E, ok, over bool) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if r.ended {
		return e, false, true
	}
	e, ok, more := r.backlog.take()
	if more {
		r.wake() // one token may have to wake several goroutines
	}
	return e, ok, r.hub.closed
}

// next waits for an event; false says that the subscription is over.
func (r *reader[E, B]) next() (E, bool) {
	for r.ctx.Err() == nil {
		if e, ok, over := r.take(); ok || over {
			return e, ok
		}
		select {
		case <-r.news:
		case <-r.ctx.Done():
		case <-r.hub.done:
		}
	}
	var none E
	return none, false
}

func (r *reader[E, B]) seq() iter.Seq[E] {
	return func(yield func(E) bool) {
		for {
			e, ok := r.next()
			if !ok || !yield(e) {
				return
			}
		}
	}
}

// channel returns the channel of ctx and mask, and makes it if there is none.
func (h *hub[E, B]) channel(ctx context.Context, mask uint64, fill func() B) <-chan E {
	key := chanKey{ctx, mask}
	shared := reflect.ValueOf(ctx).Comparable() // a foreign context may not be
	h.mu.Lock()
	defer h.mu.Unlock()
	if shared {
		if c, ok := h.chans[key]; ok {
			return c
		}
	}
	c := make(chan E)
	r := h.add(ctx, mask, fill)
	if r.ended {
		close(c)
		return c
	}
	if shared {
		h.chans[key] = c
	}
	contain.Go("feed", func() {
		r.pump(c, func() {
			if shared {
				delete(h.chans, key)
			}
		})
	}, contain.Stray)
	return c
}

// pump hands a subscription's events to a channel. It is owned by the
// subscription's context, and by the feed, whose close ends it as soon as all is
// received. When an event can't be made, which panics, the subscription ends.
func (r *reader[E, B]) pump(c chan<- E, forget func()) {
	defer func() {
		r.hub.mu.Lock()
		defer r.hub.mu.Unlock()
		r.leave()
		forget()
		close(c)
	}()
	for {
		e, ok := r.next()
		if !ok {
			return
		}
		select {
		case c <- e:
		case <-r.ctx.Done():
			return
		}
	}
}
