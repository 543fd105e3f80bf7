package auth

import (
	"bytes"
	"net/netip"
	"testing"
)

// FuzzRules gives rules for addresses and takes them back, a line each: "+10.0.0.0/8",
// "-ipc", "/192.0.2.1". A text that is refused changes nothing, and after each line every
// address is judged as a list that is read from its narrowest rule would judge it.
func FuzzRules(f *testing.F) {
	f.Add([]byte("+10.0.0.0/8\n-10.1.0.0/16\n+10.1.2.3\n/10.1.0.0/16"), []byte("10.1.2.3"))
	f.Add([]byte("-ipc\n+2001:db8::/32\n-2001:db8::1\n+0.0.0.0/0"), []byte("2001:db8::1"))
	f.Add([]byte("+::ffff:10.0.0.0/104\n+::ffff:10.0.0.1\n-1.2.3.4/24\n+fe80::1%eth0"), []byte("::ffff:10.0.0.1"))
	f.Fuzz(func(t *testing.T, lines, address []byte) {
		var rs rules
		model := map[string]bool{}
		for line := range bytes.SplitSeq(lines, []byte("\n")) {
			if len(line) == 0 {
				continue
			}
			list, err := parseRules([]string{string(line[1:])})
			if err != nil {
				continue
			}
			name := ipcRule
			if !list[0].ipc {
				name = list[0].prefix.String()
				if p, err := netip.ParsePrefix(name); err != nil || p != list[0].prefix || p.Addr().Is4In6() {
					t.Fatalf("%q is the rule %v, which is not one", line, list[0].prefix)
				}
			}
			switch line[0] {
			case '+', '-':
				rs, model[name] = rs.with(list, line[0] == '+'), line[0] == '+'
			case '/':
				rs = rs.without(list)
				delete(model, name)
			}
			for _, a := range []string{string(address), "10.1.2.3", "2001:db8::1", "", "localhost", ":1:2:3"} {
				from := parseOrigin(a)
				got := (&policy{rules: map[string]rules{"d": rs}}).address("d", from) == ""
				if want := judged(model, from); got != want {
					t.Fatalf("%v passes: %v, want %v by %v", from, got, want, model)
				}
			}
		}
	})
}

// judged is what the rules say of an origin, read one by one.
func judged(model map[string]bool, from origin) bool {
	best, pass, allows := -1, false, false
	for name, p := range model {
		allows = allows || p
		if name == ipcRule {
			if from.local {
				return p
			}
			continue
		}
		prefix := netip.MustParsePrefix(name)
		if from.ip.IsValid() && prefix.Contains(from.ip) && prefix.Bits() > best {
			best, pass = prefix.Bits(), p
		}
	}
	if best >= 0 {
		return pass
	}
	return !allows
}
