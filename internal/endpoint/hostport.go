package endpoint

import (
	"net/netip"
	"strconv"
	"strings"
)

// parseSocket reads "[source;]host:port".
func (e *Endpoint) parseSocket(s string) string {
	if src, dst, ok := strings.Cut(s, ";"); ok {
		if rule := e.parseSource(src); rule != "" {
			return rule
		}
		s = dst
	}
	host, port, rule := e.splitHost(s)
	if rule != "" {
		return rule
	}
	if port == "" {
		return "the port is missing"
	}
	e.Host = host
	e.Port, rule = parsePort(port)
	return rule
}

// parseWeb reads "host:port[/path]".
func (e *Endpoint) parseWeb(s string) string {
	if i := strings.IndexByte(s, '/'); i >= 0 {
		s, e.Path = s[:i], s[i:]
	}
	if strings.ContainsFunc(e.Path, blank) {
		return "the path holds a space or a control character"
	}
	if strings.Contains(s, ";") {
		return "a source address is not possible here"
	}
	return e.parseSocket(s)
}

// parseSource reads "host[:port]", and for multicast also nothing, which
// leaves the interface to the operating system.
func (e *Endpoint) parseSource(s string) string {
	if s == "" && e.Scheme != TCP {
		return ""
	}
	host, port, rule := splitHostPort(s)
	if rule != "" {
		return "source: " + rule
	}
	if port != "" {
		if port, rule = parsePort(port); rule != "" {
			return "source: " + rule
		}
	}
	e.Source = Source{Host: host, Port: port}
	return ""
}

// splitHost is splitHostPort that knows pgm's lists of groups.
func (e *Endpoint) splitHost(s string) (host, port, rule string) {
	if e.Scheme != PGM && e.Scheme != EPGM {
		return splitHostPort(s)
	}
	groups := strings.Split(s, ",")
	for i, g := range groups {
		if groups[i], port, rule = splitHostPort(g); rule != "" {
			return "", "", rule
		}
		if port != "" && i < len(groups)-1 {
			return "", "", "the port stands after the last group"
		}
	}
	return strings.Join(groups, ","), port, ""
}

// splitHostPort splits and judges "host", "host:port", "[v6]" and "[v6]:port".
// The port is not judged; it is empty when there is none. rule is what the
// text broke, or empty.
func splitHostPort(s string) (host, port, rule string) {
	if strings.HasPrefix(s, "[") {
		return splitBracket(s)
	}
	host, port, found := strings.Cut(s, ":")
	switch {
	case strings.Contains(port, ":"):
		return "", "", "an IPv6 address stands in brackets, as in [::1]:5555"
	case host == "":
		return "", "", "the host is empty: use * for any"
	case found && port == "":
		return "", "", "the port is missing"
	case host != Wildcard && strings.ContainsFunc(host, notInName):
		return "", "", "the host holds a character that no name or address has"
	}
	return host, port, ""
}

// splitBracket reads "[v6]" and "[v6]:port".
func splitBracket(s string) (host, port, rule string) {
	host, port, ok := strings.Cut(s[1:], "]")
	if !ok {
		return "", "", "the bracket is not closed"
	}
	if port != "" {
		if port[0] != ':' {
			return "", "", "a colon and a port follow the bracket"
		}
		if port = port[1:]; port == "" {
			return "", "", "the port is missing"
		}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.Is6() {
		return "", "", "what stands in brackets is no IPv6 address"
	}
	if strings.ContainsFunc(addr.Zone(), notInName) {
		return "", "", "the zone holds a character that no interface has"
	}
	return addr.String(), port, ""
}

// parsePort gives the canonical port, or the rule that it broke.
func parsePort(s string) (port, rule string) {
	if s == Wildcard {
		return s, ""
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return "", "the port is not a number"
		}
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return "", "the port is not in 0 to 65535"
	}
	return strconv.FormatUint(n, 10), ""
}

// notInName reports whether a host name, an interface or an IPv4 address
// cannot hold r. It refuses what has a meaning in an endpoint, and leaves the
// rest to whoever resolves the name.
func notInName(r rune) bool {
	return blank(r) || strings.ContainsRune(`*:;,/\[]%@?#"'<>`, r)
}

func blank(r rune) bool { return r <= ' ' || r == 0x7f }

// joinHostPort puts the brackets back that an IPv6 address needs.
func joinHostPort(host, port string) string { return bracket(host) + ":" + port }

func bracket(host string) string {
	if !strings.Contains(host, ":") {
		return host
	}
	groups := strings.Split(host, ",")
	for i, g := range groups {
		if strings.Contains(g, ":") {
			groups[i] = "[" + g + "]"
		}
	}
	return strings.Join(groups, ",")
}
