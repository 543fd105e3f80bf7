package members

import (
	"github.com/go-zactor/zactor/internal/figures"
)

// String is its endpoint and state: what is inside is at work.
func (m *Members) String() string {
	return figures.Title("members.Members", m.Endpoint(), m.life.State())
}

// GoString is String, for %#v.
func (m *Members) GoString() string { return m.String() }
