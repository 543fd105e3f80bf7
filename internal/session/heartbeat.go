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

	// The oldest PING that may be without an answer: when it went out, and what had
	// been received until then.
	asked   uint32
	askedAt time.Time
}

func newHeartbeat(c *conn) *heartbeat { return &heartbeat{c: c} }

// begin starts our own PINGs, if they are wanted and the peer knows them.
func (h *heartbeat) begin() {
	if h.c.cfg.HeartbeatInterval <= 0 || (h.c.result.Version < wire.V30 && !h.c.pulsed) {
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
	if h.reply == nil || seen != h.asked {
		h.asked, h.askedAt = seen, time.Now()
	}
	if h.reply == nil {
		h.reply = time.AfterFunc(h.timeout(), h.due)
	}
}

// due cuts the connection when a PING has had no answer in time.
func (h *heartbeat) due() {
	if h.unanswered() {
		h.c.stop(errHeartbeat) // not under mu: it waits for the reader
	}
}

func (h *heartbeat) unanswered() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return false
	}
	if h.c.rx.Load() != h.asked || h.c.paused.Load() {
		h.reply = nil // the next PING begins anew
		return false
	}
	if left := h.timeout() - time.Since(h.askedAt); left > 0 {
		h.reply.Reset(left) // the one that this was for has been answered
		return false
	}
	return true
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
		h.promise(time.Duration(ttl) * 100 * time.Millisecond)
	}
}

// promise cuts the connection after d, unless something is received until then. The
// caller holds mu.
func (h *heartbeat) promise(d time.Duration) {
	seen := h.c.rx.Load()
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		if h.broken(&t, seen) {
			h.c.stop(errTTL) // not under mu: it waits for the reader
		}
	})
	h.ttl = t
}

// broken reports whether nothing was received since seen. When something was, the
// timer *t has done its duty.
func (h *heartbeat) broken(t **time.Timer, seen uint32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return false
	}
	if h.c.rx.Load() == seen && !h.c.paused.Load() {
		return true
	}
	if h.ttl == *t {
		h.ttl = nil
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
