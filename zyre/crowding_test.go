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
	// look takes the portions that are to be taken, from peers with so much.
	look := func(what string, wantRoom int, want bool, ms []msg.Msg) {
		t.Helper()
		if got := c.room(); got != wantRoom {
			t.Errorf("%s: %d are taken, want %d", what, got, wantRoom)
		}
		if got := c.look(ms[:min(len(ms), c.room())], now); got != want {
			t.Errorf("%s: a breath is taken: %v, want %v", what, got, want)
		}
	}
	for range 100 {
		look("one that is alone", batch, false, of(batch))
	}
	look("an honest one beside it", batch, true, of(batch-1, 1))
	look("the next batch of the flood", sip, true, of(batch))
	look("an honest one in it", sip, true, of(batch-1, 1))
	now = now.Add(besideFor / 2)
	look("a moment later", sip, true, of(batch))
	look("a sip that is not full", sip, false, of(sip-1))
	look("a batch that is not full", batch, false, of(batch-1))
	look("the flood again", batch, true, of(batch))
	now = now.Add(besideFor)
	look("when the honest one has not been heard for long", sip, false, of(batch))
	look("and from then on", batch, false, of(batch))
	for range 3 {
		look("two that send much", batch, false, of(batch/2, batch/2))
		look("three", batch, false, of(batch-batch/3*2, batch/3, batch/3))
	}
	look("an honest one that is first", batch, true, of(1, batch-1))
	look("two that send much, in a sip", sip, false, of(batch/2, batch/2))
	look("an honest one, again", batch, true, of(1, batch-1))
	now = now.Add(2 * besideFor)
	look("the flood goes on", sip, false, of(0, batch))
	look("another one floods", batch, true, of(batch))
}
