package look

import (
	"cmp"
	"slices"
	"time"

	"github.com/go-zactor/zactor/internal/registry"
)

// history is how many rates of a subject are kept, one a look.
const history = 60

// row is a subject with its rates.
type row struct {
	s        *registry.Snapshot
	in, out  float64 // messages a second
	drops    float64 // since it began
	dropping bool    // since the look before
	peers    int
	queued   int
	past     []float64 // of in and out together
}

// table knows all rows, and how they came to be.
type table struct {
	at   time.Time
	rows map[uint64]*row
	past []float64 // of all
	in   float64
	out  float64

	problems []problem
}

// take makes the table of a view.
func (t *table) take(v *view) {
	gone := t.rows
	seconds := v.Time.Sub(t.at).Seconds()
	first := t.rows == nil
	t.at, t.rows, t.in, t.out, t.problems = v.Time, map[uint64]*row{}, 0, 0, nil
	for _, s := range v.Subjects {
		r, old := &row{s: s}, gone[s.ID]
		var before *registry.Snapshot
		if old != nil && seconds > 0 {
			before = old.s
			r.in = (messages(s, "in") - messages(before, "in")) / seconds
			r.out = (messages(s, "out") - messages(before, "out")) / seconds
			r.past = old.past
		}
		if !first {
			r.past = append(r.past[max(len(r.past)-history+1, 0):], r.in+r.out)
		}
		r.drops = number(s, "drops", "")
		r.dropping = before != nil && r.drops > number(before, "drops", "")
		r.measure()
		t.rows[s.ID] = r
		t.in, t.out = t.in+r.in, t.out+r.out
		t.problems = append(t.problems, problems(s, before)...)
	}
	if !first {
		t.past = append(t.past[max(len(t.past)-history+1, 0):], t.in+t.out)
	}
}

// messages is what has passed one way, in sockets and whatever else counts messages.
func messages(s *registry.Snapshot, label string) float64 { return number(s, "messages", label) }

func (r *row) measure() {
	for _, l := range r.s.Links {
		if l.Role == registry.Peer {
			r.peers++
		}
	}
	r.queued = int(number(r.s, "queued", "") + number(r.s, "unread", "") + number(r.s, "mailbox", ""))
}

// orders are the ways to sort, by the letter that chooses the next.
var orders = []struct {
	name string
	by   func(a, b *row) int
}{
	{"rate", func(a, b *row) int { return cmp.Compare(b.in+b.out, a.in+a.out) }},
	{"queue", func(a, b *row) int { return cmp.Compare(b.queued, a.queued) }},
	{"drops", func(a, b *row) int { return cmp.Compare(b.drops, a.drops) }},
	{"name", func(a, b *row) int { return cmp.Compare(a.s.Name, b.s.Name) }},
}

// sorted are the rows in an order; among equals the older one comes first.
func (t *table) sorted(order int) []*row {
	list := make([]*row, 0, len(t.rows))
	for _, r := range t.rows {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *row) int {
		return cmp.Or(orders[order].by(a, b), cmp.Compare(a.s.ID, b.s.ID))
	})
	return list
}
