package ws

import (
	"math"
	"net"
	"sync"
	"syscall"

	"github.com/go-zactor/zactor/internal/transport"
)

// gauge is what a Write goes through that tells how far it came.
type gauge struct {
	outlet transport.Outlet
	nc     net.Conn
	raw    syscall.RawConn
	out    *outbound
	told   func(n int64)
	pieces [2][]byte
}

var gauges = sync.Pool{New: func() any {
	g := new(gauge)
	g.outlet.Stalled = g.stalled
	return g
}}

// WriteTold is Write, and tells how much of p is written each time the kernel takes no
// more for now.
func (c *Conn) WriteTold(p []byte, told func(n int64)) (int, error) {
	return c.write(func() (int, error) {
		g := gauges.Get().(*gauge)
		g.nc, g.raw, g.out, g.told = c.nc, c.raw, &c.out, told
		n, err := c.out.write(g, p)
		g.nc, g.raw, g.out, g.told = nil, nil, nil, nil
		gauges.Put(g)
		return n, err
	})
}

// Write writes a piece.
func (g *gauge) Write(p []byte) (int, error) { return g.send(p, nil) }

// send writes a block, and a payload behind it.
func (g *gauge) send(out, rest []byte) (int, error) {
	g.pieces = [2][]byte{out, rest}
	n, err := g.outlet.Write(g.nc, g.raw, g.pieces[:])
	return int(n), err
}

func (g *gauge) stalled(n int64) int64 {
	g.told(int64(g.out.given(int(n))))
	return math.MaxInt64
}
