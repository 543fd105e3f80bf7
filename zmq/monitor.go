package zmq

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/feed"
)

// monitorQueue is how many events wait for a slow reader. More are dropped, and
// counted in Stats: events never hold a connection up.
const monitorQueue = 1024

// monitors are those who read a socket's events.
type monitors struct {
	feed *feed.Queue[Event]
	lost atomic.Uint64 // what the monitor socket's peer did not take in time

	mu     sync.Mutex
	closed bool           // guarded by mu
	socket *monitorSocket // guarded by mu; at most one, as in libzmq
	wg     sync.WaitGroup // its goroutine
}

func (ms *monitors) init() {
	ms.feed = feed.NewQueue(feed.Config[Event]{
		Limit: monitorQueue,
		Kind:  func(e Event) uint64 { return uint64(e.Kind) },
	})
}

// wanted reports whether any reader wants events of a kind.
func (ms *monitors) wanted(kind EventMask) bool { return ms.feed.Wanted(uint64(kind)) }

func (ms *monitors) publish(e Event) { ms.feed.Publish(e) }

func (ms *monitors) eventsLost() uint64 { return ms.feed.Lost() + ms.lost.Load() }

// close ends all subscriptions, with MONITOR_STOPPED as their last event.
func (ms *monitors) close() {
	ms.mu.Lock()
	ms.closed = true
	ms.mu.Unlock()
	ms.feed.Close(Event{Kind: EventMonitorStopped})
	ms.wg.Wait()
}

// Events returns the socket's events of the given kinds, of all kinds when none is
// given, from this call on. The subscription ends with ctx, ranged or not, and when the
// socket has closed, with EventMonitorStopped as its last event; ranging a second time
// goes on where the first stopped. A slow reader loses events, which Stats counts, and
// never slows the socket. (zmq_socket_monitor(3))
func (s *Socket) Events(ctx context.Context, kinds ...EventMask) iter.Seq[Event] {
	return s.monitors.feed.EventsOf(ctx, uint64(maskOf(kinds)))
}

func maskOf(kinds []EventMask) (mask EventMask) {
	if len(kinds) == 0 {
		return EventAllV2
	}
	for _, k := range kinds {
		mask |= k
	}
	return mask
}
