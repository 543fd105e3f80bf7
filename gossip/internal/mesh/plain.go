package mesh

import "time"

// plain takes what an unversioned peer says that a key has.
func (m *Mesh) plain(now time.Time, l *link, key, value string) {
	e := m.table[key]
	if e == nil && (value == "" || !m.room()) {
		return
	}
	base, had := l.base[key]
	if again, told := l.known[key]; told {
		base, had = again, true
	}
	l.known[key] = value
	if w := l.waits[key]; w != nil {
		m.awaited(now, l, e, w, value)
		return
	}
	switch {
	case e == nil && l.dialled && l.phase == greeting:
		m.adopt(now, key, version{stamp: ageless, value: value}, l)
	case e == nil:
		m.write(now, l, key, value)
	case view(e.version) == value:
	case !l.dialled || l.phase == up:
		m.settle(now, l, key, value)
	case had && base != value && base == view(e.version):
		m.settle(now, l, key, value) // it has changed there, and not here
	case !had && e.stamp == ageless && (version{stamp: ageless, value: value}).compare(e.version) > 0 && value != "":
		m.adopt(now, key, version{stamp: ageless, value: value}, l)
	}
	// In all other cases the own tuple stands, and the peer is told at the end of the
	// greeting.
}

func (m *Mesh) room() bool {
	if len(m.table) < m.config.MaxKeys {
		return true
	}
	m.counters.KeysFull++
	return false
}

// awaited takes a value that has come while one is under way.
func (m *Mesh) awaited(now time.Time, l *link, e *entry, w *wait, value string) {
	if value != w.value {
		w.later = &value
		if e != nil {
			e.remember(now, value, l.id, false)
		}
		return
	}
	m.arrived(now, l, w)
}

// arrived ends a wait: the peer's cell has had the value.
func (m *Mesh) arrived(now time.Time, l *link, w *wait) {
	w.over = true
	delete(l.waits, w.key)
	if _, any := l.known[w.key]; !any || w.later == nil {
		l.known[w.key] = w.value
	}
	if e := m.table[w.key]; e != nil && view(e.version) != l.known[w.key] {
		l.mark(w.key)
		m.flush(now, l)
	}
}

// unechoed ends a wait whose value the peer had already: what it said since is newer.
func (m *Mesh) unechoed(now time.Time, l *link, w *wait) {
	if w.over {
		return
	}
	e := m.table[w.key]
	if w.later == nil || e == nil || *w.later == view(e.version) {
		m.arrived(now, l, w)
		return
	}
	w.over = true
	delete(l.waits, w.key)
	m.settle(now, l, w.key, *w.later)
}

// settle decides whether a value that differs is a new write, or an old one that has
// come round.
func (m *Mesh) settle(now time.Time, l *link, key, value string) {
	e := m.table[key]
	old, seen := e.recall(now, value)
	calm := e.quota.take(now, keyBurst, keyRate)
	switch {
	case value == "" && !e.until.IsZero() && !e.deleted:
		m.insist(now, l, key) // it ends by itself, or is renewed
	case !calm || seen && !old.final && old.from != l.id:
		m.counters.Contests++
		if value > view(e.version) {
			m.write(now, l, key, value)
		} else {
			m.insist(now, l, key)
		}
	case seen && old.final:
		m.counters.Stale++
		m.insist(now, l, key)
	default:
		m.write(now, l, key, value)
	}
}

// insist tells the peer what this node has.
func (m *Mesh) insist(now time.Time, l *link, key string) {
	l.mark(key)
	m.flush(now, l)
}

// write takes a value as a new one. An empty value deletes: it is how a deletion
// looks to those who have no word for it.
func (m *Mesh) write(now time.Time, l *link, key, value string) {
	m.adopt(now, key, version{stamp: m.stamp(now, m.table[key]), value: value, deleted: value == ""}, l)
}

// adopt takes a version from an unversioned peer.
func (m *Mesh) adopt(now time.Time, key string, v version, l *link) {
	until := time.Time{}
	if v.deleted {
		until = now.Add(m.config.Memory)
	}
	m.set(now, key, v, until, l.id, false)
	m.spread(now, key, l.id)
}
