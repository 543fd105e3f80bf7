package pattern

import (
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/msg"
)

// FairQueue collects messages from the peers that have some, equally many from each
// in turn, so that nobody who floods keeps the others from being heard.
//
// A turn is one message. For a receiver that is quick to take them it becomes a few:
// the messages of one peer stand one behind the other in memory, those of a hundred
// peers do not, and going from one to the next would then take longer than anything
// else that is done with a message. A receiver to whom one message each means that
// the next peer is heard noticeably sooner gets one message each.
type FairQueue struct {
	ready pipe.Ring
	clock func() int64 // nanoseconds
	turn  int          // messages; the same for everybody in a round
	left  int          // of the turn of the ring's head

	begun      int64 // when the round began
	turns, due int   // of the round: in all, and still to come
}

const (
	maxTurn  = 16     // messages
	longTurn = 20_000 // nanoseconds; a turn that takes longer becomes shorter
)

// NewFairQueue makes an empty one. The clock tells nanoseconds since whenever, and
// is read once a round.
func NewFairQueue(clock func() int64) *FairQueue {
	return &FairQueue{ready: pipe.Ring{Link: recvLink}, clock: clock, turn: 1, left: 1}
}

func recvLink(p *pipe.Pipe) *pipe.Link { return &p.RecvLink }

// Add notes that p has something; its turn comes last.
func (q *FairQueue) Add(p *pipe.Pipe) { q.ready.Add(p) }

// Remove takes p out; what it holds stays unread.
func (q *FairQueue) Remove(p *pipe.Pipe) {
	if p == q.ready.Head() {
		q.pass()
	}
	q.ready.Remove(p)
}

// Empty reports whether nobody is known to have anything.
func (q *FairQueue) Empty() bool { return q.ready.Len() == 0 }

// Next takes the next message, with lead empty frames in front. from is nil when
// there is none. resume names a peer whose Resume must be called once no lock is
// held; usually nil.
func (q *FairQueue) Next(lead int) (m msg.Msg, from, resume *pipe.Pipe) {
	for p := q.ready.Head(); p != nil; p = q.ready.Head() {
		m, ok, res := p.In.Next(lead)
		if res {
			resume = p
		}
		if ok {
			if q.left--; q.left <= 0 {
				q.pass()
			}
			return m, p, resume
		}
		q.Remove(p)
		if resume != nil {
			return msg.Msg{}, nil, resume // report this one before looking at the next
		}
	}
	return msg.Msg{}, nil, nil
}

// pass passes the turn to the next peer.
func (q *FairQueue) pass() {
	if q.ready.Len() > 1 {
		q.ready.Turn()
		if q.due--; q.due <= 0 {
			q.round()
		}
	}
	q.left = q.turn
}

// round begins a round, with turns as long as the turns of the last one suggest.
// They never change within a round: whoever came behind one that was slow would
// always get less.
func (q *FairQueue) round() {
	now := q.clock()
	switch took := (now - q.begun) / int64(max(1, q.turns)); {
	case took > longTurn:
		q.turn = max(1, q.turn/2)
	case took <= longTurn/2:
		q.turn = min(maxTurn, q.turn*2)
	}
	q.begun, q.turns = now, q.ready.Len()
	q.due = q.turns
}
