package auth

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
)

// Stats counts what an Auth has done.
type Stats struct {
	Allowed   uint64 // 200
	Denied    uint64 // 400
	Postponed uint64 // 300
	Failed    uint64 // 500
	Malformed uint64 // requests without a reply, as they were none
	Withdrawn uint64 // connections that lost their permission
	Lost      uint64 // decisions that slow readers of Events did not get
	Checking  int    // passwords that are being checked now
	Waiting   int    // checks of passwords and keys that wait for their turn: see WithMaxChecks
	Crowded   uint64 // of Postponed, those whose turn did not come in time
	Throttled int    // addresses that must wait now
	Panics    uint64 // that were contained: each ended one decision, or one call of OnChange
}

type counters struct {
	allowed, denied, postponed, failed, malformed, withdrawn, crowded atomic.Uint64
}

// Stats returns the counters.
func (a *Auth) Stats() Stats {
	checking, waiting := a.passwords.figures()
	_, keys := a.keys.figures()
	return Stats{
		Allowed: a.count.allowed.Load(), Denied: a.count.denied.Load(), Postponed: a.count.postponed.Load(),
		Failed: a.count.failed.Load(), Malformed: a.count.malformed.Load(), Withdrawn: a.count.withdrawn.Load(),
		Lost: a.decisions.Lost(), Checking: checking, Waiting: waiting + keys, Crowded: a.count.crowded.Load(), Throttled: a.guesses.waiting(time.Now()),
		Panics: a.guard.Panics(),
	}
}

func (c *counters) add(s status) {
	switch s {
	case allowed:
		c.allowed.Add(1)
	case denied:
		c.denied.Add(1)
	case postponed:
		c.postponed.Add(1)
	case failed:
		c.failed.Add(1)
	}
}

// String is one line for people: each counter that is not zero, with its name.
func (s Stats) String() string { return figures.Text(s) }

// LogValue implements slog.LogValuer: a group of the counters, each with its name.
func (s Stats) LogValue() slog.Value { return figures.Value(s) }

// MarshalJSON writes an object of the counters, with names that begin in lower case.
func (s Stats) MarshalJSON() ([]byte, error) { return figures.JSON(s) }

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
