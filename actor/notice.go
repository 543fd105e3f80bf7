package actor

import (
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/logs"
)

// eventLimit is how many events wait for one reader.
const eventLimit = 10000

// events is a feed that is made when it is first asked for.
type events struct {
	feed atomic.Pointer[feed.Queue[Event]]
	mu   sync.Mutex // for making it
	over bool       // guarded by mu
}

func (e *events) queue() *feed.Queue[Event] {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f := e.feed.Load(); f != nil {
		return f
	}
	f := feed.NewQueue(feed.Config[Event]{
		Limit:  eventLimit,
		Missed: func(n uint64) Event { return Event{Kind: Missed, N: n} },
	})
	if e.over {
		f.Close()
	}
	e.feed.Store(f)
	return f
}

// publish tells those who listen. It never waits for them.
func (e *events) publish(ev Event) {
	if f := e.feed.Load(); f != nil {
		f.Publish(ev)
	}
}

// wanted reports whether anybody listens.
func (e *events) wanted() bool {
	f := e.feed.Load()
	return f != nil && f.Wanted(feed.All)
}

// close ends all subscriptions; what waits can still be read.
func (e *events) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
	if f := e.feed.Load(); f != nil {
		f.Close()
	}
}

// listened reports whether anybody is told what happens to u.
func (u *unit) listened() bool {
	return u.child != nil && u.child.sup.events.wanted() || u.registry != nil && u.registry.events.wanted() ||
		u.child == nil && u.log.Enabled(logs.Warn)
}

// tell publishes what has happened to u, under its name.
func (u *unit) tell(e Event) {
	e.Child = u.name
	if u.child != nil {
		u.child.sup.events.publish(e)
	}
	if u.registry != nil {
		u.registry.events.publish(e)
	}
	// Event.write needs more stack than a new goroutine has: without a log, to grow it
	// would be a third of what a New costs.
	if u.child == nil && u.log != (logs.Logger{}) {
		if e.Child == "" && u.log.Enabled(e.level()) {
			e.Child = u.Name()
		}
		e.write(u.log)
	}
}
