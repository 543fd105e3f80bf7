// Package prom gives Prometheus what package observe shows: the counters of the sockets,
// actors, nodes, authenticators and means of discovery of this process.
//
//	prometheus.MustRegister(prom.Collector())
//
// The names never change; docs/metrics.md has them all. Sockets that share a name and a
// type share their series, and so do all without a name (see zmq.WithName). What has
// ended stays in the totals: they never fall.
//
// A series is what costs, here and in Prometheus. So the first [DefaultMaxNames] names of
// each kind have series of their own, and all later ones share those of the name
// "(others)"; see [WithMaxNames]. A name stays where it is for as long as the process
// lives, so that no counter ever goes back.
package prom

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/go-zactor/zactor/internal/registry"
)

// DefaultMaxNames is how many names of each kind have series of their own.
const DefaultMaxNames = 100

// Option is an option of Collector.
type Option func(*collector) error

// WithMaxNames gives the first n names of each kind (sockets, actors, nodes, ...) series
// of their own, in the order in which they were first seen: 0 gives none, math.MaxInt
// gives every name its own. The others are summed under the name "(others)"; how many of
// those that live are there is what zactor_folded_names says.
//
// A scrape takes about 2 µs of processor time for each series, and a named socket has 24.
func WithMaxNames(n int) Option {
	return func(c *collector) error {
		if n < 0 {
			return fmt.Errorf("prom: WithMaxNames(%d): want 0 or more; math.MaxInt is no bound", n)
		}
		c.maxNames = n
		return nil
	}
}

// Collector collects from all that lives in this process, and has lived. An option that
// is refused is the error of registering it.
func Collector(opts ...Option) prometheus.Collector {
	c := &collector{maxNames: DefaultMaxNames, groups: map[groupKey]*group{}, folded: map[foldedName]struct{}{}}
	for _, o := range opts {
		if err := o(c); err != nil {
			return refused{err}
		}
	}
	registry.KeepNames(c.maxNames)
	return c
}

// refused is a collector that cannot be registered.
type refused struct{ err error }

// Describe implements prometheus.Collector.
func (r refused) Describe(c chan<- *prometheus.Desc) { c <- prometheus.NewInvalidDesc(r.err) }

// Collect implements prometheus.Collector.
func (r refused) Collect(c chan<- prometheus.Metric) {
	c <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(r.err), r.err)
}
