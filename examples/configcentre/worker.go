package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// worker subscribes and then reports, so that nothing is published between the two
// that it would not hear of. It uses each version of the configuration once.
func worker(ctx context.Context, name string) {
	sub := must(zmq.NewSub(ctx))
	defer sub.Close()
	check(sub.Subscribe(topic))
	check(sub.Connect(*configs))
	// A report that nobody has answered is simply sent again: the options let a REQ
	// do so, and keep a late answer from being taken for that to a later report.
	req := must(zmq.NewReq(ctx, zmq.WithReqRelaxed(true), zmq.WithReqCorrelate(true),
		zmq.WithRecvTimeout(*interval), zmq.WithLinger(0)))
	defer req.Close()
	check(req.Connect(*reports))

	version := 0
	published := sub.Chan(ctx)
	for ctx.Err() == nil {
		version = use(report(ctx, req, name), version)
		select {
		case m := <-published:
			if m.Len() == 2 {
				version = use(m.Frames[1], version)
			}
		case <-time.After(*interval):
		}
	}
}

// report says that we are here. The centre's answer may have the configuration.
func report(ctx context.Context, req *zmq.Socket, name string) []byte {
	check(req.SendString(ctx, name))
	answer, err := req.Recv(ctx)
	switch {
	case errors.Is(err, zmq.ErrAgain) || ctx.Err() != nil:
		return nil // nobody is there now
	case err == nil && answer.PopString() == stranger:
		fmt.Println(stranger)
		os.Exit(1)
	}
	check(err)
	return answer.Pop()
}

// use takes a configuration on, if it is a new one, and returns its version.
func use(text []byte, version int) int {
	if text == nil {
		return version
	}
	var c config
	check(json.Unmarshal(text, &c))
	if c.Version != version {
		fmt.Printf("configuration %d: rate %g, workers %v\n", c.Version, c.Rate, c.Workers)
	}
	return c.Version
}
