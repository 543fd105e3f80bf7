package lan

import (
	"net/netip"
	"testing"
)

func TestLocate(t *testing.T) {
	for _, test := range [][3]string{
		{"tcp://*:1", "10.0.0.1", "tcp://10.0.0.1:1"}, {"tcp://0.0.0.0:1", "10.0.0.1", "tcp://10.0.0.1:1"},
		{"tcp://[::]:1", "fe80::1%eth0", "tcp://[fe80::1%eth0]:1"}, {"tcp://10.9.9.9:1", "10.0.0.1", "tcp://10.9.9.9:1"},
		{"ipc:///tmp/x", "10.0.0.1", "ipc:///tmp/x"}, {"*:1", "10.0.0.1", "*:1"}, {"tcp://*", "10.0.0.1", "tcp://*"}, {"", "10.0.0.1", ""},
	} {
		if got := Locate(test[0], netip.MustParseAddr(test[1])); got != test[2] {
			t.Errorf("%s from %s is %s, want %s", test[0], test[1], got, test[2])
		}
	}
	if got := Locate("tcp://*:1", netip.Addr{}); got != "tcp://*:1" {
		t.Errorf("from nowhere: %s", got)
	}
}
