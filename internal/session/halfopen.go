package session

import (
	"container/list"
	"net"
)

// A listener holds so many peers whose handshake is not done, in all and from
// one address.
const (
	maxHalfOpen        = 1024
	maxHalfOpenAddress = 64
)

// halfOpen keeps the peers of one listener that are not ready yet, oldest first.
// Whoever would be one too many drives out the oldest one, so that a crowd of
// silent peers cannot keep an honest one from getting in.
type halfOpen struct {
	order  list.List // of *halfPeer
	at     map[*conn]*list.Element
	byAddr map[string]int
}

type halfPeer struct {
	c    *conn
	addr string
}

func addressOf(c *conn) string {
	host, _, err := net.SplitHostPort(remoteOf(c.nc))
	if err != nil {
		return "" // local peers have no address; only the total bounds them
	}
	return host
}

// add notes a new peer, and returns the one that has to go for it, if any.
func (h *halfOpen) add(c *conn) (evicted *conn) {
	if h.at == nil {
		h.at, h.byAddr = map[*conn]*list.Element{}, map[string]int{}
	}
	addr := addressOf(c)
	switch {
	case addr != "" && h.byAddr[addr] >= maxHalfOpenAddress:
		evicted = h.oldest(addr)
	case h.order.Len() >= maxHalfOpen:
		evicted = h.oldest("")
	}
	if evicted != nil {
		h.remove(evicted)
	}
	h.at[c] = h.order.PushBack(&halfPeer{c, addr})
	h.byAddr[addr]++
	return evicted
}

func (h *halfOpen) oldest(addr string) *conn {
	for e := h.order.Front(); e != nil; e = e.Next() {
		if p := e.Value.(*halfPeer); addr == "" || p.addr == addr {
			return p.c
		}
	}
	return nil
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
