package zyre

import (
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/internal/shortid"
)

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
	r.Say("id", shortid.Node(n.ID()))
	r.Say("key", shortid.Key(n.config.Key))
	st := n.Stats()
	r.Count("refused", "us", st.RefusedByUs)
	r.Count("refused", "them", st.RefusedByPeers)
	for _, f := range figures.List(st) {
		r.Numbers = append(r.Numbers, registry.Number{Name: f.Name, Value: f.Value, Total: f.Total})
	}
	if r.Brief {
		return
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
			Role: registry.Peer, Endpoint: p.Endpoint, Peer: peerName(p), State: state, Since: p.Since,
		})
	}
}

// peerName is what people call a peer: its name, and its short id.
func peerName(p Peer) string {
	if id := shortid.Node(p.ID); p.Name != id {
		return p.Name + " " + id
	}
	return p.Name
}
