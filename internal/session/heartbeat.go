package session

import (
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
)

// heartbeat finds out that a peer is dead although its connection is not (RFC 37,
// "Connection Heartbeating"). It runs on timers, without a goroutine of its own.
// Any bytes received count as a sign of life; while reading waits for room,
// silence is our own doing and does not count.
type heartbeat struct {
	c *conn

	mu    sync.Mutex
	ended bool
	ping  *time.Timer // next PING
	reply *time.Timer // the peer's answer is due
	ttl   *time.Timer // the peer promised another PING by then
}

func newHeartbeat(c *conn) *heartbeat { return &heartbeat{c: c} }

// begin starts our own PINGs, if they are wanted and the peer knows them.
func (h *heartbeat) begin() {
	if h.c.cfg.HeartbeatInterval <= 0 || h.c.result.Version < wire.V30 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ended {
		h.ping = time.AfterFunc(h.c.cfg.HeartbeatInterval, h.tick)
	}
}

func (h *heartbeat) tick() {
	seen := h.c.rx.Load() // before the PING goes out: its answer may be here at once
	ttl := uint16(min(h.c.cfg.HeartbeatTTL/(100*time.Millisecond), wire.MaxPingTTL))
	if h.c.pipe.Out.Control(wire.Command{Kind: wire.Ping, TTL: ttl}) {
		h.c.pipe.Kick()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return
	}
	h.ping.Reset(h.c.cfg.HeartbeatInterval)
	if h.reply == nil {
		h.deadline(&h.reply, h.timeout(), seen, errHeartbeat)
	}
}

func (h *heartbeat) timeout() time.Duration {
	if t := h.c.cfg.HeartbeatTimeout; t > 0 {
		return t
	}
	return h.c.cfg.HeartbeatInterval
}

// heardPing notes the time within which the peer promised to be heard again.
func (h *heartbeat) heardPing(ttl uint16) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return
	}
	if h.ttl != nil {
		h.ttl.Stop()
		h.ttl = nil
	}
	if ttl > 0 {
		h.deadline(&h.ttl, time.Duration(ttl)*100*time.Millisecond, h.c.rx.Load(), errTTL)
	}
}

// deadline sets *at to a timer that cuts the connection after d, unless more than
// seen is received until then. The caller holds mu.
func (h *heartbeat) deadline(at **time.Timer, d time.Duration, seen uint32, cause error) {
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		// Not under mu: stop waits for the reader, which may be telling of a PING.
		if h.silent(at, &t, seen) {
			h.c.stop(cause)
		}
	})
	*at = t
}

// silent reports whether nothing was received since seen. When something was, the
// timer *t has done its duty.
func (h *heartbeat) silent(at, t **time.Timer, seen uint32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return false
	}
	if h.c.rx.Load() == seen && !h.c.paused.Load() {
		return true
	}
	if *at == *t {
		*at = nil
	}
	return false
}

// end stops all timers.
func (h *heartbeat) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for _, t := range []*time.Timer{h.ping, h.reply, h.ttl} {
		if t != nil {
			t.Stop()
		}
	}
}
