package main

import (
	"context"
	"fmt"
	"io"

	"github.com/go-zactor/zactor/zmq"
)

// push and pull are what the proxy stands between.
func push(ctx context.Context, c config) error {
	s, err := zmq.NewPush(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	defer s.Shutdown(ctx) // waits until all have been sent, or for Ctrl-C
	if err := s.Connect(c.front); err != nil {
		return err
	}
	for i := range c.n {
		if err := s.SendString(ctx, fmt.Sprint("message ", i)); err != nil {
			return err
		}
	}
	return nil
}

func pull(ctx context.Context, out io.Writer, c config) error {
	s, err := zmq.NewPull(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Connect(c.back); err != nil {
		return err
	}
	for range c.n {
		text, err := s.RecvString(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, text)
	}
	return nil
}
