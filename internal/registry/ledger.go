package registry

import "sync"

// maxNames bounds the names of each kind whose totals are kept apart when their subjects
// have gone. A program that gives each socket a name of its own must not grow by that.
// Beyond it they count without a name.
const maxNames = 1000

// ledger is what those who have left have counted: totals never fall.
type ledger struct {
	mu    sync.Mutex
	names map[subjectKey]struct{} // with a name
	named map[string]int          // how many of each kind
	of    map[subjectKey]map[numberKey]float64
	left  map[subjectKey]uint64 // how many have left
}

type subjectKey struct{ kind, name, typ string }

type numberKey struct{ name, label string }

func (l *ledger) keep(s *Snapshot) {
	key := subjectKey{s.Kind, s.Name, s.Type}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.names, l.named = map[subjectKey]struct{}{}, map[string]int{}
		l.of, l.left = map[subjectKey]map[numberKey]float64{}, map[subjectKey]uint64{}
	}
	if _, known := l.names[key]; key.name != "" && !known {
		if l.named[key.kind] >= maxNames {
			key.name = ""
		} else {
			l.names[key] = struct{}{}
			l.named[key.kind]++
		}
	}
	l.left[key]++
	sum := l.of[key]
	if sum == nil {
		sum = map[numberKey]float64{}
		l.of[key] = sum
	}
	for _, n := range s.Numbers {
		if n.Total && n.Value != 0 {
			sum[numberKey{n.Name, n.Label}] += n.Value
		}
	}
}

// Gone is what all subjects of one kind, name and type have counted that have left.
type Gone struct {
	Kind    string   `json:"kind"`
	Name    string   `json:"name,omitempty"`
	Type    string   `json:"type,omitempty"`
	Count   uint64   `json:"count"` // how many they were
	Numbers []Number `json:"numbers,omitempty"`
}

// list is the totals, in no order.
func (l *ledger) list() []Gone {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Gone, 0, len(l.of))
	for key, sum := range l.of {
		g := Gone{Kind: key.kind, Name: key.name, Type: key.typ, Count: l.left[key]}
		for n, v := range sum {
			g.Numbers = append(g.Numbers, Number{n.name, n.label, v, true})
		}
		list = append(list, g)
	}
	return list
}
