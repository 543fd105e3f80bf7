package gossip

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come. Only a test that fails
// waits for all of it.
const patience = 2 * time.Minute

func background(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// begun makes a node, bound to the loopback.
func begun(t testing.TB, opts ...Option) (*Node, string) {
	t.Helper()
	n := made(t, context.Background(), opts...)
	endpoint, err := n.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	return n, endpoint
}

func made(t testing.TB, ctx context.Context, opts ...Option) *Node {
	t.Helper()
	n, err := New(ctx, append([]Option{WithLinger(100 * time.Millisecond), WithBar(200 * time.Millisecond)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func connect(t testing.TB, n *Node, endpoints ...string) {
	t.Helper()
	for _, e := range endpoints {
		if err := n.Connect(e); err != nil {
			t.Fatal(err)
		}
	}
}

func publish(t testing.TB, n *Node, key, value string) {
	t.Helper()
	if err := n.Publish(key, value, 0); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, patience)
		}
		time.Sleep(time.Millisecond)
	}
}

// tuples is a node's table as text.
func tuples(n *Node) string {
	all := map[string]string{}
	for _, t := range n.Snapshot() {
		all[t.Key] = t.Value
	}
	return fmt.Sprint(all)
}

// agree waits until all nodes have these tuples.
func agree(t testing.TB, want string, nodes ...*Node) {
	t.Helper()
	for i, n := range nodes {
		end := time.Now().Add(patience)
		for tuples(n) != want {
			if time.Now().After(end) {
				t.Fatalf("node %d has %s, want %s; %+v", i, tuples(n), want, n.Stats())
			}
			time.Sleep(time.Millisecond)
		}
	}
}
