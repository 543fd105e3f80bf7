package lan

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Locate puts the address that a peer was heard from into the endpoint that it gave
// without one: "tcp://*:5670", "tcp://0.0.0.0:5670" and "tcp://[::]:5670" become
// "tcp://10.1.2.3:5670". Other endpoints are as they were.
func Locate(endpoint string, from netip.Addr) string {
	scheme, rest, ok := strings.Cut(endpoint, "://")
	if !ok || !from.IsValid() {
		return endpoint
	}
	i := strings.LastIndexByte(rest, ':')
	if i < 0 {
		return endpoint
	}
	switch rest[:i] {
	case "*", "0.0.0.0", "[::]":
		return scheme + "://" + net.JoinHostPort(from.String(), rest[i+1:])
	}
	return endpoint
}

// PortOf is the port of the first endpoint that has one.
func PortOf(endpoints []string) uint16 {
	for _, e := range endpoints {
		i := strings.LastIndexByte(e, ':')
		if i < 0 {
			continue
		}
		if port, err := strconv.ParseUint(e[i+1:], 10, 16); err == nil && port > 0 {
			return uint16(port)
		}
	}
	return 0
}
