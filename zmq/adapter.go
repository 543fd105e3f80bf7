package zmq

import (
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// host is the socket as its pipes and connections know it. They are in other
// packages, so the methods have to be exported; users of a Socket must not see
// them. What each means stands with the interfaces that it implements.
type host Socket

var (
	_ session.Host = (*host)(nil)
	_ inproc.Host  = (*host)(nil)
)

func (s *Socket) host() *host   { return (*host)(s) }
func (h *host) socket() *Socket { return (*Socket)(h) }

func (h *host) Readable(p *queue.Pipe) { h.socket().arrived(p) }
func (h *host) Writable(p *queue.Pipe) { h.socket().hasRoom(p) }

func (h *host) Welcome(p *queue.Pipe) error { return h.socket().welcome(p) }
func (h *host) Claim(peer *session.Peer) (session.Place, error) {
	return h.socket().claimPlace(peer)
}
func (h *host) Attach(p *queue.Pipe, peer *session.Peer) error { return h.socket().attach(p, peer) }
func (h *host) Detach(p *queue.Pipe, final bool)               { h.socket().detach(p, final) }
func (h *host) Unheeded(p *queue.Pipe, reason []byte)          { h.socket().unheeded(p, wire.Quote(reason)) }
func (h *host) Lost(p *queue.Pipe, n int)                      { h.socket().countLost(p, n) }
func (h *host) Event(e session.Event)                          { h.socket().happened(e) }
func (h *host) Inspect(p *queue.Pipe, frames [][]byte) error {
	return h.socket().inspect(p, frames)
}
func (h *host) Panicked(endpoint, remote string, p *contain.Panic) {
	h.socket().panicked(endpoint, remote, p)
}
func (h *host) DetachLocal(p *queue.Pipe, final bool) { h.socket().detachLocal(p, final) }
func (h *host) RefusedLocal(p *queue.Pipe, name string, err error) {
	h.socket().refusedLocal(p, name, err)
}
func (h *host) LinkedLocal(p *queue.Pipe, l *inproc.Connection) { h.socket().linkedLocal(p, l) }

func (h *host) Refused(c *session.Connector, p *queue.Pipe, err error) {
	h.socket().refusedBy(c, p, err)
}

func (h *host) Subscription(p *queue.Pipe, topic []byte, add bool) error {
	return h.socket().subscribed(p, topic, add)
}

func (h *host) AttachLocal(p *queue.Pipe, name, socketType string, identity []byte) error {
	return h.socket().attachLocal(p, name, socketType, identity)
}
