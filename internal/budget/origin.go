package budget

import (
	"net/netip"
	"strings"
)

// Origin is who counts as one among those that connect: an IPv4 address, or of IPv6 the
// first 64 bits, all of which are one host's if it likes.
func Origin(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// OriginOf is Origin of an address with a port, and "" for what has none: those that
// connect by ipc and inproc are this host.
func OriginOf(address string) string {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	return Origin(at.Addr())
}

// OriginOfHost is Origin of an address as an authenticator is told it (RFC 27): without a
// port, or :uid:gid:pid of a local peer, who is its user. What is neither stands for itself.
func OriginOfHost(host string) string {
	if local, is := strings.CutPrefix(host, ":"); is && local != "" && local[0] != ':' {
		user, _, _ := strings.Cut(local, ":")
		return "user " + user
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return Origin(a)
	}
	return host
}
