package pattern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// membersOf are those that Exact finds, in order.
func membersOf(x *SubIndex[int], group string) (members []int) {
	for _, s := range x.Exact([]byte(group)) {
		members = append(members, s.Value)
	}
	slices.Sort(members)
	return members
}

// Groups against a set of pairs. Who is being removed is in none of them, from the first
// step on.
func TestGroupsModel(t *testing.T) {
	type pair struct {
		group  string
		member int
	}
	rng := rand.New(rand.NewPCG(41, 48))
	var x SubIndex[int]
	subs := make([]*Subscriber[int], 9)
	for i := range subs {
		subs[i] = &Subscriber[int]{Value: i}
	}
	model := map[pair]bool{}
	check := func(step int, group string) {
		t.Helper()
		var want []int
		for m := range subs {
			if model[pair{group, m}] {
				want = append(want, m)
			}
		}
		if got := membersOf(&x, group); !slices.Equal(got, want) {
			t.Fatalf("step %d: group %s has %v, want %v", step, group, got, want)
		}
	}
	for step := range 20_000 {
		p := pair{fmt.Sprint(rng.IntN(30)), rng.IntN(len(subs))}
		switch rng.IntN(8) {
		case 0:
			for q := range model {
				if q.member == p.member {
					delete(model, q)
				}
			}
			for x.RemoveSome(subs[p.member], 1+rng.IntN(3), nil) {
				check(step, p.group)
			}
		case 1, 2, 3:
			if _, left := x.Remove([]byte(p.group), subs[p.member]); left != model[p] {
				t.Fatalf("step %d: leave %v: %v", step, p, left)
			}
			delete(model, p)
		default:
			if _, joined := x.Add([]byte(p.group), subs[p.member]); joined == model[p] {
				t.Fatalf("step %d: join %v: %v", step, p, joined)
			}
			model[p] = true
		}
		check(step, p.group)
	}
	for _, s := range subs {
		x.RemoveAll(s, nil)
	}
	if x.Topics() > 0 || x.places > 0 {
		t.Errorf("an empty index keeps %d groups and %d members", x.Topics(), x.places)
	}
}

func TestGroupsMatchExactly(t *testing.T) {
	var x SubIndex[int]
	x.Add([]byte("tv"), &Subscriber[int]{Value: 1})
	x.Add(nil, &Subscriber[int]{Value: 2})
	for group, want := range map[string][]int{"tv": {1}, "": {2}, "t": nil, "tv1": nil, "TV": nil} {
		if got := membersOf(&x, group); !slices.Equal(got, want) {
			t.Errorf("group %q: %v, want %v", group, got, want)
		}
	}
}
