package zmq

import "github.com/go-zactor/zactor/internal/pipe"

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
