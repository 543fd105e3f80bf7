package registry

import (
	"slices"
	"sync"
)

// ledger is what those who have left have counted: totals never fall. It grows by names
// no further than they have ranks.
type ledger struct {
	mu sync.Mutex
	of map[subjectKey]*Gone
}

type subjectKey struct{ kind, name, typ string }

// keep adds what a subject has counted.
func (l *ledger) keep(s *Snapshot) {
	key := subjectKey{s.Kind, s.Name, s.Type}
	if s.Rank == Beyond {
		key.name = Others
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.of[key]
	if g == nil {
		if l.of == nil {
			l.of = map[subjectKey]*Gone{}
		}
		g = &Gone{Kind: key.kind, Name: key.name, Type: key.typ, Rank: s.Rank}
		l.of[key] = g
	}
	g.Count++
	for _, n := range s.Numbers {
		if n.Total && n.Value != 0 {
			g.add(n)
		}
	}
}

// Gone is what all subjects of one kind, name and type have counted that have left.
type Gone struct {
	Kind    string   `json:"kind"`
	Name    string   `json:"name,omitempty"`
	Type    string   `json:"type,omitempty"`
	Rank    int      `json:"-"`     // as in Snapshot
	Count   uint64   `json:"count"` // how many they were
	Numbers []Number `json:"numbers,omitempty"`
}

func (g *Gone) add(n Number) {
	for i := range g.Numbers {
		if to := &g.Numbers[i]; to.Name == n.Name && to.Label == n.Label {
			to.Value += n.Value
			return
		}
	}
	g.Numbers = append(g.Numbers, n)
}

// list is the totals, in no order.
func (l *ledger) list() []Gone {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Gone, 0, len(l.of))
	for _, g := range l.of {
		list = append(list, *g)
		list[len(list)-1].Numbers = slices.Clone(g.Numbers)
	}
	return list
}
