package main

import (
	"context"
	"io"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The whole system over a network in memory that breaks connections all the time.
func TestCalls(t *testing.T) {
	const at = "tcp://127.0.0.1:5555" // of the network in memory
	network := zmqtest.NewNetwork(zmqtest.Seed(t), zmqtest.Faults{Slice: 5, Loss: 20_000})
	zctx := zmq.NewContext(t.Context(), zmq.WithNetwork(network))
	defer zctx.Close()
	ctx, stop := context.WithCancel(zctx)
	ended := make(chan error)
	for _, role := range []string{"broker", "worker", "worker"} {
		go func() { ended <- run(ctx, io.Discard, []string{role}) }()
	}
	for i := range 10 {
		if got, err := call(ctx, at, Args{6 * i, 2}); err != nil || got != (Reply{Quotient: 3 * i}) {
			t.Errorf("%d: %+v, %v", i, got, err)
		}
	}
	if got, err := call(ctx, at, Args{1, 0}); err != nil || got.Error != "division by zero" {
		t.Errorf("%+v, %v", got, err)
	}
	stop() // Ctrl-C
	for range 3 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
