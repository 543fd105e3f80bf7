package demo

import "github.com/go-zactor/zactor/msg"

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
