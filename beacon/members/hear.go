package members

import (
	"bytes"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/internal/rate"
	"github.com/go-zactor/zactor/internal/gate"
)

const (
	// queue is how many bytes of packets the system is asked to keep.
	queue = 2 << 20
	// defaultRate is how many packets a second are heard. A member sends another one some
	// ten a second, whatever their number.
	defaultRate = 4000
	// maxPacket is what UDP carries at most.
	maxPacket = 65536
)

// traffic counts what was not taken.
type traffic struct {
	limited atomic.Uint64 // packets above the rate, or above their address's share
	muted   atomic.Uint64 // times that the system was told to refuse an address for a second
	crowded atomic.Uint64 // connections above their address's share, or closed for another's
}

// listen hands packets on, of each address its share: of one that floods the system refuses
// all for a second, before the queue that all share.
func (t *transport) listen() {
	door, buf := gate.New(t.udp.Conn, nil), make([]byte, maxPacket)
	for wait := time.Duration(0); ; {
		n, from, err := t.udp.Conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			door.Expire(time.Now())
			_ = t.udp.Conn.SetReadDeadline(door.Until()) // the zero time is none
			continue
		case err != nil:
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			if !lan.Pause(t.ctx.Done(), wait) {
				return
			}
			continue
		}
		wait = 0
		now := time.Now()
		if verdict := t.limit.Hear(sourceOf(from), now); verdict != rate.Heard {
			t.count.limited.Add(1)
			if verdict == rate.Flood && door.Mute(from.Addr(), now.Add(lan.MuteFor)) {
				t.count.muted.Add(1)
				_ = t.udp.Conn.SetReadDeadline(door.Until())
			}
			continue
		}
		if n == 0 {
			continue
		}
		p := &memberlist.Packet{Buf: bytes.Clone(buf[:n]), From: net.UDPAddrFromAddrPort(from), Timestamp: now}
		select {
		case t.packets <- p:
		case <-t.ctx.Done():
			return
		}
	}
}
