package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/actor"
)

var (
	bg      = context.Background()
	errFail = errors.New("fail")
)

type question struct{ actor.Answer[int] }

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// echo answers questions, and fails at what is none.
func echo(*actor.Context[any]) (actor.Handler[any], error) {
	return func(_ *actor.Context[any], m any) error {
		if q, is := m.(*question); is {
			return q.Reply(1)
		}
		return errFail
	}, nil
}

// ours are typed actors.
var ours = subject{
	oneWay: func(n int) (func(), <-chan struct{}) {
		done, got := make(chan struct{}), 0
		a := must(actor.New(bg, func(*actor.Context[any]) (actor.Handler[any], error) {
			return func(*actor.Context[any], any) error {
				if got++; got == n {
					close(done)
				}
				return nil
			}, nil
		}))
		return func() { _ = a.Tell(bg, nil) }, done
	},
	ask: func() func() {
		a := must(actor.New(bg, echo))
		return func() { must(actor.Ask(bg, a, &question{})) }
	},
	pingPong: func(n int) {
		done, got := make(chan struct{}), 0
		var one, two *actor.Ref[any]
		one = must(actor.New(bg, func(*actor.Context[any]) (actor.Handler[any], error) {
			return func(c *actor.Context[any], m any) error {
				if got++; got == n {
					close(done)
					return nil
				}
				return two.Tell(c, m)
			}, nil
		}))
		two = must(actor.New(bg, func(*actor.Context[any]) (actor.Handler[any], error) {
			return func(c *actor.Context[any], m any) error { return one.Tell(c, m) }, nil
		}))
		_ = one.Tell(bg, nil)
		<-done
	},
	spawn: func() func() {
		a := must(actor.New(bg, echo))
		return func() { _ = a.Close() }
	},
	restart: func(children int) func(int) {
		sup := must(actor.NewSupervisor(actor.OneForOne, actor.WithIntensity(1<<30, time.Nanosecond)))
		go sup.Run(bg)
		all := make([]*actor.Ref[any], children)
		for i := range all {
			all[i] = must(actor.Supervise(sup, strconv.Itoa(i), echo, actor.Permanent))
			must(actor.Ask(bg, all[i], &question{}))
		}
		return func(i int) {
			_ = all[i].Tell(bg, nil)
			must(actor.Ask(bg, all[i], &question{}))
		}
	},
}
