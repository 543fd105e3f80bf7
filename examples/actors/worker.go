package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/zmq"
)

// worker is an actor that squares numbers. Its sockets are its own, and close when
// it returns.
func worker(from, to string) actor.Func {
	return func(ctx context.Context, p *actor.Pipe) error {
		in, err := zmq.NewPull(ctx)
		if err != nil {
			return err
		}
		defer in.Close()
		out, err := zmq.NewPush(ctx)
		if err != nil {
			return err
		}
		defer out.Close()
		if err := errors.Join(in.Connect(from), out.Connect(to)); err != nil {
			return err
		}
		p.Ready()
		for m, err := range in.Messages(ctx) {
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(m.PopString())
			if err != nil {
				continue // not a number, not a task
			}
			if err := out.SendString(ctx, strconv.Itoa(n*n), p.Name()); err != nil {
				return err
			}
		}
		return nil
	}
}
