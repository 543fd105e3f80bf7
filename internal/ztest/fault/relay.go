package fault

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// relay is one connection through a Proxy.
type relay struct {
	proxy *Proxy
	ends  [2]net.Conn // who dialled, who listens
	cut   [2]*cut
	flip  [2]int64
	over  bool // guarded by proxy.mu
}

const relayBuffer = 32 << 10

// run moves bytes both ways until the connection is over.
func (r *relay) run() {
	var wg sync.WaitGroup
	for _, d := range []Direction{Up, Down} {
		wg.Go(func() { r.pump(d) })
	}
	wg.Wait()
	r.end(false)
}

// pump moves bytes one way. An end of file passes on as such.
func (r *relay) pump(d Direction) {
	from, to := r.ends[d], r.ends[1-d]
	p := make([]byte, relayBuffer)
	for at := int64(0); ; {
		m, ok := r.mayRead(d)
		if !ok {
			return
		}
		n, err := from.Read(p)
		if n > 0 {
			if !r.pass(d, m, p[:n], at, to) {
				return
			}
			at += int64(n)
		}
		if err != nil {
			if cw, ok := to.(interface{ CloseWrite() error }); ok && errors.Is(err, io.EOF) {
				_ = cw.CloseWrite()
				return
			}
			r.end(true)
			return
		}
	}
}

// mayRead waits while the direction is stalled.
func (r *relay) mayRead(d Direction) (m Manners, ok bool) {
	p := r.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.manners[d].Stall && !r.over && !p.closed {
		p.changed.Wait()
	}
	return p.manners[d], !r.over && !p.closed
}

// pass hands on what was read at offset at; false when the connection is over.
func (r *relay) pass(d Direction, m Manners, p []byte, at int64, to net.Conn) bool {
	if m.Latency > 0 {
		time.Sleep(m.Latency)
	}
	if i := r.flip[d] - at; r.flip[d] >= 0 && i >= 0 && i < int64(len(p)) {
		p[i] ^= 1 << (i % 8)
	}
	c := r.cut[d]
	cutHere := c != nil && at+int64(len(p)) >= c.after
	if cutHere {
		p = p[:c.after-at]
	}
	if !m.Swallow && !r.write(d, m, p, to) {
		r.end(true)
		return false
	}
	if cutHere {
		r.end(c.rst)
		return false
	}
	return true
}

func (r *relay) write(d Direction, m Manners, p []byte, to net.Conn) bool {
	for start, done := time.Now(), 0; len(p) > 0; {
		k := len(p)
		if m.Slice > 0 {
			k = min(k, m.Slice)
		}
		if m.Rate > 0 {
			k = min(k, 4<<10)
			done += k
			time.Sleep(time.Until(start.Add(time.Duration(done) * time.Second / time.Duration(m.Rate))))
		}
		if _, err := to.Write(p[:k]); err != nil {
			return false
		}
		p = p[k:]
		r.proxy.mu.Lock()
		r.proxy.passed[d] += int64(k)
		r.proxy.mu.Unlock()
	}
	return true
}

// end closes both sides.
func (r *relay) end(rst bool) {
	r.proxy.mu.Lock()
	over := r.over
	r.over = true
	r.proxy.changed.Broadcast()
	r.proxy.mu.Unlock()
	if over {
		return
	}
	for _, c := range r.ends {
		if rst {
			abort(c)
		} else {
			c.Close()
		}
	}
}
