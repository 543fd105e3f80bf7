package zloop

import (
	"context"
	"reflect"
	"time"
)

// sleep waits until there may be something to do.
func (l *Loop) sleep(ctx context.Context) error {
	if err := l.mayGoOn(); err != nil {
		return err // a handler of this pass has closed the loop
	}
	due, wait := l.untilNext()
	if wait && due <= 0 {
		return nil
	}
	var clock <-chan time.Time
	if wait {
		clock = l.setClock(due)
	}
	for _, h := range l.active { // only channels are left on it
		if h.channel != nil {
			return l.sleepOnChannels(ctx, clock)
		}
	}
	select {
	case <-l.wake:
		l.look = true
	case <-clock:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// untilNext is the time until the next timer, ticket or post is due; ok is false
// when there is none.
func (l *Loop) untilNext() (d time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.posts) > 0 {
		return 0, true
	}
	next, ok := l.nextTicket()
	if len(l.timers) > 0 && (!ok || l.timers[0].when.Before(next)) {
		next, ok = l.timers[0].when, true
	}
	if !ok {
		return 0, false
	}
	return time.Until(next), true
}

func (l *Loop) setClock(d time.Duration) <-chan time.Time {
	if l.clock == nil {
		l.clock = time.NewTimer(d)
	} else {
		l.clock.Reset(d)
	}
	return l.clock.C
}

// sleepOnChannels is sleep while users' channels are registered: how many there
// are is known only now, which is what package reflect is for. A value that is
// received goes to its handler at once, so that no handler of another source can
// stop the handle while the value is in our hand.
func (l *Loop) sleepOnChannels(ctx context.Context, clock <-chan time.Time) error {
	cases := []reflect.SelectCase{recvFrom(l.wake), recvFrom(clock), recvFrom(ctx.Done())}
	fixed := len(cases)
	handles := make([]*Handle, 0, len(l.active))
	for _, h := range l.active {
		if h.channel != nil && !h.stopped.Load() {
			cases = append(cases, h.channel.selectCase())
			handles = append(handles, h)
		}
	}
	switch i, v, ok := reflect.Select(cases); i {
	case 0:
		l.look = true
		return nil
	case 1:
		return nil
	case 2:
		return ctx.Err()
	default:
		h := handles[i-fixed]
		ended, err := h.channel.received(v, ok)
		return h.after(ended, err)
	}
}

func recvFrom(c any) reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}
}
