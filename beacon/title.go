package beacon

import (
	"strconv"

	"github.com/go-zactor/zactor/internal/figures"
)

// String is its port and state: what is inside is at work.
func (b *Beacon) String() string {
	return figures.Title("beacon.Beacon", "udp "+strconv.Itoa(int(b.config.port)), b.life.State())
}

// GoString is String, for %#v.
func (b *Beacon) GoString() string { return b.String() }
