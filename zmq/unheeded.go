package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// A subscription over a publisher's limits is not entered, and that is all: the other
// subscriptions of its peer serve on.

// topicShown is how much of such a topic the reason has.
const topicShown = 32

// refuseTopic counts a subscription that was not entered, and tells both sides. The
// caller holds no lock.
func (s *Socket) refuseTopic(p *queue.Pipe, topic []byte, why error) {
	reason := fmt.Sprintf("%v, it begins with %s", why, wire.Quote(topic[:min(len(topic), topicShown)]))
	s.unheeded(p, reason)
	if peer := p.Peer(); peer != nil {
		socketOf(peer).unheeded(peer, reason)
		return
	}
	pr := peerOf(p)
	s.sendMu.Lock()
	tell := pr != nil && pr.ours
	s.sendMu.Unlock()
	if tell && p.Out.Control(wire.Command{Kind: wire.Unheeded, Data: []byte(reason[:min(len(reason), wire.MaxReason)])}) {
		p.Flush()
	}
}

// unheeded notes that a subscription was not entered.
func (s *Socket) unheeded(p *queue.Pipe, reason string) {
	s.stats.topicsRefused.Add(1)
	e := s.peerEvent(p, EventTopicRefused, 0, fmt.Errorf("%w: %s", ErrTopicRefused, reason))
	s.stats.say(saidUnheeded, e)
	s.monitors.publish(e)
}
