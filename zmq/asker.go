package zmq

import (
	"container/list"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// zapDesk is where a Context's questions to its authenticator are. All about peers of one
// address share a link, so that the authenticator, which reads from its links in turn,
// takes those of another address next, however many there are of the one. And so many are
// open at the same time: see budget.Turns.
type zapDesk struct {
	timeout atomic.Int64 // a time.Duration, for tests; 0: zapTimeout
	// epoch counts the calls of Expel. A peer whose permission is from an earlier
	// epoch than its attachment might have lost it in between.
	epoch atomic.Uint64

	mu     sync.Mutex
	turns  *budget.Turns[*question]
	askers map[string]*asker // by address
	idle   list.List         // of *asker, without open questions but with unanswered ones
}

// idleAsker is how long a link stays for answers that nobody waits for any more. Were it
// cut at once, who asks and leaves would fill an authenticator that is slow.
const idleAsker = time.Minute

// enter reports whether it is q's turn. If it isn't, q.put is called when it is.
func (d *zapDesk) enter(q *question, origin string) (mine bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q.origin = origin
	q.turn, mine = d.turns.Enter(origin, q)
	return mine
}

// waits reports whether q waits for its turn.
func (d *zapDesk) waits(q *question) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return q.turn != nil && d.turns.Waits(q.turn)
}

// leave ends q's turn, or its waiting for that.
func (d *zapDesk) leave(q *question) {
	d.mu.Lock()
	a := q.to
	q.to, q.left = nil, true
	end := a != nil && d.left(a)
	var next *budget.Turn[*question]
	if q.turn != nil {
		next = d.turns.Leave(q.turn)
	}
	d.mu.Unlock()
	if a != nil {
		a.forget(q)
	}
	if end {
		a.stop()
	}
	if next != nil {
		next.Value.put()
	}
}

// asker finds or makes the link of q's address, which stays at least until leave. It is nil
// when q has left already.
func (d *zapDesk) asker(q *question) *asker {
	d.mu.Lock()
	if q.left {
		d.mu.Unlock()
		return nil
	}
	a := d.askers[q.origin]
	if a == nil {
		a = &asker{zc: q.zc, origin: q.origin, open: map[string]*question{}}
		if d.askers == nil {
			d.askers = map[string]*asker{}
		}
		d.askers[q.origin] = a
	}
	a.users++
	if a.idle != nil {
		d.idle.Remove(a.idle)
		a.idle = nil
	}
	q.to = a
	old := d.tooLong()
	d.mu.Unlock()
	for _, a := range old {
		a.stop()
	}
	return a
}

// left notes that a question of a's is over, and reports whether a is.
func (d *zapDesk) left(a *asker) bool {
	if a.users--; a.users > 0 {
		return false
	}
	if a.unanswered.Load() > 0 && d.askers[a.origin] == a {
		a.since = time.Now()
		a.idle = d.idle.PushBack(a)
		return false
	}
	d.drop(a)
	return true
}

// drop sees to it that a gets no more questions. The caller holds mu.
func (d *zapDesk) drop(a *asker) {
	if d.askers[a.origin] == a {
		delete(d.askers, a.origin)
	}
	if a.idle != nil {
		d.idle.Remove(a.idle)
		a.idle = nil
	}
}

// tooLong takes those out that have been idle for long. The caller holds mu.
func (d *zapDesk) tooLong() (old []*asker) {
	for e := d.idle.Front(); e != nil; e = d.idle.Front() {
		a := e.Value.(*asker)
		if time.Since(a.since) < idleAsker {
			break
		}
		d.drop(a)
		old = append(old, a)
	}
	return old
}

// answered is called when nothing is unanswered any more.
func (d *zapDesk) answered(a *asker) {
	d.mu.Lock()
	end := a.users == 0 && a.idle != nil
	if end {
		d.drop(a)
	}
	d.mu.Unlock()
	if end {
		a.stop()
	}
}

// asker is the link to the authenticator of all questions about peers of one address. An
// answer that comes late finds its question no more, and reaches nobody.
type asker struct {
	link.Nobody
	zc     *Context
	origin string

	// Guarded by the desk's lock.
	users int // questions that were put, and are not over
	idle  *list.Element
	since time.Time

	connected  sync.Once
	unanswered atomic.Int64

	mu   sync.Mutex
	pipe *queue.Pipe
	link *inproc.Connection
	err  error // why it can't be asked any more
	open map[string]*question
}

// connect makes the link.
func (a *asker) connect() {
	pipe := queue.NewJoinable(a, queue.Limits{SendHWM: zapWaiting})
	pipe.SetOrigin(zapOrigin)
	a.mu.Lock()
	a.pipe = pipe
	a.mu.Unlock()
	link, err := a.zc.names.ConnectBound(zapName, inproc.End{Handler: a, Type: "DEALER"}, pipe)
	if errors.Is(err, inproc.ErrUnbound) {
		err = errNoAuthenticator
	}
	a.mu.Lock()
	a.link = link
	if a.err == nil || errors.Is(err, errNoAuthenticator) {
		a.err = err
	}
	failed := a.err != nil
	a.mu.Unlock()
	if failed {
		a.give()
	} else if a.isOver() { // its questions did not wait for the link
		a.stop()
	}
}

func (a *asker) isOver() bool {
	d := &a.zc.zap
	d.mu.Lock()
	defer d.mu.Unlock()
	return a.users == 0 && d.askers[a.origin] != a
}

// put asks q.
func (a *asker) put(q *question, frames [][]byte) error {
	a.mu.Lock()
	if a.err != nil || q.isOver() {
		defer a.mu.Unlock()
		return a.err
	}
	a.open[string(q.id)] = q
	a.unanswered.Add(1)
	status, flush := a.pipe.Put(nil, frames, false)
	if status != queue.OK {
		delete(a.open, string(q.id))
		a.unanswered.Add(-1)
	}
	a.mu.Unlock()
	switch {
	case status == queue.Full:
		return errAuthenticatorBusy
	case status != queue.OK:
		return errAuthenticatorGone
	case flush:
		a.pipe.Flush()
	}
	return nil
}

// forget is for a question that is over, answered or not.
func (a *asker) forget(q *question) {
	a.mu.Lock()
	delete(a.open, string(q.id))
	a.mu.Unlock()
}

// stop ends the link.
func (a *asker) stop() {
	a.mu.Lock()
	link := a.link
	a.link = nil // once is enough: what it ends comes here again
	a.mu.Unlock()
	if link != nil {
		link.Stop(nil)
	}
}

// give sees to it that the next question gets another link.
func (a *asker) give() {
	d := &a.zc.zap
	d.mu.Lock()
	d.drop(a)
	end := a.users == 0
	d.mu.Unlock()
	if end {
		a.stop()
	}
}

// Readable implements queue.Owner.
func (a *asker) Readable(*queue.Pipe) { a.take() }

// Writable implements queue.Owner: who found no room was told so.
func (a *asker) Writable(*queue.Pipe) {}

// Detach implements link.Handler. Another authenticator that takes the name over has not
// got the questions, and nobody else answers them.
func (a *asker) Detach(*queue.Pipe, bool) {
	a.take()
	a.mu.Lock()
	if a.err == nil {
		a.err = errAuthenticatorGone
	}
	open := a.open
	a.open = map[string]*question{}
	a.mu.Unlock()
	a.give()
	for _, q := range open {
		q.finish(nil, errAuthenticatorGone)
	}
}

// take ends the questions of which there are answers.
func (a *asker) take() {
	for {
		a.mu.Lock()
		if a.pipe == nil {
			a.mu.Unlock()
			return
		}
		m, ok, resume := a.pipe.In.Next(0)
		var q *question
		if ok {
			q = a.asked(m)
		}
		a.mu.Unlock()
		if resume {
			a.pipe.Resume()
		}
		if !ok {
			return
		}
		if q != nil {
			q.finish(m.Frames, nil)
		}
		if a.unanswered.Add(-1) == 0 {
			a.zc.zap.answered(a)
		}
	}
}

// asked finds the question of an answer. One that names none is the only one's, if there is
// but one; otherwise it is dropped, as what comes late is. The caller holds mu.
func (a *asker) asked(m msg.Msg) *question {
	if len(m.Frames) > 2 {
		if q := a.open[string(m.Frames[2])]; q != nil {
			return q
		}
	}
	if len(a.open) == 1 && a.unanswered.Load() == 1 {
		for _, q := range a.open {
			return q
		}
	}
	return nil
}
