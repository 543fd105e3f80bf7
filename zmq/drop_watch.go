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
	watched [dropReasons]atomic.Bool

	mu     sync.Mutex
	closed bool
	told   [dropReasons]uint64 // of how many
	timers [dropReasons]*time.Timer
}

// dropIDs are the events for the reasons.
var dropIDs = [dropReasons]logs.ID{
	dropHWM: logs.DroppedAtHWM, dropNoRoute: logs.DroppedNoRoute, dropPeerGone: logs.DroppedPeerGone,
	dropUnwanted: logs.DroppedUnwanted, dropMalformed: logs.DroppedMalformed, dropStale: logs.DroppedStale,
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
	if c.watch.since(why, c.drops[why].Load()) > 0 { // one came in between, and saw that it was watched
		c.watch.note(why)
	}
}

func (s *Socket) writeDrops(why dropReason) bool {
	total := s.stats.drops[why].Load()
	n := s.stats.watch.since(why, total)
	if n == 0 {
		return false
	}
	o := s.opts.get()
	if e, _ := logs.Events.Lookup(dropIDs[why]); o.log.Enabled(e.Level) {
		_ = contain.Apart("logger", func() {
			o.lines.Log(dropIDs[why], logs.Uint("dropped", n), logs.Uint("total", total))
		})
	}
	return true
}

// flushDrops writes what was not told of yet, and ends the watch.
func (s *Socket) flushDrops() {
	s.stats.watch.stop()
	for why := range dropReasons {
		s.writeDrops(why)
	}
}
