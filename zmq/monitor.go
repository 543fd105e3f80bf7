package zmq

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// monitorQueue is how many events wait for a slow monitor. More are dropped, and
// counted in Stats: events never hold a connection up.
const monitorQueue = 1024

// monitors are those who listen to a socket's events.
type monitors struct {
	mu     sync.Mutex
	list   map[*monitor]struct{}
	any    atomic.Bool
	closed bool
	lost   atomic.Uint64
	socket *monitorSocket // at most one, as in libzmq
	wg     sync.WaitGroup
}

type monitor struct {
	mask EventMask
	c    chan Event
}

func (ms *monitors) add(mask EventMask) *monitor {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	m := &monitor{mask: mask, c: make(chan Event, monitorQueue)}
	if ms.closed {
		close(m.c)
		return m
	}
	if ms.list == nil {
		ms.list = map[*monitor]struct{}{}
	}
	ms.list[m] = struct{}{}
	ms.any.Store(true)
	return m
}

func (ms *monitors) remove(m *monitor) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if _, ok := ms.list[m]; ok {
		delete(ms.list, m)
		close(m.c)
	}
	ms.any.Store(len(ms.list) > 0)
}

func (ms *monitors) publish(e Event) {
	if !ms.any.Load() {
		return
	}
	ms.mu.Lock()
	defer ms.mu.Unlock()
	for m := range ms.list {
		if m.mask&e.Kind == 0 {
			continue
		}
		select {
		case m.c <- e:
		default:
			ms.lost.Add(1)
		}
	}
}

// close ends all monitors, with MONITOR_STOPPED as their last event.
func (ms *monitors) close() {
	ms.publish(Event{Kind: EventMonitorStopped})
	ms.mu.Lock()
	ms.closed = true
	for m := range ms.list {
		delete(ms.list, m)
		close(m.c)
	}
	ms.any.Store(false)
	ms.mu.Unlock()
	ms.wg.Wait()
}

// Monitor returns an iterator over the socket's events of the kinds in mask, from
// the call on. It ends when ctx does or when the socket closes, whose last event
// is EventMonitorStopped. A monitor that is slow loses events (Stats counts them)
// and never slows the socket. (zmq_socket_monitor(3))
func (s *Socket) Monitor(ctx context.Context, mask EventMask) iter.Seq[Event] {
	m := s.monitors.add(mask)
	stop := context.AfterFunc(ctx, func() { s.monitors.remove(m) })
	return func(yield func(Event) bool) {
		defer stop()
		defer s.monitors.remove(m)
		for {
			select {
			case e, ok := <-m.c:
				if !ok || !yield(e) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// publicError makes an error of the lower rooms one of this package.
func publicError(err error) error {
	var proto *wire.ProtocolError
	var auth *wire.AuthError
	var refused *wire.RefusedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &proto):
		return &ProtocolError{Code: proto.Code, Reason: proto.Reason}
	case errors.As(err, &auth), errors.As(err, &refused):
		return fmt.Errorf("%w: %v", ErrAuth, err)
	case errors.Is(err, session.ErrServerKey):
		return fmt.Errorf("%w: %w", ErrServerKey, err)
	case errors.Is(err, session.ErrTooLarge):
		return fmt.Errorf("%w: %v", ErrMsgTooLarge, err)
	case errors.Is(err, session.ErrClosed):
		return ErrClosed
	}
	return err
}
