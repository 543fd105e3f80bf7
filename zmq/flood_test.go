package zmq

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// What is refused of a source counts as Flood, and the line names the source; what the system
// has lost counts as HWM.
func TestUnheardIsTold(t *testing.T) {
	var log strings.Builder
	s, err := NewDgram(t.Context(), WithLogger(zerolog.New(&log)))
	if err != nil {
		t.Fatal(err)
	}
	h := &handler{s: s}
	h.Unheard(netip.MustParseAddrPort("10.1.2.3:4567"), 40, 2)
	if d := s.Stats().Drops; d.Flood != 40 || d.HWM != 2 || d.Total() != 42 {
		t.Errorf("%+v", d)
	}
	if err := s.Close(); err != nil { // writes what was not told of yet
		t.Fatal(err)
	}
	if got := log.String(); !strings.Contains(got, "ZA0425") || !strings.Contains(got, "10.1.2.3:4567") {
		t.Errorf("it is told: %s", got)
	}
}
