package logs

import (
	"fmt"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
)

// Window is how long one event with one key is logged once.
const Window = 10 * time.Second

// maxKeys bounds how many keys are told apart, since peers choose them. Events beyond
// it share one key.
const (
	maxKeys   = 1024
	otherKeys = "others"
)

// Limited is Log for what a peer can make happen as often as it likes. The first event
// of an ID and a key is written at once; those of the next Window are counted, and at
// its end one line says "repeated N times". That goes on, with one line a Window, until
// a Window passes without any.
func (l Logger) Limited(id ID, key string, fields ...Field) {
	if l.to == nil {
		return
	}
	e := entry(id)
	if l.Enabled(e.Level) && l.to.limits.first(l.to, id, key) {
		l.to.write(2, e.Level, e.Title, id, fields)
	}
}

// Flush writes how often events were repeated that wait for the end of their Window.
// It is called where a socket or a node ends.
func (l Logger) Flush() {
	if l.to != nil {
		l.to.limits.flush()
	}
}

// limits are the events that were written in the last Window, and a timer that is set
// while some were not.
type limits struct {
	mu      sync.Mutex
	windows map[limitKey]*window // guarded by mu
	timer   *time.Timer          // guarded by mu; nil if it is not set
	rings   time.Time            // guarded by mu; when it does
	swept   time.Time            // guarded by mu; when forget looked last
}

type limitKey struct {
	id  ID
	key string
}

// window is the time after a line.
type window struct {
	to       *sinks
	end      time.Time
	repeated uint64
}

// repetition is a line that says how often an event was repeated.
type repetition struct {
	limitKey
	to       *sinks
	repeated uint64
}

// first reports whether an event is to be written; otherwise it is counted.
func (m *limits) first(to *sinks, id ID, key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	w := m.window(limitKey{id, key}, now)
	w.to = to
	switch {
	case w.repeated == 0 && !now.Before(w.end):
		w.end = now.Add(Window)
		return true
	default:
		w.repeated++
		m.set(w.end)
		return false
	}
}

// window returns the window of a key, which is over if it was not there.
func (m *limits) window(k limitKey, now time.Time) *window {
	if w, ok := m.windows[k]; ok {
		return w
	}
	if len(m.windows) >= maxKeys && now.Sub(m.swept) >= Window/10 { // a flood of keys must not cost a sweep each
		m.forget(now)
	}
	if len(m.windows) >= maxKeys {
		k.key = otherKeys
		if w, ok := m.windows[k]; ok {
			return w
		}
	}
	if m.windows == nil {
		m.windows = make(map[limitKey]*window)
	}
	w := &window{end: now}
	m.windows[k] = w
	return w
}

// forget removes the windows that are over, in which nothing was repeated.
func (m *limits) forget(now time.Time) {
	m.swept = now
	for k, w := range m.windows {
		if w.repeated == 0 && !now.Before(w.end) {
			delete(m.windows, k)
		}
	}
}

// set has the timer ring at a time, or before if it does anyway.
func (m *limits) set(at time.Time) {
	switch {
	case m.timer == nil:
		m.timer = contain.AfterTime(time.Until(at), "log", m.ring, contain.Stray)
	case at.Before(m.rings):
		m.timer.Reset(time.Until(at))
	default:
		return
	}
	m.rings = at
}

// ring is called by the timer. It writes with nothing locked, each line apart: a logger
// that ends the goroutine loses that line, and not those behind it.
func (m *limits) ring() {
	for _, r := range m.over(time.Now()) {
		if contain.Apart("logger", r.write) != nil {
			r.to.panics.Add(1)
		}
	}
}

// over takes what was repeated in the windows that are over. Each of these goes on for
// another Window. It sets the timer for the others.
func (m *limits) over(now time.Time) (list []repetition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.timer = nil
	for k, w := range m.windows {
		switch {
		case w.repeated == 0:
		case now.Before(w.end):
			m.set(w.end)
		default:
			list = append(list, repetition{k, w.to, w.repeated})
			w.repeated, w.end = 0, now.Add(Window)
		}
	}
	m.forget(now)
	return list
}

func (m *limits) flush() {
	m.mu.Lock()
	var list []repetition
	for k, w := range m.windows {
		if w.repeated > 0 {
			list = append(list, repetition{k, w.to, w.repeated})
		}
	}
	clear(m.windows)
	if m.timer != nil {
		m.timer.Stop()
		m.timer = nil
	}
	m.mu.Unlock()
	for _, r := range list {
		r.write()
	}
}

func (r repetition) write() {
	e := entry(r.id)
	text := fmt.Sprintf("%s: repeated %d times", e.Title, r.repeated)
	r.to.write(2, e.Level, text, r.id, []Field{Str("key", r.key), Uint("repeated", r.repeated)})
}
