package zloop

import (
	"fmt"
	"reflect"
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
	err     error             // guarded by loop.mu
	onEnd   func(error) error // guarded by loop.mu; nil for the loop's
}

// source is what a handle stands for. Its methods but start and halt are called
// on the loop's goroutine.
type source interface {
	// turn calls the handler once if there is something for it, and says so.
	// ended is set when there will never be anything again; err is the handler's.
	turn() (ran bool, ended, err error)

	start()          // the loop runs; called with the loop's mu held
	halt(final bool) // the loop runs no longer; final: or the handle has been stopped
}

// passive is the start and halt of sources without a goroutine.
type passive struct{}

func (passive) start()    {}
func (passive) halt(bool) {}

// passiveSource is the source of a handle that was refused.
type passiveSource struct{ passive }

func (passiveSource) turn() (ran bool, ended, err error) { return false, nil, nil }

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
	if why := l.mayAdd(h); why != nil {
		h.err = why
		h.stopped.Store(true)
		h.unwatch()
		return h
	}
	l.handles = append(l.handles, h)
	if l.running {
		src.start()
	}
	l.rescan()
	return h
}

// maxChannels is how many channels one sleep can wait for: as many cases as
// reflect.Select takes, but for the loop's own.
const maxChannels = 65536 - 3

// mayAdd returns why h can't be added; the caller holds mu.
func (l *Loop) mayAdd(h *Handle) error {
	if l.closed {
		return ErrClosed
	}
	if h.channel == nil {
		return nil
	}
	if l.chans >= maxChannels {
		why := fmt.Errorf("%w: at most %d can be registered; have one goroutine Post what several deliver", ErrTooMany, maxChannels)
		l.refuseLocked(why)
		return why
	}
	l.chans++
	return nil
}

// refusedHandle is the handle of a source or handler that is nil.
func (l *Loop) refusedHandle(key any, what string) *Handle {
	h := &Handle{loop: l, src: passiveSource{}, key: key, unwatch: func() {}, err: fmt.Errorf("%w: %s", ErrHandler, what)}
	h.stopped.Store(true)
	l.refuse(h.err)
	return h
}

// isNil reports whether x is nil, or a nil pointer or channel in an interface.
func isNil(x any) bool {
	if x == nil {
		return true
	}
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Pointer, reflect.Chan, reflect.Func, reflect.Map, reflect.Slice:
		return v.IsNil()
	}
	return false
}

// OnEnd has fn called, as a handler of the loop, when the handle ends because its
// source did, in place of the loop's WithOnEnd; err says why. What fn returns is
// treated like any handler's error. It is for the handler, or before Run.
func (h *Handle) OnEnd(fn func(err error) error) *Handle {
	h.loop.mu.Lock()
	defer h.loop.mu.Unlock()
	h.onEnd = fn
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
		if h.channel != nil {
			l.chans--
		}
	}
	l.mu.Unlock()
	h.unwatch()
	h.src.halt(true)
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
	h.loop.mu.Lock()
	own := h.onEnd
	h.loop.mu.Unlock()
	if own != nil {
		return own(ended)
	}
	return h.loop.onEnd(h, ended)
}
