package main

import (
	"context"
	"errors"

	"github.com/go-zactor/zactor/zmq"
)

// poll passes on what comes from either side: a message is all of its parts, so
// there are no parts to copy and no flag that says that more follow.
func poll(ctx context.Context, front, back *zmq.Socket) error {
	poller := zmq.NewPoller()
	defer poller.Close()
	if err := errors.Join(poller.Add(front, zmq.PollIn), poller.Add(back, zmq.PollIn)); err != nil {
		return err
	}
	for {
		ready, err := poller.Wait(ctx)
		if err != nil {
			return err
		}
		for _, r := range ready {
			from, to := front, back
			if r.Item == zmq.Pollable(back) {
				from, to = back, front
			}
			m, err := from.TryRecv()
			if err == nil {
				err = to.Send(ctx, m)
			}
			if err != nil {
				return err
			}
		}
	}
}
