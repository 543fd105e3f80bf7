package session

import (
	"testing"

	"github.com/go-zactor/zactor/internal/transport"
)

// Each look is one time that the peer's time is over. Silence counts once it has had a
// whole one with the PING in its hands.
func TestStanding(t *testing.T) {
	acked := func(n uint64, standing, unsent int) transport.Flight {
		return transport.Flight{Exact: true, Acked: n, Standing: standing, Unsent: unsent}
	}
	local := func(standing int) transport.Flight { return transport.Flight{Standing: standing} }
	const yes, no = true, false
	for _, c := range []struct {
		name  string
		start ahead
		looks []transport.Flight
		want  []bool
	}{
		{"tcp, the PING alone, taken at once", ahead{mark: 100, first: true},
			[]transport.Flight{acked(100, 0, 0)}, []bool{no}},
		{"tcp, slow link: taken between two looks", ahead{mark: 100},
			[]transport.Flight{acked(10, 90, 60), acked(60, 40, 0), acked(100, 0, 0), acked(100, 0, 0)},
			[]bool{yes, yes, yes, no}},
		{"tcp, more behind it that is taken", ahead{mark: 100},
			[]transport.Flight{acked(60, 80, 0), acked(120, 20, 0), acked(140, 0, 0)},
			[]bool{yes, yes, no}},
		{"tcp, more behind it that is not", ahead{mark: 100},
			[]transport.Flight{acked(110, 20, 0), acked(110, 20, 0)}, []bool{yes, yes}},
		{"ipc, the PING alone, read at once", ahead{first: true},
			[]transport.Flight{local(0)}, []bool{no}},
		{"ipc, read between two looks", ahead{},
			[]transport.Flight{local(50), local(0), local(0)}, []bool{yes, yes, no}},
	} {
		b := c.start
		for i, f := range c.looks {
			if got := b.standing(f, false); got != c.want[i] {
				t.Errorf("%s: look %d says %v, want %v", c.name, i, got, c.want[i])
			}
		}
	}
}
