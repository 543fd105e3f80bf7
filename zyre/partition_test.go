package zyre

import (
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// A network that falls apart, and heals: on both sides EVASIVE, EXIT and ENTER, in
// this order and no earlier than the timers say, without anything twice.
func TestPartition(t *testing.T) {
	t.Parallel()
	const evasive, expired = 200 * time.Millisecond, 600 * time.Millisecond
	port, mem := network(t), ztest.NewNet(ztest.Seed(t), ztest.Faults{})
	wired := func(c *config) error { c.network = mem; return nil }
	a := begun(t, port, "a", wired, WithTimeouts(evasive, expired), WithInterval(100*time.Millisecond))
	b := begun(t, port, "b", wired, WithTimeouts(evasive, expired), WithInterval(100*time.Millisecond))
	meet(t, a, b)
	ears := []*ear{listen(t, a), listen(t, b)}
	for _, e := range ears {
		e.order(Enter)
	}
	for round := range ztest.Size(1, 5) {
		cut := time.Now()
		mem.Part()
		for _, e := range ears {
			order := []EventKind{}
			for len(order) == 0 || order[len(order)-1] != Exit {
				got := e.expect(Enter, Exit, Evasive, Recovered)
				order = append(order, got.Kind)
				if since := time.Since(cut); got.Kind == Exit && (since < expired-evasive || got.Reason != Expired) {
					t.Errorf("round %d: exit after %v: %v", round, since, got.Reason)
				}
			}
			if n := len(order); n < 2 || order[n-2] != Evasive || slices.Contains(order, Enter) {
				t.Errorf("round %d: %v", round, order)
			}
		}
		mem.Heal()
		for _, e := range ears {
			if got := e.expect(Enter, Exit); got.Kind != Enter {
				t.Errorf("round %d: %v first", round, got.Kind)
			}
		}
		meet(t, a, b)
	}
}
