package pattern

import "github.com/go-zactor/zactor/internal/queue"

// ranks are the priorities of peers that have one; without any the round knows
// nothing of them. The round's open ring then has the best peers that have room, and
// below those that must wait for them to be full or gone.
type ranks struct {
	of    map[*queue.Pipe]int
	below map[*queue.Pipe]struct{}
}

// SetRank gives p, which is not in the round, a priority. Peers without have 0.
func (r *RoundRobin) SetRank(p *queue.Pipe, n int) {
	if r.ranks == nil {
		r.ranks = &ranks{of: map[*queue.Pipe]int{}, below: map[*queue.Pipe]struct{}{}}
	}
	r.ranks.of[p] = n
}

// Forget takes p out for good.
func (r *RoundRobin) Forget(p *queue.Pipe) {
	r.Remove(p)
	if r.ranks != nil {
		delete(r.ranks.of, p)
	}
}

// enter puts a peer that has room where its priority wants it.
func (r *RoundRobin) enter(p *queue.Pipe) {
	if r.ranks == nil || r.open.Has(p) {
		r.open.Add(p)
		return
	}
	best := r.open.Head()
	switch mine := r.ranks.of[p]; {
	case best == nil || mine == r.ranks.of[best]:
		r.open.Add(p)
	case mine < r.ranks.of[best]:
		r.ranks.below[p] = struct{}{}
		return
	default:
		for q := best; q != nil; q = r.open.Head() {
			r.open.Remove(q)
			r.ranks.below[q] = struct{}{}
		}
		r.open.Add(p)
	}
	delete(r.ranks.below, p)
}

// descend lets the best of the others take part when nobody is left.
func (r *RoundRobin) descend() {
	if r.ranks == nil || r.open.Len() > 0 || len(r.ranks.below) == 0 {
		return
	}
	first, best := true, 0
	for p := range r.ranks.below {
		if n := r.ranks.of[p]; first || n > best {
			first, best = false, n
		}
	}
	for p := range r.ranks.below {
		if r.ranks.of[p] == best {
			delete(r.ranks.below, p)
			r.open.Add(p)
		}
	}
}

// lower is how many peers wait for better ones to be full or gone.
func (r *RoundRobin) lower() int {
	if r.ranks == nil {
		return 0
	}
	return len(r.ranks.below)
}
