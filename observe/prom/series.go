package prom

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/go-zactor/zactor/internal/registry"
)

// group is all of one kind, name and type. Its series last as long as the collector.
type group struct {
	groupKey
	live, past []place // what numbers come in which order, of one that lives, and of the ledger
	series     []*series
}

type groupKey struct{ kind, name, typ string }

// place is what comes at one place of a list of numbers.
type place struct {
	name, label string
	series      *series // nil: no metric is made of it
}

// series is one line of what is written.
type series struct {
	m     *metric
	label string           // the value of the metric's own label
	pairs []*dto.LabelPair // sorted by name; never changed

	round uint64 // of the scrape that value belongs to
	value float64
}

// reading is what a series was at one scrape.
type reading struct {
	series *series
	value  float64
}

// Desc implements prometheus.Metric.
func (r *reading) Desc() *prometheus.Desc { return r.series.m.desc }

// Write implements prometheus.Metric.
func (r *reading) Write(to *dto.Metric) error {
	to.Label = r.series.pairs
	if r.series.m.total {
		to.Counter = &dto.Counter{Value: &r.value}
	} else {
		to.Gauge = &dto.Gauge{Value: &r.value}
	}
	return nil
}

// group finds the group, or makes it.
func (c *collector) group(kind, name, typ string) *group {
	key := groupKey{kind, name, typ}
	g := c.groups[key]
	if g == nil {
		g = &group{groupKey: key}
		c.groups[key] = g
	}
	return g
}

// place finds what is made of a number.
func (c *collector) place(g *group, n *registry.Number) place {
	p := place{name: n.Name, label: n.Label}
	m := byNumber[source{g.kind, n.Name}]
	if m == nil {
		return p
	}
	label := m.takes(*n)
	for _, s := range g.series {
		if s.m == m && s.label == label {
			p.series = s
			return p
		}
	}
	p.series = &series{m: m, label: label, pairs: m.pairs(g, label)}
	g.series = append(g.series, p.series)
	c.stale = true
	return p
}

// pairs are the labels of a series.
func (m *metric) pairs(g *group, label string) []*dto.LabelPair {
	var list []*dto.LabelPair
	for _, name := range m.labels() {
		value := label
		switch name {
		case g.kind:
			value = g.name
		case "type":
			value = g.typ
		}
		list = append(list, &dto.LabelPair{Name: &name, Value: &value})
	}
	slices.SortFunc(list, func(a, b *dto.LabelPair) int { return cmp.Compare(*a.Name, *b.Name) })
	return list
}

// sort puts all series in the order in which client_golang writes them, which then has
// nothing to sort.
func (c *collector) sort() {
	c.sorted, c.stale = c.sorted[:0], false
	for _, g := range c.groups {
		c.sorted = append(c.sorted, g.series...)
	}
	slices.SortFunc(c.sorted, func(a, b *series) int {
		return cmp.Or(cmp.Compare(a.m.row, b.m.row), slices.CompareFunc(a.pairs, b.pairs, func(a, b *dto.LabelPair) int {
			return cmp.Compare(*a.Value, *b.Value)
		}))
	})
}
