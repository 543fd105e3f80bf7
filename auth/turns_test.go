package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
)

// Where hundreds of one address wait for a slow store, the check of another address is
// next; who gives up leaves its place to others, and nothing is left.
func TestChecksOfTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		first, err := turns.wait(t.Context(), "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var order []string
		ask := func(ctx context.Context, address string) {
			wg.Go(func() {
				leave, err := turns.wait(ctx, address)
				defer leave()
				if err == nil {
					order = append(order, address) // one at a time
				} else if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		for i := range 300 {
			ask(t.Context(), fmt.Sprintf("2001:db8::%x", i)) // one network's
		}
		ctx, cancel := context.WithCancel(t.Context())
		ask(ctx, ":7:7:7")
		ask(t.Context(), ":1000:1000:8")
		ask(t.Context(), "192.0.2.7")
		if held, waiting := turns.figures(); held != 1 || waiting != 303 {
			t.Errorf("%d under way, %d wait", held, waiting)
		}
		cancel()
		synctest.Wait()
		first()
		wg.Wait()
		if len(order) != 302 || order[0] != "2001:db8::0" || order[1] != ":1000:1000:8" && order[2] != ":1000:1000:8" || order[1] != "192.0.2.7" && order[2] != "192.0.2.7" {
			t.Errorf("%d had their turn, in the order %q", len(order), order[:min(4, len(order))])
		}
		if held, waiting := turns.figures(); held+waiting != 0 {
			t.Errorf("%d under way, %d wait in the end", held, waiting)
		}
	})
}
