package lastvalue

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-zactor/zactor/zmqtest"
)

func value(frames ...string) (all [][]byte) {
	for _, f := range frames {
		all = append(all, []byte(f))
	}
	return all
}

// order lists the topics in the order of their last changes, as a walk meets them.
func order(t *table) (all []string) {
	for _, s := range t.log {
		if s.e != nil {
			all = append(all, s.e.topic)
		}
	}
	return all
}

func TestLogIsInTheOrderOfLastChanges(t *testing.T) {
	tab := newTable(1000, 1<<20, false)
	for _, topic := range []string{"a", "b", "c", "a", "b", "a"} {
		if _, _, _, err := tab.put(value(topic, "x")); err != nil {
			t.Fatal(err)
		}
	}
	tab.remove(tab.entries["b"])
	if got := order(tab); !slices.Equal(got, []string{"c", "a"}) {
		t.Errorf("%q", got)
	}
}

// A table of a random history is what a plain map would be, and its log stays short.
func TestTableIsAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(zmqtest.Seed(t), 1))
	tab, model := newTable(50, 1<<20, true), map[string]string{}
	for n := range 20_000 {
		topic, text := fmt.Sprint(rng.IntN(80)), fmt.Sprint(n)
		if rng.IntN(10) == 0 {
			if e := tab.entries[topic]; e != nil {
				tab.remove(e)
			}
			delete(model, topic)
			continue
		}
		_, old, evicted, err := tab.put(value(topic, text))
		if err != nil {
			t.Fatal(err)
		}
		if (old != nil) != (model[topic] != "") || old != nil && string(old.frames[1]) != model[topic] {
			t.Fatalf("%d: put replaced %v, not %q", n, old, model[topic])
		}
		for _, e := range evicted {
			delete(model, e.topic)
		}
		model[topic] = text
		if len(tab.log) > 2*50+64 {
			t.Fatalf("%d: the log has %d places for %d topics", n, len(tab.log), len(tab.entries))
		}
	}
	size := int64(0)
	for topic, text := range model {
		e := tab.entries[topic]
		if e == nil || string(e.frames[1]) != text {
			t.Errorf("%s: %v, not %q", topic, e, text)
		}
		size += int64(len(topic)+len(text)) + 2*frameCost
	}
	if len(tab.entries) != len(model) || tab.bytes != size || len(order(tab)) != len(model) {
		t.Errorf("%d topics, %d bytes, %d in the log, not %d and %d", len(tab.entries), tab.bytes, len(order(tab)), len(model), size)
	}
}

func TestTableBounds(t *testing.T) {
	for _, c := range []struct {
		topics int
		bytes  int64
		evict  bool
		put    [][]byte
		err    error
		left   []string
	}{
		{3, 1 << 20, false, value("d"), ErrFull, []string{"a", "b", "c"}},
		{3, 1 << 20, false, value("a", "new"), nil, []string{"b", "c", "a"}},
		{3, 1 << 20, true, value("d"), nil, []string{"b", "c", "d"}},
		{9, 3 * 67, false, value("a", "12345"), ErrFull, []string{"a", "b", "c"}},
		{9, 3 * 67, true, value("a", "12345"), nil, []string{"c", "a"}},
		{9, 3 * 67, true, value("c", string(make([]byte, 135))), nil, []string{"c"}},
		{9, 3 * 67, true, value("c", string(make([]byte, 200))), ErrFull, []string{"a", "b", "c"}},
		{9, 1 << 20, true, nil, ErrTopic, []string{"a", "b", "c"}},
		{9, 1 << 20, true, value(string(make([]byte, 256))), ErrTopic, []string{"a", "b", "c"}},
	} {
		tab := newTable(c.topics, c.bytes, c.evict)
		for _, topic := range []string{"a", "b", "c"} {
			if _, _, _, err := tab.put(value(topic, "12")); err != nil {
				t.Fatal(err)
			}
		}
		_, _, _, err := tab.put(c.put)
		if !errors.Is(err, c.err) || !slices.Equal(order(tab), c.left) {
			t.Errorf("%+v: %v, %q left", c, err, order(tab))
		}
	}
}
