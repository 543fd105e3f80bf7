package zyre

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
)

// A breath is taken beside a flood of one peer while others are there, and only then: not
// for a flood of one that is alone, not for several that send much, and not where there is
// no flood.
func TestBreathBesideAFlood(t *testing.T) {
	t.Parallel()
	of := func(counts ...int) (ms []msg.Msg) { // in turn, as the inbox gives them
		for {
			any := false
			for who := range counts {
				if counts[who] > 0 {
					counts[who]--
					any = true
					ms = append(ms, msg.NewString(string(rune('a'+who)), "x"))
				}
			}
			if !any {
				return ms
			}
		}
	}
	var c crowding
	now := time.Unix(1000, 0)
	look := func(what string, ms []msg.Msg, want bool) {
		t.Helper()
		if got := c.look(ms, now); got != want {
			t.Errorf("%s: a breath is taken: %v, want %v", what, got, want)
		}
	}
	for range 100 {
		look("one that is alone", of(batch), false)
	}
	look("an honest one beside it", of(batch-1, 1), true)
	look("the next batch of the flood", of(batch), true)
	now = now.Add(besideFor / 2)
	look("a moment later", of(batch), true)
	look("a batch that is not full", of(batch-1), false)
	now = now.Add(besideFor)
	look("when the honest one has not been heard for long", of(batch), false)
	for range 3 {
		look("two that send much", of(batch/2, batch/2), false)
		look("three", of(batch-batch/3*2, batch/3, batch/3), false)
	}
	look("an honest one that is first", of(1, batch-1), true)
	now = now.Add(2 * besideFor)
	look("the flood goes on", of(0, batch), false)
	look("another one floods", of(batch), true)
}
