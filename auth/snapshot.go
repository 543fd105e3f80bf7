package auth

import (
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
)

// subject is the authenticator as the registry of this process knows it.
type subject Auth

// RegistrySnapshot implements registry.Subject.
func (h *subject) RegistrySnapshot(r *registry.Snapshot) {
	a := (*Auth)(h)
	r.State = "ready"
	if a.ctx.Err() != nil {
		r.State = "closing"
	}
	for _, f := range figures.List(a.Stats()) {
		r.Numbers = append(r.Numbers, registry.Number{Name: f.Name, Value: f.Value, Total: f.Total})
	}
	r.Count("refused", "us", a.count.denied.Load())
}
