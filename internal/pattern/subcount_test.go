package pattern

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestSubCountModel(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		var c SubCount
		model := map[string]int{}
		var order []string // of the topics in model, as first asked for
		for range 1000 {
			switch topic := textFrom(r); r.IntN(4) {
			case 0, 1:
				if first := c.Add([]byte(topic)); first != (model[topic] == 0) {
					t.Fatalf("Add(%q): first %v of %d", topic, first, model[topic])
				}
				if model[topic]++; model[topic] == 1 {
					order = append(order, topic)
				}
			case 2:
				if len(order) > 0 && r.IntN(4) > 0 {
					topic = order[r.IntN(len(order))]
				}
				last, known := c.Remove([]byte(topic))
				if known != (model[topic] > 0) || last != (model[topic] == 1) {
					t.Fatalf("Remove(%q): last %v, known %v of %d", topic, last, known, model[topic])
				}
				if known {
					model[topic]--
				}
				if last {
					order = slices.DeleteFunc(order, func(s string) bool { return s == topic })
				}
			case 3:
				wanted := slices.ContainsFunc(order, func(s string) bool { return strings.HasPrefix(topic, s) })
				if c.Match([]byte(topic)) != wanted {
					t.Fatalf("Match(%q) is not %v", topic, wanted)
				}
			}
			if c.Len() != len(order) {
				t.Fatalf("%d topics, want %d", c.Len(), len(order))
			}
		}
		var replay []string
		c.All(func(topic []byte) { replay = append(replay, string(topic)) })
		if !slices.Equal(replay, order) {
			t.Fatalf("replayed %q, want %q", replay, order)
		}
	}
}

func TestSubCountEmpty(t *testing.T) {
	var c SubCount
	if c.Match(nil) || c.Match([]byte("x")) {
		t.Error("nothing was asked for")
	}
	c.Add(nil)
	if !c.Match(nil) || !c.Match([]byte("x")) {
		t.Error("everything was asked for")
	}
	if last, known := c.Remove([]byte{}); !last || !known || c.Match([]byte("x")) {
		t.Error("everything was given up")
	}
	c.All(func(topic []byte) { t.Errorf("%q is left", topic) })
}

func BenchmarkSubCountMatch(b *testing.B) {
	for _, n := range []int{0, 1, 8, 100} {
		name, frame := "all", []byte("prices.00000000.bid and more")
		var c SubCount
		if n == 0 {
			c.Add(nil)
		} else {
			name = string(topicAt(n - 1))
			frame = append(topicAt(n-1), " and more"...)
		}
		for i := range n {
			c.Add(topicAt(i))
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !c.Match(frame) {
					b.Fatal("no match")
				}
			}
		})
	}
}
