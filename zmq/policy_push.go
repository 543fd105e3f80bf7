package zmq

import (
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// push is the sender of PUSH: a round, and with WithRequeue what lost peers may not have
// got goes to others. (RFC 30)
type push struct {
	round
	again []requeued
}

func newPush(s *Socket) (sender, receiver) { return &push{round: makeRound(s)}, nil }

// requeued is a message on its way to a second peer, in ZMTP 2.0 framing.
type requeued struct {
	enc   []byte
	tried bool // the first one may have it
}

// propAgain is how a PULL asks for messages that may be doubles to be marked.
const propAgain = "X-Zactor-Again"

// requeue is called with what the peer of a lost connection may not have.
func (r *push) requeue(list [][]byte, tried int) {
	s := r.s
	if s.closed.Load() {
		s.unsent.add(s.String(), "", len(list), nil)
		s.stats.dropN(dropPeerGone, len(list))
		return
	}
	s.sendMu.Lock()
	for i, enc := range list {
		r.again = append(r.again, requeued{enc, i < tried})
	}
	k := r.resend()
	s.stats.requeued.Add(uint64(len(list)))
	_ = s.unlock(k)
}

// room lets what was lost go first.
func (r *push) room(p *queue.Pipe) flush {
	r.round.room(p)
	return r.resend()
}

// greet sends what found no peer before, now that one has come.
func (r *push) greet(*queue.Pipe) {
	r.s.sendMu.Lock()
	_ = r.s.unlock(r.resend())
}

// resend gives messages that were lost to peers that are there and have room.
func (r *push) resend() (k flush) {
	if len(r.again) == 0 {
		return k
	}
	for len(r.again) > 0 {
		p := r.livePeer()
		if p == nil {
			break
		}
		m := r.again[0]
		status, wants := putAgain(p, m)
		switch {
		case status == queue.Spilled:
			r.s.out.spills = append(r.s.out.spills, spill{p: p, enc: m.enc, size: -1, undo: func() { r.again = append(r.again, m) }})
		case status != queue.OK:
			r.updateFastPath()
			return k
		case wants:
			k.add(p)
		}
		r.again[0] = requeued{}
		r.again = r.again[1:]
	}
	r.updateFastPath()
	return k
}

// putAgain queues a message for a second peer.
func putAgain(p *queue.Pipe, m requeued) (s queue.Status, wants bool) {
	if o := p.Origin(); m.tried && o != nil && o.Peer != nil && o.Peer.Properties[propAgain] != "" {
		wants, ok := p.Out.Urgent(wire.Command{Kind: wire.Again, Data: m.enc})
		if !ok {
			s = queue.Full
		}
		return s, wants
	}
	return p.PutStored(m.enc)
}

// livePeer is the next peer that is connected and has room, nil when there is none.
func (r *push) livePeer() *queue.Pipe {
	for range r.peers.Len() {
		p := r.peers.Next()
		if p == nil || p.Peer() != nil || r.s.peers.link(p) != nil {
			return p
		}
	}
	return nil
}

// close counts what found no peer until the socket closed.
func (r *push) close() {
	s := r.s
	s.sendMu.Lock()
	n := len(r.again)
	r.again = nil
	s.sendMu.Unlock()
	s.unsent.add(s.String(), "", n, nil)
	s.stats.dropN(dropPeerGone, n)
}
