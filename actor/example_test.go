package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// An actor that answers whatever it is asked.
func ExampleSpawn() {
	ctx := context.Background()
	a, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := p.Reply(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, _ := a.Ask(ctx, msg.NewString("asked"))
	fmt.Println(m.PopString())

	fmt.Println(a.Close(), a.Err())
	// Output:
	// asked
	// <nil> <nil>
}

// What goes wrong before the actor is ready is Spawn's error.
func ExampleSpawn_failedStart() {
	ctx := context.Background()
	start := func() error {
		_, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
			s, err := zmq.NewRep(ctx)
			if err != nil {
				return err
			}
			defer s.Close()
			if _, err := s.Bind("no such thing"); err != nil {
				return err
			}
			p.Ready()
			<-ctx.Done()
			return ctx.Err()
		})
		return err
	}
	fmt.Println(errors.Is(start(), zmq.ErrInvalidEndpoint))
	// Output: true
}

// Slow requests are answered later, each by a goroutine of its own, while the
// actor goes on.
func ExamplePipe_Defer() {
	ctx := context.Background()
	a, _ := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			request := p.Defer()
			go func() { _ = request.Reply(ctx, msg.NewString("done: "+m.PopString())) }()
		}
		return nil
	})
	m, _ := a.Ask(ctx, msg.NewString("work"))
	fmt.Println(m.PopString())
	_ = a.Close()
	// Output: done: work
}

// An actor made of a loop: it reacts to its mailbox, a socket and a timer, and
// needs no lock.
func ExamplePipe_Loop() {
	ctx := context.Background()
	a, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		pull, err := zmq.NewPull(ctx)
		if err != nil {
			return err
		}
		defer pull.Close()
		if _, err := pull.Bind("inproc://example-loop"); err != nil {
			return err
		}
		total := 0
		loop := p.Loop()
		loop.Reader(pull, func(m msg.Msg) error {
			total++
			return p.Send(ctx, m)
		})
		loop.Reader(p, func(msg.Msg) error {
			return p.Reply(ctx, msg.NewString(fmt.Sprint("total ", total)))
		})
		loop.Every(time.Minute, func() error {
			total = 0
			return nil
		})
		p.Ready()
		return loop.Run(ctx)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	push, _ := zmq.NewPush(ctx)
	defer push.Close()
	_ = push.Connect("inproc://example-loop")
	_ = push.SendString(ctx, "task")

	m, _ := a.Recv(ctx)
	fmt.Println(m.PopString())
	m, _ = a.Ask(ctx, msg.NewString("how many?"))
	fmt.Println(m.PopString())
	// Output:
	// task
	// total 1
}

// The owner's program is a loop, and the actor one of its sources.
func ExampleActor_inALoop() {
	ctx := context.Background()
	a, _ := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		p.Ready()
		return p.Send(ctx, msg.NewString("result"))
	})
	loop, _ := zloop.New()
	loop.Reader(a, func(m msg.Msg) error {
		fmt.Println(m.PopString())
		return nil
	}).OnEnd(func(err error) error {
		fmt.Println("the actor has ended:", errors.Is(err, actor.ErrClosed))
		return zloop.ErrStop
	})
	_ = loop.Run(ctx)
	// Output:
	// result
	// the actor has ended: true
}

// A child that panics is restarted; what waits in its mailbox is kept.
func ExampleSupervisor() {
	ctx, cancel := context.WithCancel(context.Background())
	sup, err := actor.NewSupervisor(actor.OneForOne)
	if err != nil {
		log.Fatal(err)
	}
	events := sup.Events(context.Background()) // until the supervisor has ended
	worker, _ := sup.Add("worker", func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			s := m.PopString()
			if s == "bad" {
				panic("bad message")
			}
			_ = p.Send(ctx, msg.NewString("did "+s))
		}
		return nil
	}, actor.Permanent)
	_ = worker.Send(ctx, msg.NewString("bad"))
	_ = worker.Send(ctx, msg.NewString("good"))

	served := make(chan error)
	go func() { served <- sup.Run(ctx) }()
	m, _ := worker.Recv(ctx)
	cancel()
	err = <-served
	for e := range events {
		fmt.Println(e)
	}
	fmt.Println(m.PopString())
	fmt.Println(err)
	// Output:
	// Started "worker"
	// Ready "worker"
	// Exited "worker": actor: panic: bad message
	// Restarting "worker" in 0s: actor: panic: bad message
	// Started "worker"
	// Ready "worker"
	// Exited "worker"
	// Ended "worker"
	// did good
	// <nil>
}

// Actors that find each other by name.
func ExampleRegistry() {
	ctx := context.Background()
	names := actor.NewRegistry()
	_, _ = actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		p.Ready()
		<-ctx.Done()
		return ctx.Err()
	}, actor.WithName("cache"), actor.WithRegistry(names))

	a, ok := names.Lookup("cache")
	fmt.Println(ok, a.Name())
	_ = a.Close()
	fmt.Println(names.Names())
	// Output:
	// true cache
	// []
}
