package main

import (
	"context"
	"sync"

	"github.com/go-zactor/zactor/zmq"
)

// openHall lets everybody hear everybody, until stop is called.
func openHall(ctx context.Context) (stop func()) {
	in, out := must(zmq.NewXSub(ctx)), must(zmq.NewXPub(ctx))
	must(in.Bind(*talk))
	must(out.Bind(*listen))
	hall := zmq.NewProxy(in, out, nil)
	var running sync.WaitGroup
	running.Go(func() { _ = hall.Run(ctx) })
	return func() {
		hall.Stop()
		running.Wait()
		in.Close()
		out.Close() // waits until all that was said is sent
	}
}
