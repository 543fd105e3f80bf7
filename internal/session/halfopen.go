package session

import (
	"container/list"
	"net"
	"time"
)

// A listener holds so many peers whose handshake is not done, in all and from one
// address. More from one address are let be for a moment, so that a thousand honest
// clients that come back at once, from one machine, all get in.
const (
	maxHalfOpen        = 1024
	maxHalfOpenAddress = 64
	halfOpenGrace      = 200 * time.Millisecond
)

// halfOpen keeps the peers of one listener that are not ready yet, oldest first.
// Who is too many drives out the oldest, so that a crowd of silent peers cannot
// keep an honest one from getting in.
type halfOpen struct {
	order  list.List // of *halfPeer
	at     map[*conn]*list.Element
	byAddr map[string]int
}

type halfPeer struct {
	c     *conn
	addr  string
	since time.Time
}

func addressOf(c *conn) string {
	host, _, err := net.SplitHostPort(c.peerAddress())
	if err != nil {
		return "" // local peers have no address; only the total bounds them
	}
	return host
}

// add notes a new peer, and returns those that have to go.
func (h *halfOpen) add(c *conn, now time.Time) (evicted []*conn) {
	if h.at == nil {
		h.at, h.byAddr = map[*conn]*list.Element{}, map[string]int{}
	}
	addr := addressOf(c)
	h.at[c] = h.order.PushBack(&halfPeer{c, addr, now})
	h.byAddr[addr]++
	return h.trim(now)
}

// trim takes out those who are too many, and returns them.
func (h *halfOpen) trim(now time.Time) (evicted []*conn) {
	for e := h.order.Front(); e != nil; {
		p := e.Value.(*halfPeer)
		e = e.Next()
		crowd := p.addr != "" && h.byAddr[p.addr] > maxHalfOpenAddress && now.Sub(p.since) >= halfOpenGrace
		if crowd || h.order.Len() > maxHalfOpen {
			evicted = append(evicted, p.c)
			h.remove(p.c)
		} else if now.Sub(p.since) < halfOpenGrace {
			break // and all that follow are younger
		}
	}
	return evicted
}

// crowded reports whether some address has too many peers who are still let be.
func (h *halfOpen) crowded() bool {
	for addr, n := range h.byAddr {
		if addr != "" && n > maxHalfOpenAddress {
			return true
		}
	}
	return false
}

// remove forgets a peer that is ready or gone.
func (h *halfOpen) remove(c *conn) {
	e, ok := h.at[c]
	if !ok {
		return
	}
	addr := h.order.Remove(e).(*halfPeer).addr
	delete(h.at, c)
	if h.byAddr[addr]--; h.byAddr[addr] <= 0 {
		delete(h.byAddr, addr)
	}
}

func (h *halfOpen) all() []*conn {
	all := make([]*conn, 0, len(h.at))
	for c := range h.at {
		all = append(all, c)
	}
	return all
}
