package pgm

import (
	"time"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/pgm/packet"
	"github.com/go-zactor/zactor/internal/pgm/stream"
)

// Config is what a socket says to its multicast endpoints.
type Config struct {
	Endpoint endpoint.Endpoint // of pgm or epgm
	Name     string            // what the socket calls it

	Rate     int           // kilobits a second
	Recovery time.Duration // how far back a sender can repeat
	Hops     int           // routers that packets may pass, and one more
	Loop     bool          // other sockets of this host hear what is sent
	TPDU     int           // the longest packet, IP header included

	SndBuf, RcvBuf int // of the kernel, in bytes; 0 or less: our own choice
	TOS            int // 0: our own choice

	Limits stream.Limits
	Budget int64 // bytes that a receiver keeps for the sake of order; 0: no limit
}

const (
	// What the layers below PGM add to a packet, and count for its rate. Native PGM
	// has no UDP header, but libzmq reckons with one.
	headers = 20 + 8
	// reserved is what libzmq leaves free in each packet for an option that it never
	// sends. Packets of ours are as long as its, whatever stands between.
	reserved = 20
	// MinTPDU and MaxTPDU bound Config.TPDU: a packet has some payload, and fits its
	// own length field.
	MinTPDU, MaxTPDU = 128, 65535

	// expedited is the type of service of PGM packets in libzmq.
	expedited = 0xb8
	// recvBuffer is asked of the kernel: multicast comes in bursts that nothing but
	// the sender's rate limits.
	recvBuffer = 1 << 20

	minBudget, maxBudget = 1 << 20, 1 << 30
)

// bytesPerSecond is the rate in bytes.
func (c *Config) bytesPerSecond() int { return max(c.Rate*1000/8, 1) }

// window is how many bytes a sender can repeat.
func (c *Config) window() int {
	return max(int(float64(c.bytesPerSecond())*c.Recovery.Seconds()), c.TPDU)
}

// payload is how long the payload of a data packet may be.
func (c *Config) payload() int { return c.TPDU - headers - reserved - packet.DataOverhead }

// budget is what a receiver may keep out of order: what senders like us can repeat.
func (c *Config) budget() int {
	n := max(c.window(), minBudget)
	if c.Budget > 0 {
		n = min(n, int(min(c.Budget, maxBudget)))
	}
	return min(n, maxBudget)
}
