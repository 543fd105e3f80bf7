package mesh

import "time"

// plain takes what an unversioned peer says that a key has.
func (m *Mesh) plain(now time.Time, l *link, key, value string) {
	e := m.table[key]
	if e == nil {
		m.unheard(now, l, key, value)
		return
	}
	base, had := l.base[key]
	if again, told := l.known[key]; told {
		base, had = again, true
	}
	m.learn(l, key, value)
	if w := l.waits[key]; w != nil {
		m.awaited(now, l, e, w, value)
		return
	}
	switch {
	case view(e.version) == value:
		m.claim(e, l)
	case !l.dialled || l.phase == up:
		m.settle(now, l, key, value)
	case had && base != hash(value) && (e.deleted || base == hash(e.value)):
		m.settle(now, l, key, value) // it has changed there, and not here; or the deletion has not got there
	case !had && e.stamp == ageless && (version{stamp: ageless, value: value}).compare(e.version) > 0 && value != "":
		m.adopt(now, key, version{stamp: ageless, value: value}, l)
	}
	// In all other cases the own tuple stands, and the peer is told at the end of the
	// greeting.
}

// learn notes what a peer's cell has.
func (m *Mesh) learn(l *link, key, value string) {
	m.plains[l.id] = l
	l.known[key] = hash(value)
}

// unheard takes a key that is not in the table.
func (m *Mesh) unheard(now time.Time, l *link, key, value string) {
	if value == "" {
		return
	}
	m.learn(l, key, value)
	if l.dialled && l.phase == greeting {
		m.adopt(now, key, version{stamp: ageless, value: value}, l)
	} else {
		m.write(now, l, key, value)
	}
	if m.table[key] == nil { // there was no room
		l.forget(key)
	}
}

// laterMost bounds the bytes that are kept of what peers say while a write is under way.
const laterMost = 1 << 20

// awaited takes a value that has come while one is under way.
func (m *Mesh) awaited(now time.Time, l *link, e *entry, w *wait, value string) {
	if value == w.value {
		m.arrived(now, l, w)
		return
	}
	if w.later != nil {
		l.later -= len(*w.later)
	}
	w.later = &value
	l.later += len(value)
	e.remember(now, value, l.id, false)
	if l.later > laterMost {
		m.unechoed(now, l, w)
	}
}

// arrived ends a wait: the peer's cell has had the value.
func (m *Mesh) arrived(now time.Time, l *link, w *wait) {
	l.finish(w)
	e := m.table[w.key]
	if e == nil {
		return
	}
	if _, any := l.known[w.key]; !any || w.later == nil {
		m.learn(l, w.key, w.value)
	}
	if hash(view(e.version)) != l.known[w.key] {
		m.insist(now, l, w.key)
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
	l.finish(w)
	m.settle(now, l, w.key, *w.later)
}

// settle decides whether a value that differs is a new write, or an old one that has
// come round.
func (m *Mesh) settle(now time.Time, l *link, key, value string) {
	e := m.table[key]
	old, seen := e.recall(now, value)
	calm := e.pace.take(now, keyBurst, keyRate)
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
	m.mark(l, key)
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
	if m.set(now, key, v, until, l.id, false) {
		m.spread(now, key, l.id)
	}
}
