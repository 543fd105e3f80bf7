package auth

import (
	"errors"
	"testing"
)

func TestRules(t *testing.T) {
	type step struct {
		do    string // allow, deny, forget
		rules []string
	}
	for _, tt := range []struct {
		name  string
		steps []step
		pass  []string
		stop  []string
	}{
		{"nothing said", nil, []string{"127.0.0.1", "::1", ":0:0:1", "", "nonsense"}, nil},
		{"denied network", []step{{"deny", []string{"10.0.0.0/8"}}},
			[]string{"11.0.0.1", "::1", ":0:0:1", ""}, []string{"10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"}},
		{"allowed network", []step{{"allow", []string{"10.0.0.0/8"}}},
			[]string{"10.1.2.3", "::ffff:10.1.2.3"}, []string{"11.0.0.1", "::1", ":0:0:1", "", "nonsense"}},
		{"longest prefix counts", []step{{"deny", []string{"10.0.0.0/8"}}, {"allow", []string{"10.1.0.0/16"}}, {"deny", []string{"10.1.2.3"}}},
			[]string{"10.1.2.4"}, []string{"10.1.2.3", "10.2.0.1", "192.0.2.1"}},
		{"all but one", []step{{"allow", []string{"0.0.0.0/0"}}, {"deny", []string{"192.0.2.1"}}},
			[]string{"192.0.2.2"}, []string{"192.0.2.1", "2001:db8::1"}},
		{"the later one of two counts", []step{{"deny", []string{"127.0.0.1"}}, {"allow", []string{"127.0.0.1/32"}}},
			[]string{"127.0.0.1"}, []string{"127.0.0.2"}},
		{"forgotten", []step{{"allow", []string{"10.0.0.0/8", "ipc"}}, {"forget", []string{"10.0.0.0/8", "ipc", "192.0.2.1"}}},
			[]string{"127.0.0.1", ":0:0:1"}, nil},
		{"IPv6", []step{{"deny", []string{"2001:db8::/32", "fe80::/10"}}},
			[]string{"2001:db9::1", "::1:2"}, []string{"2001:db8::1", "fe80::1%eth0"}},
		{"ipc alone", []step{{"allow", []string{"ipc"}}}, []string{":1000:1000:42", ":::"}, []string{"127.0.0.1", ""}},
		{"no ipc", []step{{"deny", []string{"ipc"}}}, []string{"127.0.0.1"}, []string{":1000:1000:42", ":::"}},
	} {
		var rs rules
		for _, s := range tt.steps {
			list, err := parseRules(s.rules)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			switch s.do {
			case "forget":
				rs = rs.without(list)
			default:
				rs = rs.with(list, s.do == "allow")
			}
		}
		for _, a := range tt.pass {
			if !rs.pass(parseOrigin(a)) {
				t.Errorf("%s: %q does not pass", tt.name, a)
			}
		}
		for _, a := range tt.stop {
			if rs.pass(parseOrigin(a)) {
				t.Errorf("%s: %q passes", tt.name, a)
			}
		}
	}
}

func TestBadRules(t *testing.T) {
	for _, text := range []string{
		"", "localhost", "10.0.0.0/33", "10.0.0.1/8", "10.0.0", "10.0.0.0/", "fe80::1%eth0", "::ffff:10.0.0.0/104", "*", "IPC", "10.0.0.0 /8", "1.2.3.4:80",
	} {
		if r, err := parseRules([]string{"192.0.2.0/24", text}); !errors.Is(err, ErrInvalidRule) {
			t.Errorf("%q: %v, %v", text, r, err)
		}
	}
}

func TestOriginKeys(t *testing.T) {
	for _, tt := range [][2]string{
		{"192.0.2.1", "192.0.2.1"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"2001:db8:1:2::9", "2001:db8:1:2::/64"},
		{":1000:100:42", "ipc:1000"},
		{":1000:100:43", "ipc:1000"},
		{":::", "ipc:"},
		{"", ""},
	} {
		if got := parseOrigin(tt[0]).key(); got != tt[1] {
			t.Errorf("failures from %q count for %q, want %q", tt[0], got, tt[1])
		}
	}
}

// What the core tells of a live peer must be judged as its address was.
func TestOriginOfPeers(t *testing.T) {
	for _, tt := range []struct{ endpoint, remote, want string }{
		{"tcp://0.0.0.0:5555", "192.0.2.1:49152", "192.0.2.1"},
		{"tcp://[::]:5555", "[2001:db8::1]:49152", "2001:db8::1"},
		{"tcp://[::]:5555", "[fe80::1%eth0]:49152", "fe80::1"},
		{"ipc:///tmp/x", "@", "ipc"},
		{"ipc:///tmp/x", "", "ipc"},
	} {
		if got := originOf(tt.endpoint, tt.remote).String(); got != tt.want {
			t.Errorf("%s from %q: %q, want %q", tt.endpoint, tt.remote, got, tt.want)
		}
	}
}
