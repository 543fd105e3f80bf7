package zmq

import (
	"cmp"
	"container/list"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/zap"
	"github.com/go-zactor/zactor/msg"
)

// question is one that is put to the authenticator, and no goroutine waits with it. It
// has a link of its own, so that questions need not wait for each other and an answer
// that comes late reaches nobody.
type question struct {
	link.Nobody
	zc     *Context
	id     []byte
	frames [][]byte // until it is put
	then   func(frames [][]byte, id []byte, err error)
	report func(*contain.Panic)
	pipe   *queue.Pipe

	turn turn // guarded by the desk's lock

	mu    sync.Mutex
	timer *time.Timer
	link  *inproc.Connection
	cut   bool // the link has been
	over  bool
	reply [][]byte
	err   error // why there is no reply
}

// zapOrigin is where all answers come from.
var zapOrigin = inproc.Origin(zapName, "")

// ask puts a question to the authenticator. then is called once, in a goroutine of its
// own, with the answer or the reason why there is none.
func (s *Socket) ask(r zap.Request, deadline time.Time, then func(frames [][]byte, id []byte, err error)) (abort func()) {
	// Nobody can guess an id, and so nobody can answer a question that was not put
	// to it. It is text because there are authenticators that read it as such.
	r.ID = []byte(rand.Text())
	q := &question{zc: s.zc, id: r.ID, frames: r.Encode(), then: then, report: s.failed}
	timeout := cmp.Or(time.Duration(s.zc.zap.timeout.Load()), zapTimeout)
	if left := time.Until(deadline); !deadline.IsZero() && left < timeout {
		timeout = left
	}
	q.mu.Lock() // the time may be over at once
	q.timer = contain.AfterTime(timeout, "authenticator's time", func() {
		contain.Probe("authenticator's time")
		q.late()
	}, func(p *contain.Panic) {
		q.report(p)
		q.finish(nil, errAuthenticatorSlow)
	})
	q.mu.Unlock()
	if s.zc.zap.turns.enter(q) {
		q.put()
	}
	return q.late
}

// late gives up waiting.
func (q *question) late() {
	err := errAuthenticatorSlow
	if q.zc.zap.turns.waits(q) {
		err = errAuthenticatorBusy
	}
	q.finish(nil, err)
}

// put asks, now that it is the question's turn.
func (q *question) put() {
	q.pipe = queue.NewJoinable(q, queue.Limits{})
	q.pipe.SetOrigin(zapOrigin)
	link, err := q.zc.names.ConnectBound(zapName, inproc.End{Handler: q, Type: "DEALER"}, q.pipe)
	switch {
	case errors.Is(err, inproc.ErrUnbound):
		q.finish(nil, errNoAuthenticator)
		return
	case err != nil:
		q.finish(nil, err)
		return
	}
	q.mu.Lock()
	q.link = link
	over, cut := q.over, q.cut
	q.mu.Unlock()
	frames := q.frames
	q.frames = nil
	switch {
	case over:
		link.Stop(nil)
		return
	case cut:
		q.finish(nil, errAuthenticatorGone)
		return
	}
	if status, flush := q.pipe.Put(nil, frames, false); status != queue.OK {
		q.finish(nil, errAuthenticatorGone)
	} else if flush {
		q.pipe.Flush()
	}
}

// finish ends the question, once. Who calls may be the authenticator, in the middle of
// sending: what is left to do is done elsewhere.
func (q *question) finish(reply [][]byte, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	q.over, q.reply, q.err = true, reply, err
	q.timer.Stop()
	go contain.Run("authenticator's answer", q.leave, func(err error) {
		if err != nil {
			q.report(err.(*contain.Panic))
			q.then(nil, q.id, err)
			return
		}
		q.then(q.reply, q.id, q.err)
	}, q.report)
}

// leave gives back what the question had.
func (q *question) leave() error {
	contain.Probe("authenticator's answer")
	q.mu.Lock()
	link := q.link
	q.mu.Unlock()
	if link != nil {
		link.Stop(nil)
	}
	q.zc.zap.turns.leave(q)
	return nil
}

// Readable implements queue.Owner.
func (q *question) Readable(*queue.Pipe) { q.take() }

// Writable implements queue.Owner: there is but one message to send.
func (q *question) Writable(*queue.Pipe) {}

// Detach implements link.Handler. Another authenticator that takes the name over has not
// got the question, and nobody else answers it. While the link is being made, put looks.
func (q *question) Detach(*queue.Pipe, bool) {
	q.mu.Lock()
	q.cut = true
	linked := q.link != nil
	q.mu.Unlock()
	if linked && !q.take() {
		q.finish(nil, errAuthenticatorGone)
	}
}

// take ends the question if there is an answer.
func (q *question) take() bool {
	q.mu.Lock()
	var m msg.Msg
	var ok, resume bool
	if !q.over {
		m, ok, resume = q.pipe.In.Next(0)
	}
	q.mu.Unlock()
	if resume {
		q.pipe.Resume()
	}
	if ok {
		q.finish(m.Frames, nil)
	}
	return ok
}

// turns bounds the questions that are open at the same time. Those beyond wait in line.
type turns struct {
	mu   sync.Mutex
	free int
	line list.List // of *question
}

// turn is where a question stands: in the line, or it has had its turn.
type turn struct {
	place *list.Element
	mine  bool
}

// enter reports whether it is q's turn. If it isn't, q.put is called when it is.
func (t *turns) enter(q *question) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free == 0 {
		q.turn.place = t.line.PushBack(q)
		return false
	}
	t.free--
	q.turn.mine = true
	return true
}

// waits reports whether q stands in the line.
func (t *turns) waits(q *question) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return q.turn.place != nil
}

// leave ends q's turn, or its waiting for that.
func (t *turns) leave(q *question) {
	t.mu.Lock()
	switch {
	case q.turn.place != nil:
		t.line.Remove(q.turn.place)
		q.turn.place = nil
	case q.turn.mine:
		q.turn.mine = false
		t.mu.Unlock()
		t.pass()
		return
	}
	t.mu.Unlock()
}

// pass gives a turn that has ended to the next in line.
func (t *turns) pass() {
	t.mu.Lock()
	e := t.line.Front()
	if e == nil {
		t.free++
		t.mu.Unlock()
		return
	}
	next := t.line.Remove(e).(*question)
	next.turn = turn{mine: true}
	t.mu.Unlock()
	next.put()
}
