package mesh

import (
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
)

// sane is when clocks that have been set begin. One that has not can't judge others.
var sane = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// future reports whether a stamp is from too far ahead: it would win for too long.
func (m *Mesh) future(now time.Time, stamp uint64) bool {
	return now.After(sane) && stamp > uint64(now.Add(m.config.MaxMargin).UnixMicro()) || stamp >= 1<<62
}

// versioned takes a tuple of a peer of the own kind.
func (m *Mesh) versioned(now time.Time, l *link, f frame.Message) {
	v := version{f.Number, f.Deleted, f.Value}
	if m.future(now, v.stamp) {
		m.counters.Future++
		m.host.Refused(l.id, FromFuture)
		return
	}
	e := m.table[f.Key]
	if e == nil {
		e = newEntry(f.Key)
	}
	switch c := v.compare(e.version); {
	case c > 0:
		if !m.set(now, f.Key, v, m.endOf(now, f), l.id, true) {
			return
		}
		m.spread(now, f.Key, l.id)
	case c < 0 && l.phase == up:
		m.counters.Stale++
		m.insist(now, l, f.Key)
	case c == 0 && e.holder != nil:
		m.claim(e, l)
	}
	if l.theirs != nil && m.table[f.Key] != nil && len(l.theirs) < 2*m.config.MaxKeys {
		l.theirs[f.Key] = v.stamp
	}
}

// endOf is when a tuple ends. No deletion is remembered for longer than the own
// are, nor for ever.
func (m *Mesh) endOf(now time.Time, f frame.Message) time.Time {
	ttl := time.Duration(f.TTL) * time.Millisecond
	if f.Deleted && (ttl == 0 || ttl > m.config.Memory) {
		ttl = m.config.Memory
	}
	return after(now, ttl)
}
