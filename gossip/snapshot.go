package gossip

import (
	"strings"

	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/zmq"
)

// subject is the node as the registry of this process knows it.
type subject Node

// RegistrySnapshot implements registry.Subject.
func (h *subject) RegistrySnapshot(r *registry.Snapshot) {
	n := (*Node)(h)
	st := n.Stats()
	switch {
	case n.ctx.Err() != nil:
		r.State = "closing"
	case st.Links > 0:
		r.State = "ready"
	default:
		r.State = "waiting"
	}
	r.Count("refused", "table full", st.KeysFull)
	r.Count("refused", "share full", st.OverShare)
	r.Count("refused", "peers full", st.PeersFull)
	r.Count("refused", "malformed", st.Malformed+st.Flood)
	for _, f := range figures.List(st) {
		r.Numbers = append(r.Numbers, registry.Number{Name: f.Name, Value: f.Value, Total: f.Total})
	}
	if r.Brief {
		return
	}
	for _, e := range n.Endpoints() {
		l := registry.Link{Role: registry.Connected, Endpoint: e.Endpoint, State: e.State.String(), Attempts: e.Attempts, Since: e.Since}
		if e.State == zmq.EndpointListening {
			l.Role, r.State = registry.Bound, listening(r.State)
		}
		if e.Err != nil {
			l.Error = strings.TrimPrefix(e.Err.Error(), "zmq: ")
		}
		r.Links = append(r.Links, l)
	}
}

// listening is the state of a node that is bound: it need not be linked to anybody.
func listening(state string) string {
	if state == "waiting" {
		return "listening"
	}
	return state
}
