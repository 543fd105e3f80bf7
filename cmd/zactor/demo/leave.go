package demo

import "slices"

// silentTicks is after how many ticks without a sign of life a guest counts as gone. It
// is generous, because a machine may be busy: one that has died is known at once by its
// connection, and silence only tells of one that was cut off. Nodes have zyre to look
// after them.
const silentTicks = 50

// countSilence looks for guests that have gone without a word. It counts ticks of the
// node's own, not time, so that a node that was held up itself does not blame them.
func (n *node) countSilence() error {
	for _, p := range n.peers {
		if p.silent++; p.guest() && p.silent > silentTicks {
			if err := n.leave(p, "silent"); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave forgets a peer, and tells the boss if it had entered.
func (n *node) leave(p *peer, why string) error {
	delete(n.peers, p.id)
	n.ring = slices.DeleteFunc(n.ring, func(o *peer) bool { return o == p })
	e := event{Kind: eventDepart, Peer: p.name, PeerID: p.tag(), Detail: why}
	if !p.guest() {
		e.Kind = eventExit
		n.counts.Orphaned += uint64(len(p.pending))
		n.feed.Disconnect(p.newsAt) // fails only when the feed is closed, or was never connected to it
	}
	if err := n.tell(e); err != nil {
		return err
	}
	return n.finishWhenAnswered()
}
