package zyre

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/ztest"
)

// play is for a process that a test has started to play a part: it does not return.
var play = func() {}

func TestMain(m *testing.M) {
	play()
	goleak.VerifyTestMain(m)
}

// network returns the port of a network of its own on the loopback, and skips the
// test where there is none.
func network(t testing.TB) int {
	t.Helper()
	port := ztest.Port(t)
	b, err := beacon.New(t.Context(), beacon.WithLoopback(true), beacon.WithPort(port), beacon.WithEchoFilter(beacon.EchoOff))
	if err != nil {
		t.Skipf("no beacon on the loopback: %v", err)
	}
	defer b.Close()
	b.Subscribe([]byte("probe"))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	signals := b.Events(ctx)
	if err := b.Publish([]byte("probe"), 50*time.Millisecond); err != nil {
		t.Skipf("no broadcast on the loopback: %v", err)
	}
	for range signals {
		return port
	}
	t.Skip("a broadcast on the loopback is not heard")
	return 0
}

// begun makes a node of a network.
func begun(t testing.TB, port int, name string, opts ...Option) *Node {
	t.Helper()
	opts = append([]Option{WithLoopback(true), WithPort(port), WithLinger(200 * time.Millisecond)}, opts...)
	n, err := New(context.Background(), name, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// meet waits until all nodes know each other.
func meet(t testing.TB, nodes ...*Node) {
	t.Helper()
	for _, n := range nodes {
		ztest.Eventually(t, n.Name()+" knows all", func() bool { return n.Stats().Peers == len(nodes)-1 })
	}
}

// ear collects the events of a node.
type ear struct {
	t    testing.TB
	next <-chan Event
}

func listen(t testing.TB, n *Node) *ear {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return &ear{t, n.Chan(ctx)}
}

// expect is the next event that is not of another kind than the given ones.
func (e *ear) expect(kinds ...EventKind) Event {
	e.t.Helper()
	timeout := time.After(ztest.Patience)
	for {
		select {
		case got, ok := <-e.next:
			if !ok {
				e.t.Fatalf("the events ended before %v", kinds)
			}
			if slices.Contains(kinds, got.Kind) {
				return got
			}
		case <-timeout:
			e.t.Fatalf("no %v within %v", kinds, ztest.Patience)
		}
	}
}

// order checks the kinds of the next events of all kinds.
func (e *ear) order(kinds ...EventKind) {
	e.t.Helper()
	for _, want := range kinds {
		timeout := time.After(ztest.Patience)
		select {
		case got := <-e.next:
			if got.Kind != want {
				e.t.Fatalf("%v of %s came, want %v", got.Kind, got.Name, want)
			}
		case <-timeout:
			e.t.Fatalf("no %v within %v", want, ztest.Patience)
		}
	}
}

// none checks that nothing came.
func (e *ear) none() {
	e.t.Helper()
	select {
	case got := <-e.next:
		e.t.Fatalf("%v of %s came, want nothing", got.Kind, got.Name)
	default:
	}
}
