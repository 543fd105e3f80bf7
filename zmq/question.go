package zmq

import (
	"cmp"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/zap"
)

// question is one that is put to the authenticator, and no goroutine waits with it.
type question struct {
	zc     *Context
	s      *Socket
	origin string
	id     []byte
	frames [][]byte // until it is put
	then   func(frames [][]byte, id []byte, err error)
	report func(*contain.Panic)

	turn *budget.Turn[*question] // guarded by the desk's lock
	to   *asker                  // once it was put; guarded by the desk's lock
	left bool                    // guarded by the desk's lock

	mu    sync.Mutex
	timer *time.Timer
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
	q := &question{zc: s.zc, s: s, id: r.ID, frames: r.Encode(), then: then, report: s.failed}
	s.stats.asking.Add(1)
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
	if s.zc.zap.enter(q, budget.OriginOfHost(r.Address)) {
		q.put()
	}
	return q.late
}

// late gives up waiting.
func (q *question) late() {
	err := errAuthenticatorSlow
	if q.zc.zap.waits(q) {
		err = errAuthenticatorBusy
	}
	q.finish(nil, err)
}

// put asks, now that it is the question's turn.
func (q *question) put() {
	a := q.zc.zap.asker(q)
	if a == nil {
		return
	}
	a.connected.Do(a.connect)
	frames := q.frames
	q.frames = nil
	if err := a.put(q, frames); err != nil {
		q.finish(nil, err)
	}
}

func (q *question) isOver() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.over
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
	q.s.stats.asking.Add(-1)
	if errors.Is(q.err, errAuthenticatorBusy) {
		q.s.stats.askedInVain.Add(1)
	}
	q.zc.zap.leave(q)
	return nil
}
