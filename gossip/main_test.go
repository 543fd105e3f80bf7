package gossip

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/ztest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
		has := func() string { return tuples(n) }
		ztest.Eventually(t, fmt.Sprintf("node %d has %s", i, want), func() bool { return tuples(n) == want }, has)
	}
}
