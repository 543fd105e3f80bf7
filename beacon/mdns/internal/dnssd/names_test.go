package dnssd

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/miekg/dns"
)

// wire takes a name through the bytes of a packet.
func wire(t testing.TB, name string) (string, bool) {
	t.Helper()
	buf := make([]byte, 300)
	n, err := dns.PackDomainName(name, buf, 0, nil, false)
	if err != nil {
		return "", false
	}
	back, _, err := dns.UnpackDomainName(buf[:n], 0)
	if err != nil {
		t.Fatalf("%q was packed and can't be unpacked: %v", name, err)
	}
	return back, true
}

func TestEscapeIsHowNamesComeBack(t *testing.T) {
	for _, label := range []string{
		"plain", "My Node v1.2", "a.b.c", `\`, `\\.`, "Bücher", "日本語", "\x00\x7f\xff", `"';()@`, "100", `\100`, "tab\t", strings.Repeat("x", 63),
	} {
		name := Escape(label) + "." + zre
		back, ok := wire(t, name)
		if !ok || back != name {
			t.Errorf("%q: %q came back as %q", label, name, back)
		}
		if got, rest := cut(name); got != label || rest != zre {
			t.Errorf("%q: cut into %q and %q", label, got, rest)
		}
	}
	if label, rest := cut("local."); label != "local" || rest != "" {
		t.Errorf("cut into %q and %q", label, rest)
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("My Node v1.2")
	f.Add("\\1\x00.ü")
	f.Fuzz(func(t *testing.T, label string) {
		if Unescape(Escape(label)) != label {
			t.Errorf("%q came back as %q", label, Unescape(Escape(label)))
		}
		if got := Unescape(escapeText(label)); got != label {
			t.Errorf("text %q came back as %q", label, got)
		}
		if label == "" || len(label) > 63 {
			return
		}
		if back, ok := wire(t, Escape(label)+"."); !ok || back != Escape(label)+"." {
			t.Errorf("%q came over the wire as %q", label, back)
		}
	})
}

func TestParseType(t *testing.T) {
	for text, want := range map[string]string{
		"_zre._tcp": zre, "_zre._tcp.": zre, "_zre._tcp.local": zre, "_ZRE._udp.local.": "_ZRE._udp.local.",
		"_a-1._tcp": "_a-1._tcp.local.", "_gpu._sub._zre._tcp": "_gpu._sub._zre._tcp.local.",
		"a b._sub._zre._tcp": `a\ b._sub._zre._tcp.local.`,
		"":                   "", "_zre": "", "zre._tcp": "", "_zre.tcp": "", "_._tcp": "", "_-a._tcp": "", "_a-._tcp": "",
		"_abcdefghijklmnop._tcp": "", "_ä._tcp": "", "_a._tcp.example": "", "._sub._zre._tcp": "", "_x._sub._zre": "",
	} {
		if got, err := ParseType(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestNumbered(t *testing.T) {
	for _, test := range []struct {
		label, format string
		n             int
		want          string
	}{
		{"node", " (%d)", 1, "node"}, {"node", " (%d)", 2, "node (2)"}, {"box", "-%d", 12, "box-12"},
		{strings.Repeat("x", 63), " (%d)", 10, strings.Repeat("x", 58) + " (10)"},
		{strings.Repeat("ä", 31), " (%d)", 2, strings.Repeat("ä", 29) + " (2)"},
	} {
		got := numbered(test.label, test.n, test.format)
		if got != test.want || len(got) > 63 || !utf8.ValidString(got) {
			t.Errorf("%q number %d is %q, want %q", test.label, test.n, got, test.want)
		}
	}
}
