package beacon

import (
	"bytes"
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

// A datagram is what was read from the network, before anything is known of it.
type datagram struct {
	data  []byte // one byte longer than allowed if it was longer than allowed
	index int    // of the interface it arrived on, 0 where the system does not say
	from  netip.AddrPort
	time  time.Time
}

// A reason says why a datagram is dropped.
type reason int

const (
	accepted reason = iota
	oversize
	badSource
	otherInterface
	echo
	filtered
	rateLimited
	reasons
)

// A filter decides about datagrams. It is a value made for each of them, so that
// a decision sees one state of the beacon.
type filter struct {
	maxSize   int
	echo      EchoFilter
	view      *lan.View
	published *[]byte // nil while silent
	prefix    *[]byte // nil while not subscribed
	limit     *lan.Limiter
}

// check returns the name of the interface that d arrived on, and whether it is
// to be delivered. The cheap and the certain come first; the rate limit is last,
// because only what would be delivered may use it up.
func (f filter) check(d datagram) (string, reason) {
	if len(d.data) > f.maxSize {
		return "", oversize
	}
	if a := d.from.Addr(); !a.IsValid() || a.IsUnspecified() || a.IsMulticast() {
		return "", badSource
	}
	name, ok := f.view.Arrival(d.index, d.from.Addr())
	switch {
	case !ok:
		return "", otherInterface
	case f.isEcho(d):
		return "", echo
	case f.prefix == nil || !bytes.HasPrefix(d.data, *f.prefix):
		return "", filtered
	case !f.limit.Admit(d.from.Addr(), d.time):
		return "", rateLimited
	}
	return name, accepted
}

func (f filter) isEcho(d datagram) bool {
	if f.echo&BySource != 0 {
		if _, own := f.view.Own[d.from]; own {
			return true
		}
	}
	return f.echo&ByContent != 0 && f.published != nil && bytes.Equal(*f.published, d.data)
}
