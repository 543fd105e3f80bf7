package pattern

import (
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// FairQueue collects messages from the peers that have some, one message each in
// turn, so that nobody who floods keeps the others from being heard.
//
// A turn is paid in what its message costs. A small message costs the turn; one of many
// bytes or frames costs as many turns more as it has quanta, which its peer lets pass
// while another one has something.
type FairQueue struct {
	ready queue.Ring
	turns uint64 // how many there have been
	visit visits
}

// What a message costs: frameCost for each frame and its bytes, in quanta. The work for a
// small message and for a quantum of bytes are about the same.
const (
	frameCost   = 256
	quantumBits = 13 // 8 KiB, or 32 frames
)

// NewFairQueue makes an empty one.
func NewFairQueue() *FairQueue {
	return &FairQueue{ready: queue.Ring{Link: recvLink}}
}

func recvLink(p *queue.Pipe) *queue.Link { return &p.RecvLink }

// Add notes that p has something; its turn comes last.
func (q *FairQueue) Add(p *queue.Pipe) {
	if q.ready.Has(p) {
		return
	}
	q.ready.Add(p)
	if t := &p.Turns; t.Owed > 0 { // they have passed meanwhile
		t.Owed -= int(min(uint64(t.Owed), (q.turns-t.Left)/uint64(q.ready.Len())))
	}
}

// Remove takes p out; what it holds stays unread.
func (q *FairQueue) Remove(p *queue.Pipe) {
	if !q.ready.Has(p) {
		return
	}
	q.ready.Remove(p)
	if q.ready.Len() > 0 {
		p.Turns.Left = q.turns
	} else {
		p.Turns.Owed = 0 // nobody waits for it to be paid
	}
}

// Empty reports whether nobody is known to have anything.
func (q *FairQueue) Empty() bool { return q.ready.Len() == 0 }

// Visited reports that PauseDue may be true.
func (q *FairQueue) Visited() bool { return q.visit.any() }

// PauseDue reports that the receiver should give the processor up before it goes on, for
// those whom it has woken; see visits.
func (q *FairQueue) PauseDue() bool {
	p := q.ready.Head()
	return q.visit.due(q.turns, p != nil && hasMore(p))
}

// few is how many with something are not many: an estimate.
const few = 4

// Few reports that not many have something. Where many have, each waits longer for its turn
// than for the processor, and a pause for each visitor would cost more than it gives.
func (q *FairQueue) Few() bool { return q.ready.Len() <= few }

// Paused takes note that it has.
func (q *FairQueue) Paused() { q.visit.paused() }

// hasMore reports whether p is one of those who flood: what it had when it was looked at
// last is not all taken, or not paid.
func hasMore(p *queue.Pipe) bool { return p.Turns.Owed > 0 || !p.In.Spent() }

// Next takes the next message, with lead empty frames in front. from is nil when
// there is none. resume names a peer whose Resume must be called once no lock is
// held; usually nil.
func (q *FairQueue) Next(lead int) (m msg.Msg, from, resume *queue.Pipe) {
	for p := q.head(); p != nil; p = q.head() {
		m, ok, res := p.In.Next(lead)
		if res {
			resume = p
			q.visit.resumes(q.turns)
		}
		if ok {
			q.took(p, m)
			return m, p, resume
		}
		q.Remove(p)
		if resume != nil {
			return msg.Msg{}, nil, resume // report this one before looking at the next
		}
	}
	return msg.Msg{}, nil, nil
}

// took passes the turn on.
func (q *FairQueue) took(p *queue.Pipe, m msg.Msg) {
	q.turns++
	alone := q.ready.Len() == 1
	if alone {
		p.Turns.Owed = 0
	}
	if expected := q.visit.expected(q.turns); !alone || expected {
		q.charge(p, m, alone, expected)
	}
	more := hasMore(p)
	q.visit.took(q.turns, more, !alone && !p.Turns.More)
	p.Turns.More = more
	q.ready.Turn()
}

// charge takes note of the turns that a message costs besides its own. Its bytes were copied
// by the kernel, and are no work for the receiver.
func (q *FairQueue) charge(p *queue.Pipe, m msg.Msg, alone, expected bool) {
	if !alone {
		p.Turns.Owed += int(cost(m) >> quantumBits)
	}
	if expected {
		q.visit.spent += frameCost * len(m.Frames) >> quantumBits
	}
}

func cost(m msg.Msg) int64 { return int64(m.Size()) + frameCost*int64(len(m.Frames)) }

// head is the pipe whose turn it is and who owes none.
func (q *FairQueue) head() *queue.Pipe {
	p := q.ready.Head()
	if p != nil && p.Turns.Owed > 0 {
		return q.pay()
	}
	return p
}

// pay lets those who owe pass their turns until one comes who doesn't. When all owe, all
// are forgiven what the least of them owes, so that this takes one round more, however
// much it is.
func (q *FairQueue) pay() *queue.Pipe {
	for passed := 0; ; passed++ {
		p := q.ready.Head()
		if p.Turns.Owed == 0 || q.ready.Len() == 1 {
			return p
		}
		if passed == q.ready.Len() {
			q.forgive()
			continue
		}
		p.Turns.Owed--
		q.ready.Turn()
	}
}

func (q *FairQueue) forgive() {
	least := q.ready.Head().Turns.Owed
	q.ready.All(func(p *queue.Pipe) { least = min(least, p.Turns.Owed) })
	q.ready.All(func(p *queue.Pipe) { p.Turns.Owed -= least })
}
