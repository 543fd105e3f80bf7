package session

import (
	"time"

	"github.com/go-zactor/zactor/internal/wire"
)

// This file is how a peer hears that we live while we do not read. Its PINGs stand in
// the kernel then, behind messages that there is no room for; it can't tell that from a
// process that has stopped, and would hang up on a program that is merely slow.

const (
	firstSign   = 100 * time.Millisecond // the time between two PINGs is not known yet
	mostSigns   = 50 * time.Millisecond
	fewestSigns = 5 * time.Second
)

// heardAt notes when a PING came. The caller holds mu.
func (h *heartbeat) heardAt(now time.Time) {
	if d := now.Sub(h.lastPing); !h.lastPing.IsZero() && (h.spacing == 0 || d < h.spacing) {
		h.spacing = max(d, 1)
	}
	h.lastPing = now
}

// signEvery is the time between two signs of life; 0 for a peer that has asked for none.
func (h *heartbeat) signEvery() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.lastPing.IsZero():
		return 0
	case h.spacing == 0:
		return firstSign
	}
	return min(max(h.spacing/2, mostSigns), fewestSigns)
}

// awaitRoom waits until the pipe may have room. A peer must not be taken for dead while
// it is we who do not listen, and one that sends PINGs gets a PONG now and then: as RFC 37
// has it any traffic is a sign of life.
func (c *conn) awaitRoom() error {
	var sign <-chan time.Time
	if every := c.beat.signEvery(); every > 0 {
		t := time.NewTicker(every)
		defer t.Stop()
		sign = t.C
	}
	c.paused.Store(true)
	for {
		select {
		case <-c.pipe.Room():
			c.paused.Store(false)
			c.rx.Add(1)
			return nil
		case <-c.done:
			return ErrClosed
		case <-sign:
			if c.pipe.Out.Control(wire.Command{Kind: wire.Pong}) {
				c.pipe.Flush()
			}
		}
	}
}
