package demo

import (
	"slices"

	"github.com/go-zactor/zactor/zmq"
)

// silentTicks is after how many beacon intervals without a sign of life a peer
// counts as gone. It is generous, because a machine may be busy: a peer that has
// died is known at once by its connection, and silence only tells of one that was
// cut off.
const silentTicks = 50

// cutOff is called when a connection that we made is lost. The DEALER would dial
// again; but a node that restarts has a new name and address, and one that is
// still there will be sighted again.
func (n *node) cutOff(p *peer, e zmq.Event) error {
	if n.peers[p.id] != p {
		return nil // it has left before
	}
	why := "connection lost"
	if e.Err != nil {
		why += ": " + e.Err.Error()
	}
	return n.leave(p, why)
}

// countSilence looks for peers that have gone without a word. It counts ticks of
// the node's own, not time, so that a node that was held up itself, and has its
// peers' beacons still waiting, does not blame them.
func (n *node) countSilence() error {
	for _, p := range n.peers {
		if p.silent++; p.silent > silentTicks {
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
	if p.dealer != nil {
		n.drops += p.dealer.Stats().Drops.Total()
	}
	p.close()
	if !p.entered {
		return nil
	}
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
