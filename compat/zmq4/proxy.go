package zmq4

import (
	"context"

	"github.com/go-zactor/zactor/zmq"
)

// Proxy moves messages between two sockets, both ways.
type Proxy struct {
	ctx  context.Context
	core *zmq.SteerableProxy
	err  error // why there is no core
}

// NewProxy makes a proxy between two sockets that listen or dial already; capture,
// if it is not nil, gets a copy of every message. It does nothing until Run.
func NewProxy(ctx context.Context, front, back, capture Socket) *Proxy {
	p := &Proxy{ctx: ctx}
	var ends [3]*zmq.Socket
	for i, s := range []Socket{front, back, capture} {
		if i == 2 && s == nil {
			break
		}
		if ends[i], p.err = Core(s); p.err != nil {
			return p
		}
	}
	p.core = zmq.NewProxy(ends[0], ends[1], ends[2])
	return p
}

// Run moves messages until the proxy's context ends, a socket closes, or Kill is
// called, which is no error. It runs once.
func (p *Proxy) Run() error {
	if p.err != nil {
		return p.err
	}
	return p.core.Run(p.ctx)
}

// Pause holds the proxy: when it returns, messages wait in the sockets.
func (p *Proxy) Pause() {
	if p.core != nil {
		p.core.Pause()
	}
}

// Resume undoes Pause.
func (p *Proxy) Resume() {
	if p.core != nil {
		p.core.Resume()
	}
}

// Kill ends Run.
func (p *Proxy) Kill() {
	if p.core != nil {
		p.core.Stop()
	}
}

// Stats returns the counters.
func (p *Proxy) Stats() zmq.ProxyStats {
	if p.core == nil {
		return zmq.ProxyStats{}
	}
	return p.core.Statistics()
}
