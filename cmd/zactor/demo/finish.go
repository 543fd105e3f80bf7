package demo

import "time"

// finishPatience is how long a node waits for outstanding answers at the end,
// before it calls them lost.
const finishPatience = 10 * time.Second

// finish ends what the node does by itself. It goes on answering the others, who
// finish as well.
func (n *node) finish() error {
	if n.finishing {
		return nil
	}
	n.finishing = true
	for _, habit := range n.habits {
		habit.Stop()
	}
	n.loop.Ticket(finishPatience, n.giveUp)
	return n.finishWhenAnswered()
}

// giveUp counts as lost what was not answered in good time.
func (n *node) giveUp() error {
	for _, p := range n.peers {
		if !p.guest() {
			n.counts.Silent += uint64(len(p.pending))
			clear(p.pending)
		}
	}
	return n.finishWhenAnswered()
}

// finishWhenAnswered sends the final status once no answer is outstanding. Guests
// have promised nothing.
func (n *node) finishWhenAnswered() error {
	if !n.finishing || n.final {
		return nil
	}
	for _, p := range n.peers {
		if !p.guest() && len(p.pending) > 0 {
			return nil
		}
	}
	n.final = true
	return n.tellStatus()
}
