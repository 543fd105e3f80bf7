package pattern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Groups against a set of pairs.
func TestGroupsModel(t *testing.T) {
	type pair struct {
		name   string
		member int
	}
	rng := rand.New(rand.NewPCG(41, 48))
	var g Groups[int]
	model := map[pair]bool{}
	for step := range 20_000 {
		p := pair{fmt.Sprint(rng.IntN(12)), rng.IntN(9)}
		switch rng.IntN(8) {
		case 0:
			g.LeaveAll(p.member)
			for q := range model {
				if q.member == p.member {
					delete(model, q)
				}
			}
		case 1, 2, 3:
			if left := g.Leave([]byte(p.name), p.member); left != model[p] {
				t.Fatalf("step %d: leave %v: %v", step, p, left)
			}
			delete(model, p)
		default:
			if joined := g.Join([]byte(p.name), p.member); joined == model[p] {
				t.Fatalf("step %d: join %v: %v", step, p, joined)
			}
			model[p] = true
		}
		got := slices.Clone(g.Members([]byte(p.name)))
		slices.Sort(got)
		var want []int
		for m := range 9 {
			if model[pair{p.name, m}] {
				want = append(want, m)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("step %d: group %s has %v, want %v", step, p.name, got, want)
		}
	}
	for m := range 9 {
		g.LeaveAll(m)
	}
	if len(g.byName) > 0 || len(g.joined) > 0 {
		t.Errorf("an empty index keeps %d groups and %d members", len(g.byName), len(g.joined))
	}
}

func TestGroupsMatchExactly(t *testing.T) {
	var g Groups[string]
	g.Join([]byte("tv"), "a")
	g.Join(nil, "b")
	for name, want := range map[string][]string{"tv": {"a"}, "": {"b"}, "t": nil, "tv1": nil, "TV": nil} {
		if got := g.Members([]byte(name)); !slices.Equal(got, want) {
			t.Errorf("group %q: %v, want %v", name, got, want)
		}
	}
}
