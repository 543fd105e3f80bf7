package mdns

import (
	"github.com/go-zactor/zactor/internal/figures"
)

// String is its type of service and state: what is inside is at work.
func (m *Discoverer) String() string {
	return figures.Title("mdns.Discoverer", m.kind, m.life.State())
}

// GoString is String, for %#v.
func (m *Discoverer) GoString() string { return m.String() }
