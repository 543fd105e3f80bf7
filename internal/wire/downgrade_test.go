package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
)

// TestDowngradeSweep (A4) greets a side of each mechanism with every version, and with
// mechanisms that are another's or nearly its own. Who is below what was configured, in
// version or in mechanism, ends the handshake before a command was looked at. ZMTP 3.0
// and what is unknown, which is after it or between (ZMTP 2.0 says 1), go on with the very
// mechanism, and take no READY for HELLO. Without ZACTOR_FULL=1 the minor versions are a
// sample.
func TestDowngradeSweep(t *testing.T) {
	step := ztest.Size(51, 1)
	if ztest.Race {
		step = 255
	}
	greeted, taken := 0, 0
	for _, own := range []string{"PLAIN", "CURVE"} {
		for _, said := range []string{"NULL", "PLAIN", "CURVE", "GSSAPI", "", strings.ToLower(own), own[:4], own + "X", own + "\x00X"} {
			for major := range 256 {
				for minor := 0; minor < 256; minor += step {
					h, err := greetedWith(own, said, byte(major), byte(minor))
					greeted++
					switch proceeds := major >= 2 && said == own; {
					case proceeds && (err != nil || h.Phase() != Handshaking):
						t.Errorf("%s, greeted with %d.%d %q: %v, %v", own, major, minor, said, h.Phase(), err)
					case proceeds:
						taken++
					case h.Phase() != Failed || !errors.Is(err, refusalOf(major)):
						t.Errorf("%s, greeted with %d.%d %q: %v, %v; want %v", own, major, minor, said, h.Phase(), err, refusalOf(major))
					}
				}
			}
		}
	}
	if taken != 2*254*(255/step+1) {
		t.Errorf("%d greetings were taken: the sweep shows nothing", taken)
	}
	if !t.Failed() {
		ztest.Record(t, "A4", "greetings", "%d pairs of a version and a mechanism, to PLAIN and to CURVE: %d are not below what is configured, no other was taken", greeted, taken)
	}
}

// greetedWith is what becomes of a side that is greeted, and told NULL's READY at once.
func greetedWith(own, said string, major, minor byte) (*Handshake, error) {
	m := awaiting(AwaitHello)
	m.name, m.server = own, true
	h := NewHandshake(dealer(m))
	g := append([]byte(greeting3[:10]), major, minor)
	g = append(g, said+strings.Repeat("\x00", 20-len(said))...)
	g = append(g, make([]byte, greetingEnd-len(g))...)
	_, err := h.Feed(g)
	if err == nil {
		return h, err
	}
	if _, again := h.Feed([]byte(readyFrame)); h.Phase() != Failed || again == nil && h.Output() != nil {
		return h, fmt.Errorf("it went on: %v, %w", again, err)
	}
	return h, err
}

// refusalOf says why a greeting of a version must be refused.
func refusalOf(major int) error {
	if major < 2 {
		return ErrInsecure
	}
	return ErrMechanism
}
