package mdns

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/registry"
)

// counters are shared.
type counters struct{ sent, sendErrors, received, unwanted, malformed, limited, muted atomic.Uint64 }

// Problem is what keeps services from being found on some interface, with the system's
// reason; nil when all is well. It matches ErrNoInterface when there is none to use. It
// may end by itself: interfaces are looked at again all the time.
func (b *Browser) Problem() error { return b.node.problem() }

// Problem is what keeps services from being known on some interface: see Browser.Problem.
func (a *Announcer) Problem() error { return a.node.problem() }

// Problem is that of the search: see Browser.Problem.
func (m *Discoverer) Problem() error { return m.browser.Problem() }

// Notices returns what is wrong now, as Problem has it, and then whatever goes wrong, and
// is right again, until ctx ends or the browser is closed: see beacon.Beacon.Notices.
func (b *Browser) Notices(ctx context.Context) iter.Seq[beacon.Notice] {
	return b.node.notices.Events(ctx)
}

// Notices are those of the announcer's interfaces: see Browser.Notices.
func (a *Announcer) Notices(ctx context.Context) iter.Seq[beacon.Notice] {
	return a.node.notices.Events(ctx)
}

// Notices are those of the search: see Browser.Notices.
func (m *Discoverer) Notices(ctx context.Context) iter.Seq[beacon.Notice] {
	return m.browser.Notices(ctx)
}

func (n *node) problem() error {
	err := n.health.Problem()
	if err == nil {
		return nil
	}
	return fmt.Errorf("mdns: %w", err)
}

// subject is the node as the registry of this process knows it.
type subject node

// RegistrySnapshot implements registry.Subject.
func (h *subject) RegistrySnapshot(r *registry.Snapshot) {
	n := (*node)(h)
	r.Name, r.State = n.name, "ready"
	select {
	case <-n.done:
		r.State = "closing"
	default:
	}
	if err := n.problem(); err != nil {
		r.State = "waiting"
		text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "mdns: "), "\n", "; ")
		r.Say("problem", text)
		if errors.Is(err, ErrNoInterface) {
			r.Unwell = append(r.Unwell, text)
		}
	}
	c := &n.counters
	r.Count("sent", "", c.sent.Load())
	r.Count("sendErrors", "", c.sendErrors.Load())
	r.Count("received", "", c.received.Load())
	r.Count("dropped", "unwanted", c.unwanted.Load())
	r.Count("dropped", "malformed", c.malformed.Load())
	r.Count("dropped", "rateLimited", c.limited.Load())
	r.Count("muted", "", c.muted.Load())
}
