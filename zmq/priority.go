package zmq

import "github.com/go-zactor/zactor/internal/pipe"

// WithPeerPriority, given to Connect or Bind, gives the peers of that endpoint a
// priority: messages of a PUSH, DEALER or REQ go to the peers of the highest priority
// that have room, in turn, and to others only when all of those are full or gone. The
// default is 0; it may be negative. With any other priority than 0 messages are
// queued only while the peer is connected; what waits for a peer that is lost is kept
// for its return. (ours; WithPriority is about packets)
func WithPeerPriority(n int) Option { return Option{"PEER_PRIORITY", n} }

// rank gives a new pipe the priority of its endpoint. It answers true when the peer
// takes part only while it is there.
func (s *Socket) rank(p *pipe.Pipe, o *options) bool {
	if o.peerPriority == 0 {
		return false
	}
	peerOf(p).immediate = true
	s.sendMu.Lock()
	s.out.balance.SetRank(p, o.peerPriority)
	s.sendMu.Unlock()
	return true
}
