package session

import (
	"fmt"
	"net"
	"testing"
	"time"
)

// from is a connection that only knows where it comes from.
type from struct {
	net.Conn
	addr string
}

func (f from) RemoteAddr() net.Addr { return address(f.addr) }

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

func peerFrom(host string) *conn { return &conn{nc: from{addr: host + ":1"}} }

// From one address: as many as come are let be for a moment, and then but 64.
func TestHalfOpenAddress(t *testing.T) {
	var h halfOpen
	now := time.Unix(0, 0)
	var first *conn
	for i := range 100 {
		c := peerFrom("192.0.2.1")
		if i == 0 {
			first = c
		}
		if gone := h.add(c, now); len(gone) > 0 {
			t.Fatalf("peer %d drove out %d at once", i, len(gone))
		}
	}
	if !h.crowded() {
		t.Error("100 from one address are no crowd")
	}
	gone := h.trim(now.Add(halfOpenGrace))
	if len(gone) != 100-maxHalfOpenAddress || gone[0] != first {
		t.Errorf("%d had to go", len(gone))
	}
	if h.crowded() || h.order.Len() != maxHalfOpenAddress {
		t.Errorf("%d are left", h.order.Len())
	}
}

// A crowd from one address costs nobody else his place.
func TestHalfOpenSparesOthers(t *testing.T) {
	var h halfOpen
	now := time.Unix(0, 0)
	honest := peerFrom("192.0.2.9")
	h.add(honest, now)
	for range 500 {
		h.add(peerFrom("192.0.2.1"), now)
	}
	for _, c := range h.trim(now.Add(time.Minute)) {
		if c == honest {
			t.Fatal("the honest one had to go for the crowd")
		}
	}
	h.remove(honest)
	h.remove(honest)
	if h.order.Len() != maxHalfOpenAddress || h.byAddr["192.0.2.9"] != 0 {
		t.Errorf("%d are left", h.order.Len())
	}
}

// In all there are never more than the limit; the oldest goes, however young.
func TestHalfOpenTotal(t *testing.T) {
	var h halfOpen
	now := time.Unix(0, 0)
	var all []*conn
	for i := range maxHalfOpen + 10 {
		c := peerFrom(fmt.Sprintf("10.0.%d.%d", i/200, i%200))
		all = append(all, c)
		gone := h.add(c, now)
		if want := i >= maxHalfOpen; (len(gone) == 1) != want || want && gone[0] != all[i-maxHalfOpen] {
			t.Fatalf("peer %d drove out %d", i, len(gone))
		}
	}
}
