//go:build interop

package majordomo_test

import (
	"context"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/majordomo"
)

// A worker and a client in Python, on libzmq, by the frames of RFC 18: with each other
// through our broker, and with ours.
func TestInteropPython(t *testing.T) {
	python := proc.Python("testdata/mdp.py")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	defer func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}()
	b, err := majordomo.NewBroker(majordomo.WithBind("tcp://127.0.0.1:*"), beats)
	if err != nil {
		t.Fatal(err)
	}
	events := b.Chan(ctx)
	go func() { ended <- b.Run(ctx) }()
	all, err := b.Endpoints(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at := all[0]
	w, err := majordomo.NewWorker(at, "go", upper, beats)
	if err != nil {
		t.Fatal(err)
	}
	go func() { ended <- w.Run(ctx) }()
	theirs := python(t, "worker", at)
	theirs.Expect("ready")
	for range 2 {
		if e := <-events; e.Kind != majordomo.WorkerReady {
			t.Fatal(e)
		}
	}
	python(t, "client", at, "python", "a", "b").Want("partial part of a b\nfinal A B\n")
	python(t, "client", at, "go", "x").Want("final X\n")
	python(t, "client", at, "mmi.service", "python").Want("final 200\n")
	python(t, "client", at, "mmi.service", "none").Want("final 404\n")
	c, err := majordomo.NewClient(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m, err := c.Call(ctx, "python", msg.NewString("hello"))
	if got := m.PopString(); err != nil || got != "HELLO" {
		t.Errorf("%q, %v", got, err)
	}
	// Killed: the broker notices, and has it no more.
	theirs.Kill()
	for e := range events {
		if e.Kind == majordomo.WorkerLost && e.Service == "python" {
			break
		}
	}
	if has, err := c.Has(ctx, "python"); has || err != nil {
		t.Errorf("has it still: %v, %v", has, err)
	}
}
