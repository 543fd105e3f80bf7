package durable

import (
	"math/rand/v2"
	"testing"
)

// A follower counts what a stream numbers, over connections that break anywhere, gaps
// included: it never asks for what it has, nor leaves out what it has not.
func TestFollower(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		k := newKept(t, Bounds{Msgs: 20}, nil, 0)
		var f Follower
		arrived, last := uint64(0), uint64(0) // of all connections; the last number that came
		end := uint64(1)
		for range 50 {
			epoch, has := f.Has()
			if has != last {
				t.Fatalf("it has %d, and says %d", last, has)
			}
			before, missed, _ := k.Resume(epoch, has)
			if forgotten, ok := f.Begin(k.Epoch(), before, arrived); forgotten || !ok {
				t.Fatal(forgotten, ok)
			}
			if before != last+missed {
				t.Fatalf("%d came, %d missed, it goes on behind %d", last, missed, before)
			}
			last = before
			waiting := uint64(0)
			for range rnd.IntN(100) {
				switch it, ok := k.Next(); {
				case !ok || rnd.IntN(2) == 0:
					for range rnd.IntN(30) {
						k.Append(numbered(end, 3))
						end++
					}
				case it.Missed > 0:
					f.Missed(it.After, it.Missed, arrived)
					last += it.Missed
				default:
					k.Sent()
					arrived, last, waiting = arrived+1, last+1, waiting+1
					waiting = min(waiting, uint64(rnd.IntN(4)))
				}
			}
			if number, ok := f.Taken(arrived, waiting); ok && number > last {
				t.Fatalf("%d was taken, and only %d came", number, last)
			} else if ok && f.Acked(number) {
				k.Taken(number)
			}
			f.Leave(arrived)
			k.Leave()
		}
	}
}

// Another stream of the same publisher begins anew, acknowledgements too.
func TestFollowerIsForgotten(t *testing.T) {
	var f Follower
	f.Begin(1, 0, 0)
	if n, ok := f.Taken(10, 0); n != 10 || !ok || !f.Acked(n) || f.Acked(n) {
		t.Errorf("taken %d, %v", n, ok)
	}
	f.Leave(10)
	if forgotten, ok := f.Begin(2, 0, 10); !forgotten || !ok {
		t.Error(forgotten, ok)
	}
	if _, again := f.Begin(2, 0, 10); again {
		t.Error("it has begun twice")
	}
	if n, ok := f.Taken(13, 1); n != 2 || !ok || !f.Acked(n) {
		t.Errorf("of the new stream: %d, %v", n, ok)
	}
	if _, ok := f.Taken(13, 4); ok {
		t.Error("what an earlier connection brought is still waiting")
	}
}

// A publisher that announces gaps without end costs a bounded list.
func TestFollowerOfManyGaps(t *testing.T) {
	var f Follower
	f.Begin(1, 0, 0)
	for range 10 * maxGaps {
		f.Missed(1<<40, 1, 0)
	}
	if len(f.gaps) > maxGaps {
		t.Errorf("%d gaps are noted", len(f.gaps))
	}
}
