package zyre

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
)

// The beacon's pace goes by the peers that are there: each counts from its ENTER to its
// EXIT.
func TestCrowdIsCounted(t *testing.T) {
	t.Parallel()
	port := network(t)
	a, b, c := begun(t, port, "a"), begun(t, port, "b"), begun(t, port, "c")
	meet(t, a, b, c)
	if got := a.crowd.Load(); got != 2 {
		t.Errorf("a counts %d peers, want 2", got)
	}
	b.Close()
	ztest.Eventually(t, "b does not count any more", func() bool { return a.crowd.Load() == 1 })
	a.Close()
	if got := a.crowd.Load() + b.crowd.Load(); got != 0 {
		t.Errorf("%d peers count when the node has stopped", got)
	}
}
