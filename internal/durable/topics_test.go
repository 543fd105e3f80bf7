package durable

import (
	"fmt"
	"testing"
)

// Topics that are not told again end, a thousand between two pauses; those that change
// meanwhile are as they were changed last.
func TestTopics(t *testing.T) {
	var topics Topics
	topics.Come()
	const all, every = 20_000, 1000
	for i := range all {
		topics.Add(fmt.Append(nil, i))
	}
	ended := map[string]bool{}
	pauses := 0
	untold := func() bool {
		pauses, ended = 0, map[string]bool{}
		atOnce := 0
		return topics.Untold(every, func() bool {
			pauses++
			atOnce = 0
			if pauses == 1 {
				topics.Add([]byte("between"))
				topics.Add([]byte("7"))
				topics.Remove([]byte("8"))
			}
			return true
		}, func(topic string) {
			if atOnce++; atOnce > every {
				t.Fatal("too many without a pause")
			}
			ended[topic] = true
		})
	}
	if !untold() || len(ended) != 0 || pauses < all/every-1 {
		t.Errorf("all were told, and %d ended; %d pauses", len(ended), pauses)
	}
	topics.Come()
	topics.Add([]byte("5"))
	topics.Add([]byte("6"))
	topics.Remove([]byte("6"))
	if !untold() || pauses < all/every-1 {
		t.Errorf("%d pauses for %d topics", pauses, all)
	}
	for topic, there := range map[string]bool{"5": true, "between": true, "7": !ended["7"], "6": false, "8": false, "9": false} {
		if topics.Has([]byte(topic)) != there {
			t.Errorf("%s is there: %v", topic, !there)
		}
	}
	if topics.Len() > 3 || !untold() || len(ended) != 0 {
		t.Errorf("%d are left, %d ended the second time", topics.Len(), len(ended))
	}
}

// When another connection takes over, what was begun is given up, and it begins anew.
func TestTopicsTakenOver(t *testing.T) {
	var topics Topics
	topics.Come()
	for i := range 100 {
		topics.Add(fmt.Append(nil, i))
	}
	topics.Come()
	ended := 0
	if topics.Untold(10, func() bool { return false }, func(string) { ended++ }) || ended >= 10 {
		t.Errorf("it went on, and ended %d", ended)
	}
	topics.Come()
	if !topics.Untold(10, func() bool { return true }, func(string) { ended++ }) || ended != 100 || topics.Len() != 0 {
		t.Errorf("%d ended, %d are left", ended, topics.Len())
	}
}
