package zmq

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/msg"
)

// monitorSocket feeds a socket with libzmq's events.
type monitorSocket struct {
	out     *Socket
	events  iter.Seq[Event]
	end     context.CancelFunc // of the events
	stopped bool               // MONITOR_STOPPED is wanted
	version int
}

// MonitorSocket binds a PAIR socket at an inproc endpoint, in the socket's
// Context, and sends it each event of the kinds in mask as libzmq does: a frame
// of six bytes (the event's number in two and its value in four, in the byte order
// of the machine), and a frame with the endpoint. A second call replaces the first
// monitor; an empty endpoint ends it. The last message is MONITOR_STOPPED, if the mask
// has it. Events that the PAIR's peer does not take in time are dropped and counted.
//
// Errors: *EndpointError, which matches ErrInvalidEndpoint (only inproc is possible) or
// ErrAddrInUse; ErrClosed.
func (s *Socket) MonitorSocket(endpoint string, mask EventMask) error {
	return s.MonitorSocketVersion(endpoint, mask, 1, Pair)
}

// MonitorSocketVersion is MonitorSocket with a choice. In version 2 an event is as
// many frames as it needs, each number in eight bytes of the machine's order: the
// event's number, how many values it has, each value, the local endpoint, and the
// remote one; where an end is not known the frame is empty. typ is the type of the
// socket that is bound: Pair, or in version 2 also Pub or Push. Version 1 knows the
// kinds of EventAll only. (zmq_socket_monitor_versioned(3))
//
// Errors: those of MonitorSocket, and ErrInvalidOption.
func (s *Socket) MonitorSocketVersion(endpoint string, mask EventMask, version int, typ Type) error {
	if s.closed.Load() {
		return s.closedErr()
	}
	if err := checkMonitor(mask, version, typ); err != nil {
		return err
	}
	old, _ := s.monitors.replace(nil)
	old.stop()
	if endpoint == "" {
		return nil
	}
	if !strings.HasPrefix(endpoint, "inproc://") {
		return endpointError("monitor", endpoint, mismatch("events go over inproc only"))
	}
	out, err := New(s.zc, typ, WithLinger(0))
	if err != nil {
		return err
	}
	if _, err := out.Bind(endpoint); err != nil {
		out.Close()
		var e *EndpointError
		if errors.As(err, &e) {
			e.Op = "monitor"
		}
		return err
	}
	ctx, end := context.WithCancel(context.Background())
	ms := &monitorSocket{out: out, events: s.Events(ctx, mask), end: end, stopped: mask&EventMonitorStopped != 0, version: version}
	late, ok := s.monitors.replace(ms)
	if !ok {
		end()
		out.Close()
		return s.closedErr()
	}
	late.stop() // one that came in meanwhile
	s.startMonitor(ctx, ms)
	return nil
}

func (s *Socket) startMonitor(ctx context.Context, ms *monitorSocket) {
	go func() {
		defer s.monitors.wg.Done()
		contain.Alone("monitor", func() { s.feedMonitor(ctx, ms) }, s.failed)
	}()
}

func checkMonitor(mask EventMask, version int, typ Type) error {
	switch {
	case version != 1 && version != 2:
		return fmt.Errorf("%w: monitor: version %d: must be 1 or 2", ErrInvalidOption, version)
	case version == 1 && mask > EventAll:
		return fmt.Errorf("%w: monitor: events %#x: version 1 has none above %#x", ErrInvalidOption, uint32(mask), uint32(EventAll))
	case typ != Pair && (version == 1 || typ != Pub && typ != Push):
		return fmt.Errorf("%w: monitor: version %d can't use a %s", ErrInvalidOption, version, typ)
	}
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

// feedMonitor sends events until the monitor is stopped. The socket then closes; what
// it has sent stays readable for its peer.
func (s *Socket) feedMonitor(ctx context.Context, ms *monitorSocket) {
	defer ms.out.Close()
	defer ms.end()
	for e := range ms.events {
		s.tellMonitor(ms, e)
	}
	if ctx.Err() != nil && ms.stopped { // it was ended before the socket was closed
		s.tellMonitor(ms, Event{Kind: EventMonitorStopped})
	}
}

func (s *Socket) tellMonitor(ms *monitorSocket, e Event) {
	m := eventFrames(e)
	if ms.version == 2 {
		m = eventFrames2(e)
	}
	if err := ms.out.TrySend(m); errors.Is(err, ErrAgain) {
		s.monitors.lost.Add(1)
	}
}

// stop ends a monitor socket, with MONITOR_STOPPED as its last message if that is
// wanted.
func (ms *monitorSocket) stop() {
	if ms == nil {
		return
	}
	ms.end()
	<-ms.out.ended
}

// eventFrames is libzmq's form of an event.
func eventFrames(e Event) msg.Msg {
	b := binary.NativeEndian.AppendUint16(nil, uint16(e.Kind))
	b = binary.NativeEndian.AppendUint32(b, e.Value)
	return msg.New(b, []byte(e.Endpoint))
}

// eventFrames2 is libzmq's form of an event in version 2.
func eventFrames2(e Event) msg.Msg {
	values := []uint64{uint64(e.Value)}
	if e.Kind == EventPipesStats {
		values = []uint64{uint64(e.Queued), uint64(e.Unread)}
	}
	m := msg.New(word64(uint64(e.Kind)), word64(uint64(len(values))))
	for _, v := range values {
		m.Append(word64(v))
	}
	local, remote := e.bothEnds()
	m.AppendString(local)
	m.AppendString(remote)
	return m
}

func word64(n uint64) []byte { return binary.NativeEndian.AppendUint64(nil, n) }

// bothEnds are the two ends of an event's connection: the endpoint on the side that it
// is of, and the address that the connection has on the other.
func (e Event) bothEnds() (local, remote string) {
	scheme, _, _ := strings.Cut(e.Endpoint, "://")
	if e.Dialled {
		return withScheme(scheme, e.Local), e.Endpoint
	}
	return e.Endpoint, withScheme(scheme, e.Remote)
}

func withScheme(scheme, address string) string {
	if address == "" || strings.Contains(address, "://") {
		return address
	}
	return scheme + "://" + address
}

// ReportPipes sends one event of kind EventPipesStats for each peer to the socket's
// monitors: how many messages wait to be written to it, and how many from it wait to
// be received. (zmq_socket_monitor_pipes_stats(3))
//
// Errors: ErrInvalidOption when nothing reads such events (libzmq: EINVAL), ErrAgain
// when there is no peer (libzmq: EAGAIN), ErrClosed.
func (s *Socket) ReportPipes() error {
	if s.closed.Load() {
		return s.closedErr()
	}
	if !s.monitors.wanted(EventPipesStats) {
		return fmt.Errorf("%w: no monitor of this socket reads PIPES_STATS: call Events or MonitorSocketVersion first", ErrInvalidOption)
	}
	peers := s.Peers()
	if len(peers) == 0 {
		return ErrAgain
	}
	for _, p := range peers {
		s.monitors.publish(Event{
			Kind: EventPipesStats, Endpoint: p.Endpoint, Remote: p.Remote, Local: p.Local, Dialled: p.Dialled,
			Queued: p.Queued, Unread: p.Unread, Time: time.Now(),
		})
	}
	return nil
}
