package main

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestShout(t *testing.T) {
	network := zmqtest.NewNetwork(zmqtest.Seed(t), zmqtest.Faults{Delay: 5 * time.Millisecond, Slice: 1})
	zctx := zmq.NewContext(t.Context(), zmq.WithNetwork(network))
	defer zctx.Close()

	ctx, stop := context.WithCancel(zctx)
	ended := make(chan error)
	go func() { ended <- run(ctx, "tcp://10.0.0.1:5555") }()

	req, err := zmq.NewReq(zctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := req.Connect("tcp://10.0.0.1:5555"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := req.SendString(ctx, "hello"); err != nil {
			t.Fatal(err)
		}
		answer, err := req.RecvString(ctx)
		if err != nil || answer != "HELLO" {
			t.Fatalf("%q, %v", answer, err)
		}
		network.Reset() // the cable is pulled: both sides come back by themselves
	}

	stop() // Ctrl-C
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
