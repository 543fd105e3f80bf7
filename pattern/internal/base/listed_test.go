package base

import (
	"testing"

	"github.com/go-zactor/zactor/internal/registry"
)

// What a second run counts is not what the first one did, and both stay in the totals.
func TestListedTwice(t *testing.T) {
	type stats struct {
		Asked uint64
		Open  int
	}
	s := stats{Asked: 3, Open: 1}
	look := func() (live, gone, level float64) {
		for _, g := range registry.View(func(one *registry.Snapshot) bool {
			if one.Kind == "pattern" && one.Type == "base test" && one.Name == "x" {
				live, level = one.Numbers[0].Value, one.Numbers[1].Value
			}
			return true
		}) {
			for _, n := range g.Numbers {
				if g.Type == "base test" {
					gone += n.Value
				}
			}
		}
		return live, gone, level
	}
	_, before, _ := look()
	for round := range 2 {
		leave := List("base test", "x", func() any { return s })
		s.Asked += 2
		if live, gone, level := look(); live != 2 || gone-before != float64(2*round) || level != 1 {
			t.Errorf("round %d: %v alive, %v gone, level %v", round, live, gone-before, level)
		}
		leave()
	}
	if live, gone, _ := look(); live != 0 || gone-before != 4 {
		t.Errorf("at the end: %v alive, %v gone", live, gone-before)
	}
}
