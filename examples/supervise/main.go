// Supervise keeps a service running that fails: a server with a fault, which is restarted,
// at its old endpoint, each time that a request hits it; and an actor that the server
// asks, whose state a restart sets back to what is known to be good.
//
//	go run ./examples/supervise
//	zactor req -c :5555 -D 7 -D 0 -D 5
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/zmq"
)

// divide is a question: 100 divided by it.
type divide struct {
	by int
	actor.Answer[string]
}

// calculator makes one life of the actor. A panic ends that life, and not the process.
func calculator(*actor.Context[*divide]) (actor.Handler[*divide], error) {
	done := 0 // belongs to this life
	return func(_ *actor.Context[*divide], q *divide) error {
		done++
		return q.Reply(fmt.Sprintf("%d, number %d of this life", 100/q.by, done)) // 0 is the fault
	}, nil
}

// server is a service: anything that has a Run.
type server struct {
	endpoint string
	out      io.Writer
	calc     *actor.Ref[*divide]
}

// Run serves until ctx ends, or until it fails.
func (s *server) Run(ctx context.Context) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close() // and so the endpoint is free for the next life
	bound, err := rep.Bind(s.endpoint)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, "serving", bound)
	for m, err := range rep.Messages(ctx) {
		if errors.Is(err, context.Canceled) {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(m.PopString())
		if err != nil {
			return fmt.Errorf("not a number: %w", err) // a fault of ours: the client has no answer
		}
		answer, err := actor.Ask(ctx, s.calc, &divide{by: n})
		if err != nil {
			answer = "no answer: " + err.Error()
		}
		if err := rep.SendString(ctx, answer); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) error {
	sup, err := actor.NewSupervisor(actor.OneForOne,
		actor.WithBackoff(50*time.Millisecond, 5*time.Second), actor.WithIntensity(10, 10*time.Second))
	if err != nil {
		return err
	}
	events := sup.Events(ctx)
	calc, err := actor.Supervise(sup, "calculator", calculator, actor.Permanent)
	if err != nil {
		return err
	}
	s := &server{cmp.Or(append(args, "")[0], "tcp://127.0.0.1:5555"), out, calc}
	if _, err := sup.Add("server", actor.ServiceFunc(s), actor.Permanent); err != nil {
		return err
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		for e := range events {
			if e.Kind == actor.Restarting {
				fmt.Fprintln(out, e.Child, "is restarted")
			}
		}
	}()
	err = sup.Run(ctx) // nil: Ctrl-C, and all have ended
	<-told
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
