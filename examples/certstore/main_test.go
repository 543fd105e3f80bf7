package main

import (
	"bytes"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

const want = "a stranger is refused: true\nthe certificate is there: Ada says hello\nthe certificate is gone, and so is the peer: true\n"

func TestMain(m *testing.M) { proc.Main(m, main) }

// The example is run as a user would.
func TestCertStore(t *testing.T) {
	proc.Start(t).Want(want)
}

// The same program over a network in memory. It watches files, by the clock, and so it runs
// outside of a bubble.
func TestInMemory(t *testing.T) {
	network := zmqtest.NewNetwork(zmqtest.Seed(t), zmqtest.Faults{Slice: 9})
	zctx := zmq.NewContext(t.Context(), zmq.WithNetwork(network))
	defer zctx.Close()
	var out bytes.Buffer
	if err := run(zctx, &out, nil); err != nil || out.String() != want {
		t.Errorf("%v; printed\n%s", err, out.String())
	}
	if len(network.Dials()) == 0 {
		t.Error("nobody has dialled")
	}
}
