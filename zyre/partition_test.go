package zyre

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/zre"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmqtest"
)

// A network that falls apart, and heals: on both sides EVASIVE, EXIT and ENTER, in
// this order and no earlier than the timers say, without anything twice.
func TestPartition(t *testing.T) {
	t.Parallel()
	const evasive, expired = 500 * time.Millisecond, 3 * time.Second // far apart: a busy machine must not part them
	port, mem := network(t), zmqtest.NewNetwork(ztest.Seed(t), zmqtest.Faults{})
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
		mem.Partition()
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

// An outage that is shorter than the expiry: nobody exits, and what was said before,
// during and after it arrives, in order.
func TestOutage(t *testing.T) {
	t.Parallel()
	const evasive, expired = time.Second, time.Minute // far apart: a slow machine must not make it longer than the expiry
	port, mem, ctx := network(t), zmqtest.NewNetwork(ztest.Seed(t), zmqtest.Faults{}), ztest.Within(t)
	wired := func(c *config) error { c.network = mem; return nil }
	a := begun(t, port, "a", wired, WithTimeouts(evasive, expired))
	b := begun(t, port, "b", wired, WithTimeouts(evasive, expired))
	meet(t, a, b)
	ea, eb := listen(t, a), listen(t, b)
	ea.order(Enter)
	eb.order(Enter)
	said, heard := 0, map[*ear]int{}
	say := func() {
		said++
		for _, err := range []error{a.Whisper(ctx, b.ID(), msg.NewString(strconv.Itoa(said))), b.Whisper(ctx, a.ID(), msg.NewString(strconv.Itoa(said)))} {
			if err != nil {
				t.Error(err)
			}
		}
	}
	// until takes events up to one of a kind, or to the last message, and checks them.
	until := func(e *ear, end EventKind) {
		t.Helper()
		for end == Evasive || heard[e] < said {
			switch got := e.expect(Enter, Exit, Whisper, Evasive); got.Kind {
			case Whisper:
				heard[e]++
				if text := got.Msg.PopString(); text != strconv.Itoa(heard[e]) {
					t.Fatalf("%q came, want %d", text, heard[e])
				}
			case Evasive:
				if end == Evasive {
					return
				}
			default:
				t.Fatalf("%v: %v", got.Kind, got.Reason)
			}
		}
	}
	say()
	mem.Partition()
	say()
	until(ea, Evasive)
	until(eb, Evasive)
	say()
	time.Sleep(2 * evasive) // that it lasts is the matter of this test
	mem.Heal()
	say()
	until(ea, Whisper)
	until(eb, Whisper)
}

// A peer comes back over a new connection while its old one, which is dead, has not been
// noticed: once it counts as silent it is let in at once.
func TestComesBack(t *testing.T) {
	t.Parallel()
	a := begun(t, network(t), "a", WithTimeouts(100*time.Millisecond, ztest.Patience))
	ea := listen(t, a)
	s := newSpeaker(t, a, 9)
	s.hello()
	ea.order(Enter, Evasive)
	s.out = s.dealer(a, s.id)
	s.say(zre.Message{Kind: zre.Ping})
	if got := ea.expect(Recovered, Exit, Enter); got.Kind != Recovered {
		t.Errorf("%v (%v)", got.Kind, got.Reason)
	}
}
