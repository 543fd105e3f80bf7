package prom

import (
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/registry"
)

// collector keeps the series between scrapes, so that a scrape makes nothing but values.
type collector struct {
	maxNames int

	mu     sync.Mutex // guards what follows
	groups map[groupKey]*group
	sorted []*series // of all groups, as they are written
	stale  bool      // sorted has to be made anew
	round  uint64    // of Collect
	folded map[foldedName]struct{}
}

type foldedName struct{ kind, name string }

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for i := range table {
		to <- table[i].desc
	}
}

// Collect implements prometheus.Collector. No socket stops for it.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	all := c.take()
	for i := range all {
		to <- &all[i]
	}
}

// take is what there is to say now, in the order in which it is written.
func (c *collector) take() []reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.round++
	clear(c.folded)
	for _, gone := range registry.Numbers(c.living) {
		g := c.group(gone.Kind, c.named(gone.Name, gone.Rank), gone.Type)
		g.past = c.add(g, g.past, gone.Numbers)
	}
	g := c.group(process, "", "")
	g.live = c.add(g, g.live, c.ownNumbers())
	if c.stale {
		c.sort()
	}
	all := make([]reading, 0, len(c.sorted))
	for _, s := range c.sorted {
		if s.round == c.round {
			all = append(all, reading{s, s.value})
		}
	}
	return all
}

// living adds one that lives.
func (c *collector) living(s *registry.Snapshot) bool {
	if c.folds(s.Rank) {
		c.folded[foldedName{s.Kind, s.Name}] = struct{}{}
	}
	g := c.group(s.Kind, c.named(s.Name, s.Rank), s.Type)
	g.live = c.add(g, g.live, s.Numbers)
	return true
}

// folds reports whether a name of this rank has no series of its own.
func (c *collector) folds(rank int) bool { return rank > c.maxNames || rank == registry.Beyond }

// named is the name under which one with this rank counts. Prometheus takes UTF-8 only.
func (c *collector) named(name string, rank int) string {
	if c.folds(rank) {
		return registry.Others
	}
	return strings.ToValidUTF8(name, "\uFFFD")
}

// ownNumbers are those of the process as a whole.
func (c *collector) ownNumbers() []registry.Number {
	list := []registry.Number{{Name: "panics", Value: float64(contain.Strays())}}
	folded := map[string]int{}
	for f := range c.folded {
		folded[f.kind]++
	}
	for _, kind := range kinds {
		list = append(list, registry.Number{Name: foldedNames, Label: kind, Value: float64(folded[kind])})
	}
	return list
}

// add adds the numbers of one of the group. The memo knows of each place of the list what
// stood there last time, which is what stands there now: nothing is searched for.
func (c *collector) add(g *group, memo []place, list []registry.Number) []place {
	for i := range list {
		n := &list[i]
		if i == len(memo) {
			memo = append(memo, c.place(g, n))
		} else if at := &memo[i]; at.name != n.Name || at.label != n.Label {
			*at = c.place(g, n)
		}
		s := memo[i].series
		if s == nil {
			continue
		}
		if s.round != c.round {
			s.round, s.value = c.round, 0
		}
		s.value += n.Value
	}
	return memo
}
