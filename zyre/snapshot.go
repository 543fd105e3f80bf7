package zyre

import (
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
)

// shortID is how many digits of a UUID stand for it where people read.
const shortID = 6

// subject is the node as the registry of this process knows it.
type subject Node

// RegistrySnapshot implements registry.Subject. It shows who the node knows; the key
// that a peer has proved is not shown.
func (h *subject) RegistrySnapshot(r *registry.Snapshot) {
	n := (*Node)(h)
	r.Name, r.State = n.Name(), "ready"
	select {
	case <-n.gone:
		r.State = "closing"
	default:
	}
	r.Say("id", n.ID().String()[:shortID])
	for _, f := range figures.List(n.Stats()) {
		r.Numbers = append(r.Numbers, registry.Number{Name: f.Name, Value: f.Value, Total: f.Total})
	}
	if at := n.Endpoint(); at != "" {
		r.Links = append(r.Links, registry.Link{Role: registry.Bound, Endpoint: at, State: "listening"})
	}
	for _, p := range n.Peers() {
		state := "ready"
		if p.Evasive {
			state = "waiting"
		}
		r.Links = append(r.Links, registry.Link{
			Role: registry.Peer, Endpoint: p.Endpoint, Peer: p.Name + " " + p.ID.String()[:shortID], State: state, Since: p.Since,
		})
	}
}
