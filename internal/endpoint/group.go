package endpoint

import (
	"net/netip"
	"strings"
)

// Multicast reports whether e is of PGM or EPGM, whose Host is one group or several.
func (e Endpoint) Multicast() bool { return e.Scheme == PGM || e.Scheme == EPGM }

// Groups are the groups of a PGM or EPGM endpoint: a sender sends to the first, a
// receiver hears all of them. The error, ErrInvalid, says why they can't be used.
func (e Endpoint) Groups() ([]netip.Addr, error) {
	var all []netip.Addr
	for _, text := range strings.Split(e.Host, ",") {
		a, err := netip.ParseAddr(text)
		switch {
		case err != nil:
			return nil, invalid(e.String(), "a multicast group is written as an address")
		case !a.Is4():
			return nil, invalid(e.String(), "groups of pgm are of IPv4")
		case !a.IsMulticast():
			return nil, invalid(e.String(), a.String()+" is not in 224.0.0.0 to 239.255.255.255, where multicast groups are")
		}
		all = append(all, a)
	}
	return all, nil
}

// forMulticast reports why e can't be used for binding or connecting, which are the
// same here.
func (e Endpoint) forMulticast() error {
	if e.Port == Wildcard || e.Port == "0" {
		return invalid(e.String(), "a multicast group needs a port, which all its members know")
	}
	if e.Source.Port != "" {
		return invalid(e.String(), "an interface has no port")
	}
	if e.Source.Host == Wildcard {
		return invalid(e.String(), "the interface is a name or an address; nothing in front of the semicolon leaves it to the system")
	}
	_, err := e.Groups()
	return err
}
