package endpoint

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// good lists endpoints with their value and their canonical form.
var good = []struct {
	in    string
	want  Endpoint
	canon string // "" when it is in
}{
	{"tcp://*:5555", Endpoint{Scheme: TCP, Host: "*", Port: "5555"}, ""},
	{"tcp://*:*", Endpoint{Scheme: TCP, Host: "*", Port: "*"}, ""},
	{"tcp://eth0:0", Endpoint{Scheme: TCP, Host: "eth0", Port: "0"}, ""},
	{"tcp://127.0.0.1:05555", Endpoint{Scheme: TCP, Host: "127.0.0.1", Port: "5555"}, "tcp://127.0.0.1:5555"},
	{"tcp://a-b.example.org:65535", Endpoint{Scheme: TCP, Host: "a-b.example.org", Port: "65535"}, ""},
	{"tcp://[::1]:*", Endpoint{Scheme: TCP, Host: "::1", Port: "*"}, ""},
	{"tcp://[0:0::0:1]:1", Endpoint{Scheme: TCP, Host: "::1", Port: "1"}, "tcp://[::1]:1"},
	{"tcp://[fe80::1%eth0]:1", Endpoint{Scheme: TCP, Host: "fe80::1%eth0", Port: "1"}, ""},
	{"tcp://10.0.0.7;10.0.0.1:80", Endpoint{Scheme: TCP, Host: "10.0.0.1", Port: "80",
		Source: Source{Host: "10.0.0.7"}}, ""},
	{"tcp://eth0:4000;h:80", Endpoint{Scheme: TCP, Host: "h", Port: "80",
		Source: Source{Host: "eth0", Port: "4000"}}, ""},
	{"tcp://[::2]:*;[::1]:80", Endpoint{Scheme: TCP, Host: "::1", Port: "80",
		Source: Source{Host: "::2", Port: "*"}}, ""},
	{"tcp://[::2];[::1]:80", Endpoint{Scheme: TCP, Host: "::1", Port: "80",
		Source: Source{Host: "::2"}}, ""},
	{"ipc://a/b c", Endpoint{Scheme: IPC, Path: "a/b c"}, ""},
	{"ipc:///tmp/x://y", Endpoint{Scheme: IPC, Path: "/tmp/x://y"}, ""},
	{"ipc://@name", Endpoint{Scheme: IPC, Path: "@name"}, ""},
	{"ipc://*", Endpoint{Scheme: IPC, Path: "*"}, ""},
	{"ipc://" + strings.Repeat("p", 107), Endpoint{Scheme: IPC, Path: strings.Repeat("p", 107)}, ""},
	{"inproc://x", Endpoint{Scheme: Inproc, Path: "x"}, ""},
	{"inproc://\x00 ;*", Endpoint{Scheme: Inproc, Path: "\x00 ;*"}, ""},
	{"inproc://" + strings.Repeat("n", 256), Endpoint{Scheme: Inproc, Path: strings.Repeat("n", 256)}, ""},
	{"ws://*:80/a?b=c", Endpoint{Scheme: WS, Host: "*", Port: "80", Path: "/a?b=c"}, ""},
	{"wss://h:443", Endpoint{Scheme: WSS, Host: "h", Port: "443"}, ""},
	{"ws://[::1]:80/[x]", Endpoint{Scheme: WS, Host: "::1", Port: "80", Path: "/[x]"}, ""},
	{"udp://eth0;239.0.0.1:5", Endpoint{Scheme: UDP, Host: "239.0.0.1", Port: "5",
		Source: Source{Host: "eth0"}}, ""},
	{"epgm://;239.0.0.1:5", Endpoint{Scheme: EPGM, Host: "239.0.0.1", Port: "5"}, "epgm://239.0.0.1:5"},
	{"pgm://eth0;239.0.0.1,239.0.0.2:5", Endpoint{Scheme: PGM, Host: "239.0.0.1,239.0.0.2", Port: "5",
		Source: Source{Host: "eth0"}}, ""},
	{"pgm://[ff02::1],[ff02::2]:5", Endpoint{Scheme: PGM, Host: "ff02::1,ff02::2", Port: "5"}, ""},
}

func TestParse(t *testing.T) {
	for _, c := range good {
		e, err := Parse(c.in)
		if err != nil || e != c.want {
			t.Errorf("Parse(%q) = %#v, %v; want %#v", c.in, e, err, c.want)
			continue
		}
		canon := c.canon
		if canon == "" {
			canon = c.in
		}
		if e.String() != canon {
			t.Errorf("Parse(%q).String() = %q, want %q", c.in, e.String(), canon)
		}
	}
}

// bad maps what Parse refuses to a word of the rule that its error must name.
var bad = map[string]string{
	"":                                     "://",
	"tcp:/x":                               "://",
	"tcp://":                               "host",
	"tcp://:5555":                          "host",
	"tcp://h":                              "port",
	"tcp://h:":                             "port",
	"tcp://h:65536":                        "65535",
	"tcp://h:99999999999999999999":         "65535",
	"tcp://h:-1":                           "number",
	"tcp://h:+1":                           "number",
	"tcp://h:http":                         "number",
	"tcp://h:5555 ":                        "number",
	"tcp://h:5555/p":                       "number",
	"tcp://h:!":                            "number",
	"tcp://in val id:1":                    "character",
	"tcp://h\n:1":                          "character",
	"tcp://**:1":                           "character",
	"tcp://user@h:1":                       "character",
	"tcp://::1:5555":                       "brackets",
	"tcp://[::1:5555":                      "closed",
	"tcp://[::1]":                          "port",
	"tcp://[::1]:":                         "port",
	"tcp://[::1]5555":                      "colon",
	"tcp://[1.2.3.4]:5":                    "IPv6",
	"tcp://[h]:5":                          "IPv6",
	"tcp://[]:5":                           "IPv6",
	"tcp://[fe80::1%a b]:5":                "zone",
	"tcp://;h:5":                           "source",
	"tcp://a b;h:5":                        "source",
	"tcp://a:x;h:5":                        "source",
	"tcp://a;b;c:5":                        "character",
	"ipc://":                               "empty",
	"ipc://@":                              "abstract",
	"ipc://a\x00b":                         "zero",
	"ipc://" + strings.Repeat("p", 108):    "107",
	"inproc://":                            "empty",
	"inproc://" + strings.Repeat("n", 257): "256",
	"ws://a;h:80":                          "source",
	"ws://h:80/a b":                        "space",
	"ws://h/":                              "port",
	"pgm://239.0.0.1:5,239.0.0.2:5":        "last",
	"pgm://,239.0.0.2:5":                   "host",
}

func TestParseRefuses(t *testing.T) {
	for in, word := range bad {
		_, err := Parse(in)
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("Parse(%q): %v, want ErrInvalid", in, err)
			continue
		}
		if !strings.Contains(err.Error(), word) {
			t.Errorf("Parse(%q): %q does not say %q", in, err, word)
		}
	}
}

func TestUnknownScheme(t *testing.T) {
	for _, in := range []string{"http://h:1", "TCP://h:1", "://h:1", "tipc://<*>"} {
		if _, err := Parse(in); !errors.Is(err, ErrScheme) || errors.Is(err, ErrInvalid) {
			t.Errorf("Parse(%q): %v, want ErrScheme alone", in, err)
		}
	}
}

func TestErrorIsBounded(t *testing.T) {
	_, err := Parse("tcp://" + strings.Repeat("\x01", 1<<16))
	if err == nil || len(err.Error()) > 4*quoteMax+200 {
		t.Fatalf("an error of %d bytes", len(err.Error()))
	}
}

func TestDirections(t *testing.T) {
	for _, c := range []struct {
		in            string
		bind, connect bool
	}{
		{"tcp://*:5555", true, false},
		{"tcp://h:*", true, false},
		{"tcp://h:0", true, false},
		{"tcp://h:5555", true, true},
		{"tcp://s;h:5555", false, true},
		{"tcp://*:*;h:5555", false, true},
		{"tcp://s;*:5555", false, false},
		{"ipc://*", true, false},
		{"ipc://@x", true, true},
		{"ipc://p", true, true},
		{"inproc://*", true, true},
		{"ws://*:80/p", true, false},
		{"udp://eth0;239.0.0.1:5", true, true},
		{"udp://*:5", true, false},
	} {
		e, err := Parse(c.in)
		if err != nil {
			t.Fatal(err)
		}
		for verb, got := range map[string]struct {
			err error
			ok  bool
		}{"bind": {e.ForBind(), c.bind}, "connect": {e.ForConnect(), c.connect}} {
			if (got.err == nil) != got.ok || (got.err != nil && !errors.Is(got.err, ErrInvalid)) {
				t.Errorf("%s to %q: %v, want allowed %v", verb, c.in, got.err, got.ok)
			}
		}
	}
}

func FuzzEndpoint(f *testing.F) {
	for _, c := range good {
		f.Add(c.in)
	}
	for in := range bad {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s)
		if err != nil {
			if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrScheme) {
				t.Fatalf("Parse(%q): %v is neither ErrInvalid nor ErrScheme", s, err)
			}
			return
		}
		_, _ = e.ForBind(), e.ForConnect()
		again, err := Parse(e.String())
		if err != nil || again != e {
			t.Fatalf("Parse(%q) = %#v, but its string %q gives %#v, %v", s, e, e.String(), again, err)
		}
	})
}
