package transport

import (
	"errors"
	"math"
	"net"
	"syscall"
)

// Outlet writes to a connection, and tells how far it came each time the kernel takes no
// more for now. It is one writer's, and may serve one connection after another.
type Outlet struct {
	// Stalled is called with how many bytes are written, when the rest has to wait, or may
	// have to. Nothing is written beyond what it returns.
	Stalled func(n int64) (until int64)
	// Until, which may be nil, is called now and then between, and returns the same.
	Until func(n int64) (until int64)

	rest  [][]byte
	n     int64 // bytes that are written,
	told  int64 // and that Stalled was told of
	until int64
	err   error
	teller
	system
}

// ErrShort says that not all was written, because Stalled wanted no more.
var ErrShort = errors.New("transport: written in part")

// Teller is a connection that makes other bytes of what it is given, and can tell how much
// of that is written each time the kernel takes no more for now.
type Teller interface {
	WriteTold(p []byte, told func(n int64)) (int, error)
}

// piece is how much is written at once where the kernel can't be asked how far it came.
const piece = 64 << 10

// little is what is written in one go without asking: it is done or not.
const little = 4 << 10

// Raw is nc's descriptor for Write, nil where there is none.
func Raw(nc net.Conn) syscall.RawConn {
	if sc, ok := nc.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// Write writes bufs, whose elements it shortens and clears, to nc, whose descriptor is
// raw. It returns how much is written, and ErrShort when Stalled wanted no more.
func (o *Outlet) Write(nc net.Conn, raw syscall.RawConn, bufs [][]byte) (n int64, err error) {
	o.rest, o.n, o.told, o.until, o.err = bufs, 0, 0, math.MaxInt64, nil
	if len(bufs) == 1 && len(bufs[0]) <= little {
		n, err := nc.Write(bufs[0])
		bufs[0], o.rest = nil, nil
		return int64(n), err
	}
	if raw == nil || !o.raw(raw) {
		o.through, _ = nc.(Teller)
		o.pieces(nc)
		o.through = nil
	}
	clear(o.rest)
	o.rest = nil
	return o.n, o.err
}

// pieces writes some of it at a time.
func (o *Outlet) pieces(nc net.Conn) {
	for o.left() {
		n, err := o.some(nc)
		o.took(n)
		if err != nil {
			o.err = err
			return
		}
		switch {
		case !o.left():
		case o.through == nil:
			o.stall()
		case o.Until != nil: // it tells by itself when it waits
			o.bound(o.Until(o.n))
		}
	}
}

// some writes whole elements up to a piece together, or a piece of a large one.
func (o *Outlet) some(nc net.Conn) (int64, error) {
	if o.through != nil {
		n, err := o.through.WriteTold(o.rest[0], o.telling())
		return int64(n), err
	}
	size, k := len(o.rest[0]), 1
	for k < len(o.rest) && size+len(o.rest[k]) <= piece {
		size += len(o.rest[k])
		k++
	}
	if k == 1 {
		n, err := nc.Write(o.rest[0][:min(size, piece)])
		return int64(n), err
	}
	group := net.Buffers(append([][]byte(nil), o.rest[:k]...))
	return group.WriteTo(nc)
}

// teller is what one keeps that writes to a Teller.
type teller struct {
	through Teller
	within  func(n int64) // made once
}

func (o *Outlet) telling() func(n int64) {
	if o.within == nil {
		o.within = func(n int64) {
			if o.told < o.n+n {
				o.told = o.n + n
				o.Stalled(o.told)
			}
		}
	}
	return o.within
}

// left reports that something is still to be written.
func (o *Outlet) left() bool { return len(o.rest) > 0 && o.n < o.until }

// took takes n written bytes off.
func (o *Outlet) took(n int64) {
	o.n += n
	for len(o.rest) > 0 && n >= int64(len(o.rest[0])) {
		n -= int64(len(o.rest[0]))
		o.rest[0], o.rest = nil, o.rest[1:]
	}
	if n > 0 {
		o.rest[0] = o.rest[0][n:]
	}
}

// stall tells how far it came.
func (o *Outlet) stall() {
	o.told = o.n
	o.bound(o.Stalled(o.n))
}

// bound lets nothing be written beyond a place.
func (o *Outlet) bound(until int64) {
	if until < o.until {
		o.until = until
		o.cut(until - o.n)
	}
}

// cut leaves so many bytes to be written.
func (o *Outlet) cut(left int64) {
	for i, p := range o.rest {
		if left <= 0 {
			clear(o.rest[i:])
			o.rest, o.err = o.rest[:i], ErrShort
			return
		}
		if int64(len(p)) > left {
			o.rest[i], o.err = p[:left], ErrShort
		}
		left -= int64(len(p))
	}
}
