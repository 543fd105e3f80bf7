package observe_test

import (
	"runtime"
	"testing"

	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// crowd opens so many sockets, which live until the test ends.
func crowd(tb testing.TB, zctx *zmq.Context, n int) {
	tb.Helper()
	for range n {
		if _, err := zmq.New(zctx, zmq.Pull, zmq.WithName("one of many")); err != nil {
			tb.Fatal(err)
		}
	}
}

// duo is a pair over inproc.
func duo(tb testing.TB, zctx *zmq.Context) (push, pull *zmq.Socket) {
	tb.Helper()
	push, _ = zmq.New(zctx, zmq.Push, zmq.WithName("sender"))
	pull, _ = zmq.New(zctx, zmq.Pull, zmq.WithName("receiver"))
	if _, err := pull.Bind("inproc://cost"); err != nil {
		tb.Fatal(err)
	}
	if err := push.Connect("inproc://cost"); err != nil {
		tb.Fatal(err)
	}
	return push, pull
}

// A look holds nothing that a socket needs: while one is under way, and even stands
// still, messages go, sockets open, connect and close, and others look.
func TestLookHoldsNothing(t *testing.T) {
	ctx := ztest.Within(t)
	zctx := zmq.NewContext(ctx)
	defer zctx.Close()
	push, pull := duo(t, zctx)
	send := func() {
		t.Helper()
		if err := push.SendString(ctx, "x"); err != nil {
			t.Fatal(err)
		}
		if _, err := pull.Recv(ctx); err != nil {
			t.Fatal(err)
		}
	}
	stands, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	seen := map[string]int{}
	go func() {
		defer close(ended)
		registry.View(func(s *registry.Snapshot) bool {
			if s.Name == "sender" {
				close(stands)
				<-goOn
			}
			seen[s.Name]++
			return true
		})
	}()
	<-stands
	send()
	other, err := zmq.New(zctx, zmq.Pair, zmq.WithName("late"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Bind("inproc://late"); err != nil {
		t.Fatal(err)
	}
	found := 0
	registry.View(func(s *registry.Snapshot) bool {
		if s.Name == "late" {
			found++
		}
		return true
	})
	if err := other.Close(); err != nil || found != 1 {
		t.Errorf("close: %v; another look has found it %d times", err, found)
	}
	if err := pull.Close(); err != nil { // one that is yet to be looked at
		t.Error(err)
	}
	close(goOn)
	<-ended
	if seen["sender"] != 1 || seen["receiver"] != 1 || seen["late"] != 0 {
		t.Errorf("the look that stood still has seen %v", seen)
	}
}

// What a look allocates is bounded by what there is: no more than so many objects a
// socket, in a process of many.
func TestLookAllocates(t *testing.T) {
	zctx := zmq.NewContext(t.Context())
	defer zctx.Close()
	const n = 500
	crowd(t, zctx, n)
	allocs := testing.AllocsPerRun(5, func() { registry.View(func(*registry.Snapshot) bool { return true }) })
	if each := allocs / n; each > 24 {
		t.Errorf("%.1f allocations a socket", each)
	}
	runtime.KeepAlive(zctx)
}
