package zmq

import ()

// A newcomer asks for its place, a routing id for instance, between the moment that it
// is known and the one that it is told so. Who is turned away then has sent nothing:
// what it has to send waits for its next attempt.

// place is one connection's claim.
type place struct {
	s     *Socket
	leave func() (free bool)
}

// Leave gives the place back. A peer that was attached has it by another right.
func (p *place) Leave() {
	p.s.sendMu.Lock()
	free := p.leave()
	p.s.sendMu.Unlock()
	if free {
		p.s.zc.names.Retry(p.s)
	}
}
