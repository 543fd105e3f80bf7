package wire

import (
	"slices"
	"strings"
	"testing"
)

// TestCompatible holds the table against the list of pairs in the RFCs, for all
// pairs there are.
func TestCompatible(t *testing.T) {
	types := strings.Fields("PAIR PUB SUB REQ REP DEALER ROUTER PULL PUSH XPUB XSUB STREAM SERVER CLIENT" +
		" RADIO DISH GATHER SCATTER DGRAM PEER CHANNEL dealer")
	pairs := strings.Fields("PAIR-PAIR PUB-SUB PUB-XSUB XPUB-SUB XPUB-XSUB REQ-REP REQ-ROUTER DEALER-REP" +
		" DEALER-DEALER DEALER-ROUTER ROUTER-ROUTER PUSH-PULL CLIENT-SERVER RADIO-DISH SCATTER-GATHER" +
		" PEER-PEER CHANNEL-CHANNEL")
	for _, a := range types {
		for _, b := range types {
			want := slices.Contains(pairs, a+"-"+b) || slices.Contains(pairs, b+"-"+a)
			if got := Compatible(a, b); got != want {
				t.Errorf("Compatible(%s, %s) = %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestTypeCodes(t *testing.T) {
	for code, name := range map[byte]string{0: "PAIR", 1: "PUB", 2: "SUB", 3: "REQ", 4: "REP", 5: "DEALER",
		6: "ROUTER", 7: "PULL", 8: "PUSH", 9: "XPUB", 10: "XSUB"} {
		if typeCode(name) != code || typeOfCode(code) != name {
			t.Errorf("%s: code %d, name %q, want %d", name, typeCode(name), typeOfCode(code), code)
		}
	}
	if typeOfCode(11) != "" || typeOfCode(typeCode("RADIO")) != "" {
		t.Error("a code for a type that ZMTP 2.0 does not know")
	}
}
