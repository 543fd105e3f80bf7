package zmq

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
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

// monitorSocket feeds a PAIR socket with libzmq's two-frame events.
type monitorSocket struct {
	pair *Socket
	m    *monitor
}

// MonitorSocket binds a PAIR socket at an inproc endpoint, in the socket's
// Context, and sends it each event of the kinds in mask as libzmq does: a frame
// of six bytes (the event's number in two and its value in four, in the byte order
// of the machine), and a frame with the endpoint. A second call replaces the first
// monitor; an empty endpoint ends it. The last message is MONITOR_STOPPED. Events
// that the PAIR's peer does not take in time are dropped and counted.
//
// Errors: ErrInvalidEndpoint (only inproc is possible), ErrAddrInUse, ErrClosed.
func (s *Socket) MonitorSocket(endpoint string, mask EventMask) error {
	if s.closed.Load() {
		return ErrClosed
	}
	old, _ := s.monitors.replace(nil)
	old.stop(&s.monitors)
	if endpoint == "" {
		return nil
	}
	if !strings.HasPrefix(endpoint, "inproc://") {
		return fmt.Errorf("monitor: %w: %q: events go over inproc only", ErrInvalidEndpoint, endpoint)
	}
	pair, err := NewPair(s.zc, WithLinger(0))
	if err != nil {
		return err
	}
	if _, err := pair.Bind(endpoint); err != nil {
		pair.Close()
		return err
	}
	ms := &monitorSocket{pair: pair, m: s.monitors.add(mask | EventMonitorStopped)}
	late, ok := s.monitors.replace(ms)
	if !ok {
		pair.Close()
		return ErrClosed
	}
	late.stop(&s.monitors) // one that came in meanwhile
	go s.feed(ms)
	return nil
}

// replace makes ms the monitor socket, whose feed close will wait for; false when
// it is too late.
func (ms *monitors) replace(by *monitorSocket) (old *monitorSocket, ok bool) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	old, ms.socket = ms.socket, nil
	if ms.closed {
		return old, false
	}
	if ms.socket = by; by != nil {
		ms.wg.Add(1)
	}
	return old, true
}

// feed sends events until the monitor is stopped. The PAIR then closes; what it
// has sent stays readable for its peer.
func (s *Socket) feed(ms *monitorSocket) {
	defer s.monitors.wg.Done()
	defer ms.pair.Close()
	for e := range ms.m.c {
		if err := ms.pair.TrySend(eventFrames(e)); errors.Is(err, ErrAgain) {
			s.monitors.lost.Add(1)
		}
	}
}

// stop ends a monitor socket, with MONITOR_STOPPED as its last message.
func (m *monitorSocket) stop(ms *monitors) {
	if m == nil {
		return
	}
	ms.mu.Lock()
	if _, ok := ms.list[m.m]; ok {
		select {
		case m.m.c <- Event{Kind: EventMonitorStopped}:
		default:
		}
	}
	ms.mu.Unlock()
	ms.remove(m.m)
	<-m.pair.ended
}

// eventFrames is libzmq's form of an event.
func eventFrames(e Event) msg.Msg {
	b := binary.NativeEndian.AppendUint16(nil, uint16(e.Kind))
	b = binary.NativeEndian.AppendUint32(b, e.Value)
	return msg.New(b, []byte(e.Endpoint))
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
