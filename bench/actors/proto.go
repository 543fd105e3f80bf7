package main

import (
	"log/slog"
	"os"
	"time"

	proto "github.com/asynkron/protoactor-go/actor"
)

// protoactor is github.com/asynkron/protoactor-go.
func protoactor() subject {
	quiet := func(*proto.ActorSystem) *slog.Logger {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	}
	root := proto.NewActorSystem(proto.WithLoggerFactory(quiet)).Root
	type message struct{}
	answer := proto.PropsFromFunc(func(c proto.Context) {
		if _, is := c.Message().(*message); is && c.Sender() != nil {
			c.Respond(c.Message())
		}
	})
	m := &message{}
	return subject{
		oneWay: func(n int) (func(), <-chan struct{}) {
			done, got := make(chan struct{}), 0
			pid := root.Spawn(proto.PropsFromFunc(func(c proto.Context) {
				if _, is := c.Message().(*message); !is {
					return
				}
				if got++; got == n {
					close(done)
				}
			}))
			return func() { root.Send(pid, m) }, done
		},
		ask: func() func() {
			pid := root.Spawn(answer)
			return func() { must(root.RequestFuture(pid, m, time.Minute).Result()) }
		},
		pingPong: func(n int) {
			done, got := make(chan struct{}), 0
			var one, two *proto.PID
			two = root.Spawn(proto.PropsFromFunc(func(c proto.Context) {
				if _, is := c.Message().(*message); is {
					c.Send(one, m)
				}
			}))
			one = root.Spawn(proto.PropsFromFunc(func(c proto.Context) {
				if _, is := c.Message().(*message); !is {
					return
				}
				if got++; got == n {
					close(done)
					return
				}
				c.Send(two, m)
			}))
			root.Send(one, m)
			<-done
		},
		spawn: func() func() {
			pid := root.Spawn(answer)
			return func() { _ = root.StopFuture(pid).Wait() }
		},
	}
}
