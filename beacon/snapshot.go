package beacon

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
)

// Problem is what keeps the beacon from being sent or heard on some interface, with the
// system's reason; nil when all is well. It matches ErrNoInterface when there is none to
// use. It may end by itself: interfaces are looked at again all the time.
func (b *Beacon) Problem() error { return problem("beacon", &b.links.health) }

// Problem is that of the beacon: see [Beacon.Problem].
func (u *UDP) Problem() error { return u.beacon.Problem() }

func problem(means string, h *lan.Health) error {
	err := h.Problem()
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", means, err)
}

// subject is the beacon as the registry of this process knows it.
type subject Beacon

// RegistrySnapshot implements registry.Subject.
func (h *subject) RegistrySnapshot(r *registry.Snapshot) {
	b := (*Beacon)(h)
	r.Name = fmt.Sprintf("udp %d", b.config.port)
	r.State = "ready"
	if err := b.Problem(); err != nil {
		r.State = "waiting"
		text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "beacon: "), "\n", "; ")
		r.Say("problem", text)
		if errors.Is(err, ErrNoInterface) {
			r.Unwell = append(r.Unwell, text)
		}
	}
	for _, f := range figures.List(b.Stats()) {
		name, label, _ := strings.Cut(f.Name, ".") // dropped.echo
		r.Numbers = append(r.Numbers, registry.Number{Name: name, Label: label, Value: f.Value, Total: f.Total})
	}
	for _, t := range b.view.Load().Links {
		r.Links = append(r.Links, registry.Link{Role: registry.Bound, Endpoint: fmt.Sprintf("udp://%s:%d", t.Source, b.config.port), Peer: t.NIC, State: "listening"})
	}
}
