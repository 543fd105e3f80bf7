package lazypirate

import (
	"context"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
)

// Request is the question that an [Actor] is asked: its answer is the server's reply, or
// the error of [Caller.Call].
type Request struct {
	Message msg.Msg
	actor.Answer[msg.Msg]
}

// done is what the actor receives when a request has been answered.
type done struct{}

// Actor makes an actor out of a Caller, to be given to actor.New or actor.Supervise. Each
// life has a Caller of its own. It is asked with *Request, and answers as many at once as
// WithParallel says. Another message ends it with an error.
func Actor(endpoints []string, opts ...Option) actor.Setup[any] {
	return func(c *actor.Context[any]) (actor.Handler[any], error) {
		caller, err := New(c, endpoints, opts...)
		if err != nil {
			return nil, err
		}
		return func(c *actor.Context[any], m any) error {
			switch m := m.(type) {
			case done:
			case *Request:
				c.Async(func(context.Context) any {
					m.answer(caller)
					return done{}
				})
			default:
				return options.Invalid("a message of type %T: an actor of lazypirate is asked with *lazypirate.Request", m)
			}
			return nil
		}, nil
	}
}

// answer calls the server, and hands on what it says. Whoever asked may have left: then
// nobody wants to know.
func (r *Request) answer(caller *Caller) {
	reply, err := caller.Call(r.Context(), r.Message)
	if err != nil {
		_ = r.Fail(err)
		return
	}
	_ = r.Reply(reply)
}
