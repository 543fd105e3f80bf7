package main

import (
	"context"
	"sync"

	"github.com/go-zactor/zactor/zmq"
)

// openHall lets everybody hear everybody, until stop is called.
func openHall(ctx context.Context, at places) (stop func(), err error) {
	in, err := zmq.NewXSub(ctx)
	if err != nil {
		return nil, err
	}
	out, err := zmq.NewXPub(ctx)
	if err != nil {
		in.Close()
		return nil, err
	}
	hall := zmq.NewProxy(in, out, nil)
	var running sync.WaitGroup
	stop = func() {
		hall.Stop()
		running.Wait()
		in.Close()
		out.Close() // waits until all that was said is sent
	}
	if _, err = in.Bind(at.talk); err == nil {
		_, err = out.Bind(at.listen)
	}
	if err != nil {
		stop()
		return nil, err
	}
	running.Go(func() { _ = hall.Run(ctx) })
	return stop, nil
}
