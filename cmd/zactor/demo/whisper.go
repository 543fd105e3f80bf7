package demo

import (
	"context"
	"errors"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre"
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
	sent, err := n.send(p, msg.NewString(msgWhisper, number(n.serial)))
	if !sent {
		return err
	}
	if !p.guest() {
		n.counts.Whispers++
	}
	p.pending[n.serial] = time.Now()
	return nil
}

// atOnce is a context for what must not wait.
var atOnce = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// send sends to a peer on the link that there is. A peer that is behind, or about to
// leave, is not waited for: what was not sent can't be lost.
func (n *node) send(p *peer, m msg.Msg) (sent bool, err error) {
	if p.guest() {
		err = n.reply(p.id, m)
	} else {
		err = n.zyre.Whisper(atOnce, p.zyre, m)
	}
	for _, not := range []error{zmq.ErrAgain, context.Canceled, zyre.ErrUnknownPeer, zyre.ErrClosed} {
		if errors.Is(err, not) {
			return false, nil
		}
	}
	return err == nil, err
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

// publish brings out the next issue of the node's news.
func (n *node) publish() error {
	n.issue++
	return n.press.TrySend(msg.NewString(msgNews, n.id, number(n.issue)))
}

// read takes an issue of a peer's news, and counts those that are missing before
// it. The first that arrives is where a subscriber has come in.
func (n *node) read(m msg.Msg) error {
	n.counts.Received++
	m.Pop() // the topic
	p := n.peers[m.PopString()]
	issue, ok := popNumber(&m)
	if p == nil || !ok {
		return nil
	}
	p.silent = 0
	n.counts.News++
	if p.lastIssue > 0 && issue > p.lastIssue {
		n.counts.Gaps += issue - p.lastIssue - 1
	}
	p.lastIssue = issue
	return nil
}
