package pattern

import (
	"testing"

	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/msg"
)

// fairPeers is a queue with n peers that have so many messages each.
func fairPeers(clock func() int64, n, messages int) *FairQueue {
	q := NewFairQueue(clock)
	for i := range n {
		p := pipe.New(nobody{}, pipe.Limits{})
		for range messages {
			p.In.PutMsg(msg.New([]byte{byte(i)}))
		}
		q.Add(p)
	}
	return q
}

// fairTurns takes n messages, each of which costs the receiver cost, and returns how
// long the turns were.
func fairTurns(t *testing.T, q *FairQueue, now *int64, n int, cost int64) (turns []int) {
	t.Helper()
	last := -1
	for range n {
		m, from, _ := q.Next(0)
		if from == nil {
			t.Fatal("nothing is left")
		}
		*now += cost
		if who := int(m.Frames[0][0]); who != last {
			turns, last = append(turns, 0), who
		}
		turns[len(turns)-1]++
	}
	return turns
}

// Who is quick to take messages gets several in a turn, and then who is slow no
// more than one; in between, turns take about as long as they may. None is ever
// longer than that of the next peer in the same round.
func TestFairQueueTurnLength(t *testing.T) {
	for _, c := range []struct {
		name        string
		cost        int64
		least, most int
	}{
		{"quick", 100, maxTurn, maxTurn},
		{"not so quick", 3_000, 2, 8},
		{"slow", 1_000_000, 1, 1},
	} {
		const peers = 3
		var now int64
		q := fairPeers(func() int64 { return now }, peers, 1000)
		turns := fairTurns(t, q, &now, 2000, c.cost)
		turns = turns[len(turns)/2 : len(turns)-1]
		for i, n := range turns {
			if n < c.least || n > c.most {
				t.Errorf("%s: turns of %v, want %d to %d", c.name, turns, c.least, c.most)
				break
			}
			if i >= peers && turns[i] != turns[i-1] && turns[i-1] != turns[i-2] {
				t.Errorf("%s: %v: turns change within a round", c.name, turns)
				break
			}
		}
	}
}

// A receiver that becomes slow hears everybody again after few messages.
func TestFairQueueBecomesSlow(t *testing.T) {
	var now int64
	q := fairPeers(func() int64 { return now }, 3, 2000)
	fairTurns(t, q, &now, 1000, 100)
	fairTurns(t, q, &now, 3*2*maxTurn, 1_000_000)
	for _, n := range fairTurns(t, q, &now, 30, 1_000_000) {
		if n != 1 {
			t.Fatalf("a turn of %d messages", n)
		}
	}
}

// A peer that goes in the middle of its turn takes the rest of it along.
func TestFairQueueRemoveInTurn(t *testing.T) {
	var now int64
	q := fairPeers(func() int64 { return now }, 3, 1000)
	fairTurns(t, q, &now, 600, 100)
	_, gone, _ := q.Next(0)
	for { // until a turn has just begun
		_, p, _ := q.Next(0)
		if p != gone {
			gone = p
			break
		}
	}
	q.Remove(gone)
	turns := fairTurns(t, q, &now, 4*maxTurn, 100)
	for _, n := range turns {
		if n != maxTurn {
			t.Fatalf("turns of %v messages", turns)
		}
	}
}
