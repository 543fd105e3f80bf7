package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/zap"
	"github.com/go-zactor/zactor/msg"
)

// checkTime bounds one check, with the time that it waits for its turn: the core waits for
// five seconds.
const checkTime = 4 * time.Second

// serve answers requests until the socket closes. What a store is asked for leaves its
// goroutine: it may take long, and must not keep others waiting. How many there are at
// once the core bounds, by the questions that it lets be open.
func (a *Auth) serve() {
	for {
		m, err := a.socket.Recv(a.ctx)
		if err != nil {
			return
		}
		a.guard.Step("auth: request", func() { a.take(m) })
	}
}

// abandon is for an authenticator that can't answer any more: without its socket servers
// refuse at once, where they would wait.
func (a *Auth) abandon() { a.socket.Close() }

func (a *Auth) take(m msg.Msg) {
	to := m.Pop()
	r, err := zap.ParseRequest(m.Frames)
	if err != nil {
		a.malformed(to, m.Frames, err)
		return
	}
	switch r.Mechanism {
	case "PLAIN":
		a.check(a.passwords, to, r)
	case "CURVE":
		a.check(a.keys, to, r)
	default:
		a.judge(a.ctx, to, r)
	}
}

// check asks a store, once it is this request's turn. There may be thousands of them that
// wait for a slow one: each has one goroutine.
func (a *Auth) check(turns *turns, to []byte, r zap.Request) {
	answered := false
	a.guard.Go(&a.wg, "auth: check", func() {
		ctx, cancel := context.WithTimeout(a.ctx, checkTime)
		defer cancel()
		leave, err := turns.wait(ctx, r.Address)
		defer leave()
		if err != nil {
			a.count.crowded.Add(1)
			a.answer(to, r, verdict{postponed, "too many checks are under way", "", nil})
			return
		}
		answered = true // whatever the store does
		a.judge(ctx, to, r)
	}, func() {
		if !answered {
			a.answer(to, r, verdict{failed, "the check panicked", "", nil})
		}
	})
}

// malformed answers what has the version and an id, so that the asker need not wait in
// vain.
func (a *Auth) malformed(to []byte, frames [][]byte, err error) {
	a.count.malformed.Add(1)
	a.log.Limited(logs.AuthMalformed, "", logs.Err(err))
	if len(frames) > 2 && len(frames[0]) == 0 && len(frames[2]) <= 255 {
		a.reply(to, zap.Reply{ID: frames[2], Status: string(failed), Text: "malformed request"})
	}
}

// judge decides and answers, whatever the stores do. One that ends the goroutine has ended
// it when the answer is sent.
func (a *Auth) judge(ctx context.Context, to []byte, r zap.Request) {
	var v verdict
	contain.Run("store", func() error {
		v = a.decide(ctx, r)
		return nil
	}, func(err error) { // counted as Failed
		if err != nil {
			a.log.Limited(logs.AuthPanicked, r.Domain, logs.Str("domain", r.Domain), logs.Str("panic", err.Error()))
			v = verdict{failed, "the store panicked", "", nil}
		}
		a.answer(to, r, v)
	}, a.guard.Report)
}

// answer sends a verdict. It is counted and told before: a test or a program that sees
// its effect finds it counted.
func (a *Auth) answer(to []byte, r zap.Request, v verdict) {
	a.count.add(v.status)
	a.report(r, v)
	reply := zap.Reply{ID: r.ID, Status: string(v.status), Text: cut(v.reason)}
	if v.status == allowed {
		reply.UserID, reply.Metadata = v.user, v.metadata
	}
	a.reply(to, reply)
}

func (a *Auth) reply(to []byte, r zap.Reply) {
	// What can't be sent is for a socket that has gone.
	_ = a.socket.Send(a.ctx, msg.New(append([][]byte{to}, r.Encode()...)...))
}

// cut keeps RFC 27's limit: "All string fields are at most 255 characters".
func cut(text string) string {
	const limit = 255
	return text[:min(len(text), limit)]
}

// status is a status code of RFC 27.
type status string

const (
	allowed   status = zap.StatusSuccess
	postponed status = zap.StatusRetry
	denied    status = zap.StatusDenied
	failed    status = zap.StatusError
)

// verdict is what was decided, and why. user is who it is about: the authenticated
// one only if the status is allowed.
type verdict struct {
	status   status
	reason   string
	user     string
	metadata []wire.Property
}

func deny(user, format string, args ...any) verdict {
	return verdict{denied, fmt.Sprintf(format, args...), user, nil}
}
