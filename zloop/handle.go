package zloop

import (
	"slices"
	"sync/atomic"
)

// Handle is a source that is registered with a loop.
type Handle struct {
	loop    *Loop
	src     source
	key     any
	channel channel // src, when it is a channel; else nil
	unwatch func()  // ends the source's Notify
	stopped atomic.Bool
	err     error // guarded by loop.mu
}

// source is what a handle stands for. Its methods but start and halt are called
// on the loop's goroutine.
type source interface {
	// turn calls the handler once if there is something for it, and says so.
	// ended is set when there will never be anything again; err is the handler's.
	turn() (ran bool, ended, err error)

	start() // the loop runs; called with the loop's mu held
	halt()  // the loop runs no longer, or the handle has been stopped
}

// passive is the start and halt of sources without a goroutine.
type passive struct{}

func (passive) start() {}
func (passive) halt()  {}

// add registers src. watch, when not nil, has the source wake the loop; it
// begins before the loop first looks at the source.
func (l *Loop) add(key any, src source, watch func(chan<- struct{}) func()) *Handle {
	h := &Handle{loop: l, src: src, key: key, unwatch: func() {}}
	h.channel, _ = src.(channel)
	if watch != nil {
		h.unwatch = watch(l.wake)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handles = append(l.handles, h)
	if l.running {
		src.start()
	}
	l.rescan()
	return h
}

// Source returns what was registered: the socket, channel or connection.
func (h *Handle) Source() any { return h.key }

// Stop ends the handle: once Stop has returned on the loop's goroutine, the
// handler is not called any more. On another goroutine, a call that has begun may
// still be running. The source itself stays open. Stop may be called again.
func (h *Handle) Stop() { h.remove(nil) }

// Err returns why the source has ended the handle, and nil while it has not.
func (h *Handle) Err() error {
	h.loop.mu.Lock()
	defer h.loop.mu.Unlock()
	return h.err
}

// remove takes h out of the loop, and reports whether it was in.
func (h *Handle) remove(why error) bool {
	if !h.stopped.CompareAndSwap(false, true) {
		return false
	}
	l := h.loop
	l.mu.Lock()
	h.err = why
	if i := slices.Index(l.handles, h); i >= 0 {
		l.handles = slices.Delete(l.handles, i, i+1)
	}
	l.mu.Unlock()
	h.unwatch()
	h.src.halt()
	return true
}

// turn is the handle's share of a pass. keep says that it wants one in the next.
func (h *Handle) turn() (ran, keep bool, err error) {
	if h.stopped.Load() {
		return false, false, nil
	}
	ran, ended, err := h.src.turn()
	err = h.after(ended, err)
	return ran, (ran || h.channel != nil) && !h.stopped.Load(), err
}

// after does what follows a turn: it takes out a source that has ended.
func (h *Handle) after(ended, err error) error {
	if err != nil || ended == nil || !h.remove(ended) {
		return err
	}
	return h.loop.onEnd(h, ended)
}
