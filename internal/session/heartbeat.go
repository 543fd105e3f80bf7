package session

import (
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
)

// heartbeat finds out that a peer is dead although its connection is not (RFC 37,
// "Connection Heartbeating"). It runs on timers, without a goroutine of its own.
//
// What counts is what has happened, and not what was meant to. The clock of a PING
// starts when the kernel has taken it, and starts anew as long as bytes of ours stand in
// the kernel: a peer that takes its time with them is not silent, and whether it still
// takes any is for keep-alive and WithMaxRetransmit to find out. Any bytes received count
// as a sign of life. While reading waits for room, or has not come round to what the
// kernel holds for it, silence is our own doing and does not count.
type heartbeat struct {
	c *conn

	mu     sync.Mutex
	ended  bool
	queued bool        // a PING waits for the writer: another one would say no more
	ping   *time.Timer // next PING
	reply  *time.Timer // the peer's answer is due
	ttl    *time.Timer // the peer promised another PING by then

	// The oldest PING that may be without an answer: what had been received until it went
	// out, since when it is waited for, and what stood before it.
	asked   signs
	askedAt time.Time
	before  ahead

	// What is known of the peer's PINGs; see signs.go.
	lastPing time.Time
	spacing  time.Duration
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
		h.ping = h.after(h.c.cfg.HeartbeatInterval, h.tick)
	}
}

// after runs fn, which may ask a connection of the program's making, in a time. A panic
// ends the connection, and it alone.
func (h *heartbeat) after(d time.Duration, fn func()) *time.Timer {
	return contain.AfterTime(d, "heartbeat", fn, func(p *contain.Panic) {
		h.c.panicked(p)
		h.c.stop(p)
	})
}

// tick asks for a PING, unless the last one has not gone out yet: then there is no
// silence, since we have not asked.
func (h *heartbeat) tick() {
	if !h.mayAsk() {
		return
	}
	ttl := uint16(min(h.c.cfg.HeartbeatTTL/(100*time.Millisecond), wire.MaxPingTTL))
	if h.c.pipe.Out.Control(wire.Command{Kind: wire.Ping, TTL: ttl}) {
		h.c.pipe.Flush()
	}
}

// mayAsk reports that the next PING is to be queued, and sets the time of the one after.
func (h *heartbeat) mayAsk() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return false
	}
	h.ping.Reset(h.c.cfg.HeartbeatInterval)
	if h.queued || h.c.localPeerReads() {
		return false
	}
	h.queued = true
	return true
}

// asking is what the writer notes before it writes a PING.
type asking struct {
	seen signs // what was received until then: the answer may be here before the write returns
	read bool  // the peer has read all that was written before
}

// pinging is called by the writer that is about to write a PING.
func (h *heartbeat) pinging() asking {
	f, ok := transport.Look(bottom(h.c.nc))
	return asking{h.c.heard(), ok && f.Standing == 0}
}

// pinged is called when the kernel has taken a PING: its clock starts.
func (h *heartbeat) pinged(a asking) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queued = false
	if h.ended || h.c.cfg.HeartbeatInterval <= 0 {
		return
	}
	if h.reply == nil || a.seen != h.asked {
		h.asked, h.askedAt, h.before = a.seen, time.Now(), h.c.aheadOf(a, h.before.sent)
	}
	if h.reply == nil {
		h.reply = h.after(h.timeout(), h.due)
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
	if h.c.heard() != h.asked || h.c.paused.Load() {
		h.reply = nil // the next PING begins anew
		return false
	}
	left := h.timeout() + h.before.grace - time.Since(h.askedAt)
	if left > 0 {
		h.reply.Reset(left) // the one that this was for has been answered
		return false
	}
	if overslept(-left, h.timeout()) || h.c.unread() || h.c.standing(&h.before) {
		h.askedAt = time.Now()
		h.reply.Reset(h.timeout())
		return false
	}
	return true
}

// overslept reports that a timer for d is so late that it was this process that stood
// still, or had no processor: then the peer's answer may be just as late, and it is too
// early to blame the peer.
func overslept(late, d time.Duration) bool { return late > max(d/4, 50*time.Millisecond) }

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
	h.heardAt(time.Now())
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
	seen, at := h.c.heard(), time.Now().Add(d)
	var t *time.Timer
	t = h.after(d, func() {
		if h.broken(&t, d, at, seen) {
			h.c.stop(errTTL) // not under mu: it waits for the reader
		}
	})
	h.ttl = t
}

// broken reports whether nothing was received since seen. When something was, the
// timer *t has done its duty. When it was we who did not listen, the time begins anew.
func (h *heartbeat) broken(t **time.Timer, d time.Duration, at time.Time, seen signs) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	late := h.c.paused.Load() || h.c.unread() || overslept(time.Since(at), d)
	switch {
	case h.ended || h.ttl != *t:
		return false
	case h.c.heard() == seen && !late:
		return true
	case late:
		h.promise(d)
	default:
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
