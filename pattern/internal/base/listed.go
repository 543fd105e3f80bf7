package base

import (
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
)

// List enters what runs from now on into the registry of this process, which package
// observe and its metrics show: what it is ("majordomo broker"), what it is called, and
// what its Stats say. leave takes it out. Stats that go on over several runs count in
// each run what is new.
func List(typ, name string, stats func() any) (leave func()) {
	l := &listed{typ: typ, name: name, stats: stats, before: map[string]float64{}}
	for _, f := range figures.List(stats()) {
		if f.Total {
			l.before[f.Name] = f.Value
		}
	}
	l.Enter(registry.Pattern, l)
	return l.Leave
}

type listed struct {
	registry.Entry
	typ, name string
	stats     func() any
	before    map[string]float64 // never changed
}

// RegistrySnapshot implements registry.Subject.
func (l *listed) RegistrySnapshot(r *registry.Snapshot) {
	r.Name, r.Type, r.State = l.name, l.typ, "ready"
	for _, f := range figures.List(l.stats()) {
		r.Numbers = append(r.Numbers, registry.Number{Name: f.Name, Value: f.Value - l.before[f.Name], Total: f.Total})
	}
}
