package main

import (
	"context"
	"fmt"

	"github.com/go-zactor/zactor/zmq"
)

// push and pull are what the proxy stands between.
func push(ctx context.Context) {
	s := must(zmq.NewPush(context.Background()))
	defer s.Shutdown(ctx) // waits until all have been sent, or for Ctrl-C
	check(s.Connect(*front))
	for i := range *n {
		check(s.SendString(ctx, fmt.Sprint("message ", i)))
	}
}

func pull(ctx context.Context) {
	s := must(zmq.NewPull(ctx))
	defer s.Close()
	check(s.Connect(*back))
	for range *n {
		fmt.Println(must(s.RecvString(ctx)))
	}
}
