package zmq

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/logs"
)

// dropWatch tells of messages that are dropped: at once when it begins, and then once in
// a logs.Window how many more they were. A drop that has been told of costs one load.
type dropWatch struct {
	tell    func(dropReason)     // never changed; nil: nobody is told
	failed  func(*contain.Panic) // of a panic in tell; never changed
	watched [watchedReasons]atomic.Bool

	mu     sync.Mutex
	closed bool
	told   [watchedReasons]uint64 // of how many
	timers [watchedReasons]*time.Timer
}

// What is told in the same way, and is no drop of ours.
const (
	saidMissed     dropReason = dropReasons + iota // what a publisher says that we missed
	saidUnheeded                                   // subscriptions that were not entered, by us or by a publisher
	watchedReasons                                 // how many reasons there are
)

// said is how often something was said, and what was said last.
type said struct {
	times atomic.Uint64
	last  atomic.Pointer[Event]
}

// say notes what was said; as with drops, holders of any lock may.
func (c *counters) say(why dropReason, e Event) {
	said := &c.said[why-dropReasons]
	said.last.Store(&e)
	said.times.Add(1)
	c.watch.note(why)
}

// count is how often something happened that is watched.
func (c *counters) count(why dropReason) uint64 {
	if why < dropReasons {
		return c.drops[why].Load()
	}
	return c.said[why-dropReasons].times.Load()
}

// dropIDs are the events for the reasons.
var dropIDs = [watchedReasons]logs.ID{
	dropHWM: logs.DroppedAtHWM, dropNoRoute: logs.DroppedNoRoute, dropPeerGone: logs.DroppedPeerGone,
	dropUnwanted: logs.DroppedUnwanted, dropMalformed: logs.DroppedMalformed, dropStale: logs.DroppedStale, dropFlood: logs.DroppedFlood,
	saidMissed: logs.MessagesLost, saidUnheeded: logs.TopicRefused,
}

// note is called with each drop, by holders of any lock: it calls nobody.
func (w *dropWatch) note(why dropReason) {
	if w.watched[why].Load() || w.tell == nil || w.watched[why].Swap(true) {
		return
	}
	w.again(why, 0)
}

// again has tell be called after a time.
func (w *dropWatch) again(why dropReason, after time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.timers[why] = contain.AfterTime(after, "drops", func() { w.tell(why) }, func(p *contain.Panic) {
			w.failed(p)
			w.again(why, logs.Window)
		})
	}
}

// since is how many were dropped that were not told of yet.
func (w *dropWatch) since(why dropReason, total uint64) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := total - min(total, w.told[why])
	w.told[why] = total
	return n
}

// quiet takes all drops of a reason for told.
func (c *counters) quiet(why dropReason) { c.watch.since(why, c.drops[why].Load()) }

// stop ends the timers.
func (w *dropWatch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, t := range w.timers {
		if t != nil {
			t.Stop()
		}
	}
}

// tellDrops writes how many messages were dropped since it was last called, and looks
// again after a Window, until there were none in one.
func (s *Socket) tellDrops(why dropReason) {
	c := &s.stats
	if s.writeDrops(why) {
		c.watch.again(why, logs.Window)
		return
	}
	c.watch.watched[why].Store(false)
	if c.watch.since(why, c.count(why)) > 0 { // one came in between, and saw that it was watched
		c.watch.note(why)
	}
}

func (s *Socket) writeDrops(why dropReason) bool {
	total := s.stats.count(why)
	n := s.stats.watch.since(why, total)
	if n == 0 {
		return false
	}
	o := s.opts.get()
	if e, _ := logs.Events.Lookup(dropIDs[why]); o.log.Enabled(e.Level) {
		_ = contain.Apart("logger", func() {
			o.lines.Log(dropIDs[why], s.stats.details(why, n, total)...)
		})
	}
	return true
}

// details are the fields of a line.
func (c *counters) details(why dropReason, n, total uint64) []logs.Field {
	if why < dropReasons {
		fields := []logs.Field{logs.Uint("dropped", n), logs.Uint("total", total)}
		if from := c.flooder.Load(); why == dropFlood && from != nil {
			fields = append(fields, logs.Str("peer", from.String()))
		}
		return fields
	}
	e := c.said[why-dropReasons].last.Load()
	fields := []logs.Field{logs.Err(e.Err), logs.Str("endpoint", e.Endpoint)}
	if e.Remote != "" {
		fields = append(fields, logs.Str("peer", e.Remote))
	}
	if n > 1 {
		fields = append(fields, logs.Uint("times", n))
	}
	return fields
}

// flushDrops writes what was not told of yet, and ends the watch.
func (s *Socket) flushDrops() {
	s.stats.watch.stop()
	for why := range watchedReasons {
		s.writeDrops(why)
	}
}
