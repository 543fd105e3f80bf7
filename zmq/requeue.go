package zmq

import (
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// propAgain is how a PULL asks for messages that may be doubles to be marked.
const propAgain = "X-Zactor-Again"

// requeued is a message on its way to a second peer, in ZMTP 2.0 framing.
type requeued struct {
	enc   []byte
	tried bool // the first one may have it
}

// requeueConfig tells connections what they do with messages that were lost.
func (s *Socket) requeueConfig(cfg *session.Config, o *options) {
	if !o.requeue {
		return
	}
	if s.typ == Push {
		cfg.Requeue = s.requeue
		return
	}
	cfg.Again = true
	cfg.Properties = append(cfg.Properties[:len(cfg.Properties):len(cfg.Properties)], wire.Property{Name: propAgain, Value: []byte("1")})
	cfg.MaxCommand = o.maxAgain()
}

// maxAgain leaves room for the largest message in a command.
func (o *options) maxAgain() int {
	const perFrame, name = 9, 16
	if o.maxMsgSize <= 0 || o.maxParts <= 0 {
		return 1<<31 - 1
	}
	return int(min(o.maxMsgSize+int64(o.maxParts)*perFrame+name, 1<<31-1))
}

// requeue is called with what the peer of a lost connection may not have.
func (s *Socket) requeue(_ *pipe.Pipe, list [][]byte, tried int) {
	if s.closed.Load() {
		s.unsent.add(s.String(), "", len(list), nil)
		s.stats.dropN(dropPeerGone, len(list))
		return
	}
	s.sendMu.Lock()
	for i, enc := range list {
		s.out.again = append(s.out.again, requeued{enc, i < tried})
	}
	k := s.sendAgain()
	s.sendMu.Unlock()
	s.stats.requeued.Add(uint64(len(list)))
	k.run()
}

// sendAgain gives messages that were lost to peers that are there and have room. The
// caller holds sendMu.
func (s *Socket) sendAgain() (k kick) {
	for len(s.out.again) > 0 {
		p := s.livePeer()
		if p == nil {
			break
		}
		m := s.out.again[0]
		kicked, ok := s.putAgain(p, m)
		if !ok {
			break
		}
		if kicked {
			k.add(p)
		}
		s.out.again[0] = requeued{}
		s.out.again = s.out.again[1:]
	}
	s.settle()
	return k
}

// putAgain queues a message for a second peer.
func (s *Socket) putAgain(p *pipe.Pipe, m requeued) (kicked, ok bool) {
	if o := p.Origin(); m.tried && o != nil && o.Peer != nil && o.Peer.Properties[propAgain] != "" {
		return p.Out.Urgent(wire.Command{Kind: wire.Again, Data: m.enc})
	}
	if p.Peer() != nil {
		frames, _ := pipe.Decode(m.enc)
		status, kick := p.Put(nil, frames, true)
		return kick, status == pipe.OK
	}
	status, kick := p.PutStored(m.enc)
	return kick, status == pipe.OK
}

// livePeer is the next peer that is connected and has room, nil when there is none.
func (s *Socket) livePeer() *pipe.Pipe {
	for range s.out.balance.Len() {
		p := s.out.balance.Next()
		if p == nil || p.Peer() != nil || s.peers.link(p) != nil {
			return p
		}
	}
	return nil
}

// retry sends again what found no peer before, now that one has come.
func (s *Socket) retry() {
	s.sendMu.Lock()
	k := s.sendAgain()
	s.sendMu.Unlock()
	k.run()
}

// abandonAgain counts what found no peer until the socket closed.
func (s *Socket) abandonAgain() {
	s.sendMu.Lock()
	n := len(s.out.again)
	s.out.again = nil
	s.sendMu.Unlock()
	s.unsent.add(s.String(), "", n, nil)
	s.stats.dropN(dropPeerGone, n)
}
