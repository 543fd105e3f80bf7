package zmq

import (
	"math"
	"time"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// propGaps is how a subscriber asks to be told what it misses.
const propGaps = "X-Zactor-Gaps"

// gap reports that messages were missed.
func (s *Socket) gap(p *queue.Pipe, n uint64, why error) {
	s.stats.gaps.Add(1)
	s.stats.missed.Add(n)
	e := s.peerEvent(p, EventGap, n, why)
	s.stats.say(saidMissed, e)
	s.monitors.publish(e)
}

// report publishes an event of one peer.
func (s *Socket) report(p *queue.Pipe, kind EventMask, value uint64, why error) {
	if !s.monitors.wanted(kind) {
		return
	}
	s.monitors.publish(s.peerEvent(p, kind, value, why))
}

// peerEvent is an event of one peer.
func (s *Socket) peerEvent(p *queue.Pipe, kind EventMask, value uint64, why error) Event {
	e := Event{Kind: kind, Endpoint: s.peers.endpoint(p), Value: uint32(min(value, math.MaxUint32)), Err: why, Time: time.Now()}
	if o := p.Origin(); o != nil && o.Peer != nil {
		e.Remote = o.Peer.RemoteAddr
	}
	return e
}

// dropFull counts a message that a full peer does not get; the caller holds sendMu.
func (s *Socket) dropFull(pr *peer) {
	s.stats.drop(dropHWM)
	if pr.missed++; pr.missed == 1 {
		s.stats.full.Add(1)
		s.report(pr.pipe, EventPeerFull, 0, nil)
	}
}

// tellMissed lets a peer that has room again know what was dropped for it, or gives
// it what is kept for it. The caller holds sendMu, and flushes p when that is true.
func (f *pub) tellMissed(p *queue.Pipe) (flushing bool) {
	pr := peerOf(p)
	if pr == nil {
		return false
	}
	if st := pr.stream; st != nil && st.live == p {
		return f.pump(st)
	}
	n := pr.missed
	pr.missed = 0
	if n == 0 {
		return false
	}
	if peer := p.Peer(); peer != nil { // in this process: asked by its option, told by a call
		if sub := socketOf(peer); sub.optionsOf(peer).gapNotices {
			sub.gap(peer, n, &MissedError{n})
		}
		return false
	}
	if !pr.wantsGaps {
		return false
	}
	return p.Out.Control(wire.Numbered(wire.Missed, 0, n))
}
