package remote

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/zyre"
)

// subject is the space as the registry of this process knows it.
type subject Space

// shortID is how many digits of a UUID stand for it where people read.
const shortID = 6

// RegistrySnapshot implements registry.Subject. It shows what is published, what waits
// for that, and who is there; the key that a peer has proved is not shown.
func (h *subject) RegistrySnapshot(r *registry.Snapshot) {
	s := (*Space)(h)
	r.Name, r.State = s.node.Name(), "ready"
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		r.State = "closing"
	}
	for _, f := range figures.List(s.now()) {
		r.Numbers = append(r.Numbers, registry.Number{Name: f.Name, Value: f.Value, Total: f.Total})
	}
	waiting, open := 0, 0
	for _, name := range slices.Sorted(maps.Keys(s.served)) {
		w, o := s.served[name].load()
		waiting, open = waiting+w, open+o
		r.Say("actor", fmt.Sprintf("%s: %d wait, %d are asked", name, w, o))
	}
	r.Level("published", len(s.served))
	r.Level("waiting", waiting)
	r.Level("open", open)
	r.Level("asking", len(s.asks))
	for _, id := range slices.SortedFunc(maps.Keys(s.peers), func(a, b zyre.ID) int { return bytes.Compare(a[:], b[:]) }) {
		p := s.peers[id]
		state := "ready"
		if p.silent {
			state = "silent"
		}
		r.Links = append(r.Links, registry.Link{
			Role: registry.Peer, Peer: p.Name + " " + id.String()[:shortID], State: state, Since: p.entered, Queued: len(p.asks),
		})
	}
}

// load is how many requests wait for v, and how many it has and has not answered.
func (v *served) load() (waiting, open int) {
	for _, l := range v.lines {
		waiting += l.waiting
		open += l.open
	}
	return waiting, open
}
