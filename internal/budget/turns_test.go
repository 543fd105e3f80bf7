package budget

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Where one address has hundreds waiting another one's is next, and the one after that at the
// turn after.
func TestTurnsOfTheOther(t *testing.T) {
	turns := NewTurns[string](4, 3)
	var under []*Turn[string]
	for i := range 500 {
		if turn, mine := turns.Enter("many", "m"); mine {
			under = append(under, turn)
		} else if i < 3 {
			t.Fatalf("number %d has to wait", i)
		}
	}
	if turns.Held() != 3 || turns.Waiting() != 497 {
		t.Fatalf("%d under way, %d wait", turns.Held(), turns.Waiting())
	}
	if _, mine := turns.Enter("few", "f"); !mine {
		t.Fatal("the other address has to wait although there is a place")
	}
	turns.Enter("few", "f")
	turns.Enter("new", "n")
	got := ""
	for range 4 {
		next := turns.Leave(under[0])
		under = append(under[1:], next)
		got += next.Value
	}
	if got != "nmfm" { // few had one under way, as many had then
		t.Errorf("in this order: %s, want nmfm", got)
	}
}

// Whatever comes and goes: the bounds hold, nobody waits while there is a place for it, all
// get their turn once, and nothing is left in the end.
func TestTurnsAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const most, each = 10, 4
	turns := NewTurns[int](most, each)
	state := map[*Turn[int]]string{}
	held, waits, from := map[string]int{}, map[string]int{}, map[*Turn[int]]string{}
	start := func(turn *Turn[int]) {
		if state[turn] != "" && state[turn] != "waits" {
			t.Fatalf("a turn of one that %s", state[turn])
		}
		state[turn] = "has it"
		held[from[turn]]++
	}
	leave := func(turn *Turn[int]) {
		switch state[turn] {
		case "waits":
			waits[from[turn]]--
		default:
			held[from[turn]]--
		}
		delete(state, turn)
		if next := turns.Leave(turn); next != nil {
			waits[from[next]]--
			start(next)
		}
		if turns.Leave(turn) != nil {
			t.Fatal("left twice, and gave two turns")
		}
	}
	for i := range 50_000 {
		if r.IntN(2) == 0 && len(state) < 60 {
			origin := fmt.Sprint(r.IntN(6))
			turn, mine := turns.Enter(origin, i)
			from[turn] = origin
			if mine {
				start(turn)
			} else {
				state[turn] = "waits"
				waits[origin]++
			}
		} else {
			for turn := range state {
				leave(turn)
				break
			}
		}
		all := 0
		for origin, n := range held {
			if all += n; n > each {
				t.Fatalf("step %d: %s has %d", i, origin, n)
			}
		}
		for origin, n := range waits {
			if n > 0 && all < most && held[origin] < each {
				t.Fatalf("step %d: %d of %s wait for nothing, which has %d of %d", i, n, origin, held[origin], all)
			}
		}
		if all != turns.Held() || all > most {
			t.Fatalf("step %d: %d are under way, it says %d", i, all, turns.Held())
		}
	}
	for turn := range state {
		leave(turn)
	}
	if turns.Held()+turns.Waiting()+len(turns.addresses)+len(turns.next) != 0 {
		t.Errorf("left: %+v", turns)
	}
}
