package auth

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// ipcRule is the rule that stands for peers over ipc.
const ipcRule = "ipc"

// origin is where a peer comes from.
type origin struct {
	ip    netip.Addr // not valid for others
	local bool       // over ipc
	text  string
}

// parseOrigin reads the address of a request: an IP address, or ":uid:gid:pid" for
// a local peer. What it can't read matches no rule.
func parseOrigin(address string) origin {
	o := origin{text: address}
	if ip, err := netip.ParseAddr(address); err == nil {
		o.ip = ip.Unmap().WithZone("")
	} else {
		o.local = strings.HasPrefix(address, ":") && strings.Count(address, ":") == 3
	}
	return o
}

// originOf reads what the core tells of a connected peer: its own endpoint's scheme
// and the peer's address with port.
func originOf(endpoint, remote string) origin {
	if strings.HasPrefix(endpoint, "ipc:") {
		return origin{local: true}
	}
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return origin{text: remote}
	}
	return parseOrigin(host)
}

// key is what failures are counted by: the address, of IPv6 the network, since one
// host may have it all to itself, and of local peers the user.
func (o origin) key() string {
	switch {
	case o.local:
		uid, _, _ := strings.Cut(strings.TrimPrefix(o.text, ":"), ":")
		return "ipc:" + uid
	case o.ip.Is6():
		if p, err := o.ip.Prefix(64); err == nil {
			return p.String()
		}
	case o.ip.IsValid():
		return o.ip.String()
	}
	return o.text
}

// String names the origin in a reason.
func (o origin) String() string {
	switch {
	case o.local:
		return ipcRule
	case o.ip.IsValid():
		return o.ip.String()
	}
	return fmt.Sprintf("%.64q", o.text)
}
