package pattern

import (
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// FairQueue collects messages from the peers that have some, one message each in
// turn, so that nobody who floods keeps the others from being heard.
type FairQueue struct{ ready queue.Ring }

// NewFairQueue makes an empty one.
func NewFairQueue() *FairQueue {
	return &FairQueue{ready: queue.Ring{Link: recvLink}}
}

func recvLink(p *queue.Pipe) *queue.Link { return &p.RecvLink }

// Add notes that p has something; its turn comes last.
func (q *FairQueue) Add(p *queue.Pipe) { q.ready.Add(p) }

// Remove takes p out; what it holds stays unread.
func (q *FairQueue) Remove(p *queue.Pipe) { q.ready.Remove(p) }

// Empty reports whether nobody is known to have anything.
func (q *FairQueue) Empty() bool { return q.ready.Len() == 0 }

// Next takes the next message, with lead empty frames in front. from is nil when
// there is none. resume names a peer whose Resume must be called once no lock is
// held; usually nil.
func (q *FairQueue) Next(lead int) (m msg.Msg, from, resume *queue.Pipe) {
	for p := q.ready.Head(); p != nil; p = q.ready.Head() {
		m, ok, res := p.In.Next(lead)
		if res {
			resume = p
		}
		if ok {
			q.ready.Turn()
			return m, p, resume
		}
		q.ready.Remove(p)
		if resume != nil {
			return msg.Msg{}, nil, resume // report this one before looking at the next
		}
	}
	return msg.Msg{}, nil, nil
}
