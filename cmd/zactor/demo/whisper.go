package demo

import (
	"errors"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// mostPending bounds the whispers that a peer may leave unanswered.
const mostPending = 1000

// whisper says something to the next peer, who is to answer.
func (n *node) whisper() error {
	if len(n.ring) == 0 {
		return nil
	}
	n.turn++
	p := n.ring[n.turn%len(n.ring)]
	if len(p.pending) >= mostPending {
		return nil
	}
	n.serial++
	err := n.send(p, msg.NewString(msgWhisper, number(n.serial)))
	if errors.Is(err, zmq.ErrAgain) {
		return nil // the peer is behind: it was not sent, so it can't be lost
	}
	if err != nil {
		return err
	}
	if !p.guest() {
		n.counts.Whispers++
	}
	p.pending[n.serial] = time.Now()
	return nil
}

// send sends to a peer on the link that there is.
func (n *node) send(p *peer, m msg.Msg) error {
	if p.guest() {
		return n.reply(p.id, m)
	}
	return p.dealer.TrySend(m)
}

// echoed takes the answer to a whisper. The time is our own in both directions: a
// peer can be slow, but it can't lie.
func (n *node) echoed(p *peer, m msg.Msg) error {
	serial, ok := popNumber(&m)
	sent, asked := p.pending[serial]
	if !ok || !asked {
		return nil
	}
	delete(p.pending, serial)
	p.messages++
	took := time.Since(sent)
	p.rtt.add(took)
	if p.guest() {
		return nil // its round trips are shown with its own row
	}
	n.counts.Echoes++
	n.rtt.add(took)
	return n.finishWhenAnswered()
}
