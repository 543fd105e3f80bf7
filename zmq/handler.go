package zmq

import (
	"net"
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/udp"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/zap"
)

// handler is one endpoint of a socket as its pipes and links know it. They are in other
// packages, so that its methods have to be exported, and users of a Socket must not see
// them. When each is called, and what it means, stands with the interfaces.
type handler struct {
	s        *Socket
	endpoint string
	opts     []Option // that Bind or Connect was given
	accepts  bool     // the endpoint is bound: peers come to it
	within   bool     // it is of inproc
	bare     bool     // udp: there is nobody who comes or goes
}

var (
	_ session.Handler = (*handler)(nil)
	_ udp.Handler     = (*handler)(nil)
	_ queue.Owner     = (*handler)(nil)
)

func (h *handler) Readable(p *queue.Pipe) { h.s.arrived(p) }
func (h *handler) Writable(p *queue.Pipe) { h.s.hasRoom(p) }

// NewPipe has the socket's present options, and over them those of the endpoint.
func (h *handler) NewPipe() *queue.Pipe {
	o := h.s.optionsFor(h.opts)
	p := h.pipe(o)
	pr := &peer{endpoint: h.endpoint, opts: o}
	if !h.bare {
		pr.immediate, pr.rules = o.peerPriority != 0, o.peerRules(h.s.typ)
	}
	if h.accepts {
		pr.rules.accept()
	}
	h.s.peers.add(p, pr)
	h.s.rank(p, o)
	if h.accepts && !h.within && !h.bare {
		h.s.acceptedSwap(p, h.endpoint, o)
	}
	return p
}

// pipe makes a pipe that nobody knows yet.
func (h *handler) pipe(o *options) *queue.Pipe {
	if h.within {
		return queue.NewJoinable(h, o.limits())
	}
	return queue.New(h, o.limits())
}

func (h *handler) Welcome(p *queue.Pipe) error {
	h.s.sendMu.Lock()
	defer h.s.sendMu.Unlock()
	return h.s.tx.welcome(p)
}

func (h *handler) Authorize(a session.Authority, c wire.Credentials, nc net.Conn, deadline time.Time, then func(session.Verdict)) (abort func()) {
	v := session.Verdict{Domain: a.Domain, Epoch: h.s.zc.zap.epoch.Load()}
	if c.PublicKey != nil {
		v.PublicKey, _ = cert.EncodeZ85(c.PublicKey)
	}
	return h.s.ask(zap.Request{
		Domain: a.Domain, Address: zapAddress(nc), RoutingID: a.RoutingID,
		Mechanism: c.Mechanism, Credentials: zap.CredentialFrames(c),
	}, deadline, func(frames [][]byte, id []byte, err error) {
		weigh(&v, frames, id, err, a.AnyKey)
		then(v)
	})
}

func (h *handler) Claim(peer *link.Peer) (session.Place, error) {
	h.s.sendMu.Lock()
	defer h.s.sendMu.Unlock()
	leave, err := h.s.tx.claim(newcomer{identity: peer.PeerIdentity, info: peer.Info})
	if leave == nil || err != nil {
		return nil, err
	}
	return &place{h.s, leave}, nil
}

func (h *handler) Admit(p *queue.Pipe, peer *link.Peer) error {
	err := h.s.admit(p, peer)
	if err != nil {
		h.Event(link.Event{Kind: link.HandshakeFailedNoDetail, Endpoint: h.endpoint, Remote: peer.Info.RemoteAddr, Err: err})
	}
	return err
}

func (h *handler) Attach(p *queue.Pipe, peer *link.Peer) error {
	valid := func() error { return h.s.zc.zap.stillValid(peer) }
	if err := h.s.peers.setReady(p, peer.Link, peer.Asked, valid); err != nil {
		return err
	}
	h.s.states.ready(h.endpoint)
	h.s.announcePeer(p)
	return nil
}

func (h *handler) Ready(p *queue.Pipe, peer *link.Peer) error {
	if peer.Unversioned { // a peer of the first protocol has no way to subscribe
		if err := h.s.subscribed(p, nil, true); err != nil {
			return err
		}
	}
	h.s.greet(p)
	h.s.follow(p, peer)
	return nil
}

func (h *handler) Detach(p *queue.Pipe, final bool) {
	if !final {
		h.s.states.away(h.endpoint)
	}
	h.s.detach(p, final)
}

func (h *handler) Lost(p *queue.Pipe, n int) { h.s.lost(p, h.endpoint, n) }

func (h *handler) Event(e link.Event) { h.s.event(e) }

func (h *handler) Panicked(endpoint, remote string, p *contain.Panic) {
	h.s.panicked(endpoint, remote, p)
}

func (h *handler) Refused(c *session.Connector, p *queue.Pipe, err error) { h.s.refusedBy(c, p, err) }

func (h *handler) Inspect(p *queue.Pipe, frames [][]byte) error {
	if f, ok := h.s.tx.(publisher); ok {
		return f.inspect(p, frames)
	}
	return nil
}

func (h *handler) Subscribed(p *queue.Pipe, topic []byte, add bool) error {
	return h.s.subscribed(p, topic, add)
}

func (h *handler) Unheeded(p *queue.Pipe, reason string) { h.s.unheeded(p, reason) }

func (h *handler) Numbered(p *queue.Pipe, cmd wire.Command, arrived uint64) error {
	return h.s.numbered(p, cmd, arrived)
}

func (h *handler) Requeue(list [][]byte, tried int) {
	if f, ok := h.s.tx.(requeuer); ok {
		f.requeue(list, tried)
	}
}

func (h *handler) Dropped(full bool) {
	if full {
		h.s.stats.drop(dropHWM)
	} else {
		h.s.stats.drop(dropMalformed)
	}
}

func (h *handler) Unheard(from netip.AddrPort, refused, lost uint64) {
	c := &h.s.stats
	if refused > 0 {
		c.flooder.Store(&from)
		c.dropN(dropFlood, int(refused))
	}
	c.dropN(dropHWM, int(lost))
}

// socketOf is the socket that a pipe belongs to.
func socketOf(p *queue.Pipe) *Socket { return p.Owner().(*handler).s }
