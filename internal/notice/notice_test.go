package notice

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func board() *Board[string] {
	return New(func(k Kind, peer string, err error, n uint64) string {
		return fmt.Sprintf("%v %s %v %d", k, peer, err, n)
	})
}

// A peer that is down is told once for each reason, and once when that is over.
func TestOncePerReason(t *testing.T) {
	b := board()
	events := b.Events(t.Context())
	refused, firewall := errors.New("refused"), errors.New("firewall")
	b.Up("a") // it was not down
	b.Down("a", refused)
	b.Down("a", fmt.Errorf("refused"))
	b.Down("a", firewall)
	b.Down("b", refused)
	b.Up("a")
	b.Up("a")
	b.Lost("a", refused)
	b.Down("a", refused) // as it was lost
	b.Refused("c", firewall)
	b.Refused("c", firewall)
	b.Down("b", firewall)
	b.Forget("b")
	b.Up("b")
	late := b.Events(t.Context())
	b.Close()
	want := []string{
		"unreachable a refused 0", "unreachable a firewall 0", "unreachable b refused 0", "recovered a firewall 0",
		"lost a refused 0", "refused c firewall 0", "refused c firewall 0", "unreachable b firewall 0",
	}
	if got := slices.Collect(events); !slices.Equal(got, want) {
		t.Errorf("%q\nwant\n%q", got, want)
	}
	if got := slices.Collect(late); !slices.Equal(got, []string{"lost a refused 0"}) {
		t.Errorf("who came late is told %q", got)
	}
}

// A reader that is slow is told how many refusals it has missed, and misses nothing
// else because of them.
func TestRefusalsTakeNoRoom(t *testing.T) {
	b := board()
	events := b.Events(t.Context())
	for range limit + 50 {
		b.Refused("x", errors.New("flood"))
	}
	b.Down("hub", errors.New("gone"))
	b.Up("hub")
	b.Close()
	got := slices.Collect(events)
	tail := got[len(got)-3:]
	if want := []string{"missed  <nil> 50", "unreachable hub gone 0", "recovered hub gone 0"}; len(got) != limit+3 || !slices.Equal(tail, want) {
		t.Errorf("%d told, the last %q, want %q", len(got), tail, want)
	}
}
