package ready

// Watchers is the list behind a Watch method. The zero value is empty and costs
// one word. It has no lock: the owner's guards it.
type Watchers struct{ first *Watcher }

// Watcher is one entry of Watchers.
type Watcher struct {
	c    chan<- struct{}
	next *Watcher
}

// Add enters c.
func (l *Watchers) Add(c chan<- struct{}) *Watcher {
	l.first = &Watcher{c: c, next: l.first}
	return l.first
}

// Remove takes w off the list; it does nothing when w is not on it.
func (l *Watchers) Remove(w *Watcher) {
	for p := &l.first; *p != nil; p = &(*p).next {
		if *p == w {
			*p = w.next
			return
		}
	}
}

// Notify leaves a token with every watcher that has room for one. Who has no
// room has a token that it has not looked at yet.
func (l *Watchers) Notify() {
	for w := l.first; w != nil; w = w.next {
		select {
		case w.c <- struct{}{}:
		default:
		}
	}
}

// Empty reports whether nobody watches.
func (l *Watchers) Empty() bool { return l.first == nil }
