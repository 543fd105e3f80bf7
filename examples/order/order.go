package main

import (
	"fmt"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// What an order is told. (The timer's message is not for others.)
type (
	Pay    struct{}
	Ship   struct{}
	Cancel struct{}
	late   struct{}
)

// State is a question: in which state the order is.
type State struct{ actor.Answer[string] }

type machine struct {
	*actor.Context[any]
	say  func(string)
	late *actor.Timer
}

// order makes the actor of an order that is to be paid in time. It says what happens.
func order(patience time.Duration, say func(string)) actor.Setup[any] {
	return func(c *actor.Context[any]) (actor.Handler[any], error) {
		o := &machine{Context: c, say: say, late: c.After(patience, late{})}
		return o.open, nil
	}
}

// open waits for the payment.
func (o *machine) open(_ *actor.Context[any], m any) error {
	switch m := m.(type) {
	case Pay:
		o.late.Stop()
		o.become("paid", o.paid)
	case Ship:
		return o.Stash() // it is shipped as soon as it is paid
	case Cancel:
		o.become("cancelled", o.over("cancelled"))
	case late:
		o.become("cancelled, not paid in time", o.over("cancelled"))
	case *State:
		return m.Reply("open")
	}
	return nil
}

// paid waits to be shipped.
func (o *machine) paid(_ *actor.Context[any], m any) error {
	switch m := m.(type) {
	case Ship:
		o.become("shipped", o.over("shipped"))
	case Cancel:
		o.become("cancelled, the money goes back", o.over("cancelled"))
	case *State:
		return m.Reply("paid")
	default:
		o.refuse(m, "paid")
	}
	return nil
}

// over is how an order ends: nothing changes it any more.
func (o *machine) over(state string) actor.Handler[any] {
	return func(_ *actor.Context[any], m any) error {
		if q, ok := m.(*State); ok {
			return q.Reply(state)
		}
		o.refuse(m, state)
		return nil
	}
}

func (o *machine) become(event string, next actor.Handler[any]) {
	o.say(event)
	o.Become(next)
	o.Unstash() // perhaps its time has come; if not, next says so
}

func (o *machine) refuse(m any, state string) { o.say(fmt.Sprintf("no %T: it is %s", m, state)) }
