package node

import (
	"testing"
	"time"
)

// paced lets time pass in which everybody beacons at its own pace, and counts.
func (l *lab) paced(d time.Duration, due map[*host]time.Time) (beacons int) {
	for end := l.now.Add(d); l.now.Before(end); {
		for _, h := range l.hosts {
			if l.now.Before(due[h]) {
				continue
			}
			beacons++
			for _, to := range l.hosts {
				if !l.severed(h, to) {
					to.Hear(l.now, h.addr, h.says())
				}
			}
			l.settle()
			ready, _, _ := h.Knows()
			due[h] = l.now.Add(h.Pace(time.Second, ready))
		}
		l.pass(50*time.Millisecond, false)
	}
	return beacons
}

// allKnowAll reports whether everybody has everybody as a peer.
func (l *lab) allKnowAll() bool {
	for _, h := range l.hosts {
		if ready, _, _ := h.Knows(); ready != len(l.hosts)-1 {
			return false
		}
	}
	return true
}

// calm checks that nobody has been evasive or gone.
func (l *lab) calm() {
	l.t.Helper()
	for _, h := range l.hosts {
		for _, e := range h.events {
			if e.Kind == Evasive || e.Kind == Exit {
				l.t.Errorf("%s: %v of %s", h.Name, e.Kind, e.Name)
			}
		}
		h.events = nil
	}
}

// In a network of half as many again as a crowd everybody hears as many beacons as in one of a crowd.
// All the same who comes is found at once, and who was cut off within the longest
// interval.
func TestLargeNetworkBeaconsRarely(t *testing.T) {
	const size = crowd * 3 / 2
	large := func(c *Config) { c.MaxPeers, c.Expired = 4*crowd, 6*time.Second }
	l, due := newLab(t), map[*host]time.Time{}
	for id := range byte(size) {
		l.add(1+id, large)
	}
	l.paced(3*time.Second, due)
	if !l.allKnowAll() {
		t.Fatal("after three seconds not all know all")
	}
	const seconds = 4
	if heard := l.paced(seconds*time.Second, due); heard > seconds*crowd*11/10 || heard < seconds*crowd/2 {
		t.Errorf("everybody hears %d beacons a second of %d nodes, want about %d", heard/seconds, size, crowd)
	}

	newcomer := l.add(size+1, large)
	l.paced(100*time.Millisecond, due)
	if !l.allKnowAll() {
		t.Error("the newcomer does not know all, or not all know it")
	}
	l.calm()

	few := append([]*host{newcomer}, l.hosts[:4]...)
	for _, a := range few {
		for _, b := range l.hosts[4:size] {
			l.cut[[2]*host{a, b}] = true
		}
	}
	l.paced(newcomer.Expired+time.Second, due)
	if ready, _, _ := newcomer.Knows(); ready != len(few)-1 {
		t.Errorf("cut off with %d others, it knows %d", len(few)-1, ready)
	}
	clear(l.cut)
	l.paced(newcomer.Pace(time.Second, len(few))+500*time.Millisecond, due)
	if !l.allKnowAll() {
		t.Error("the network has not healed when those who were cut off have beaconed")
	}
}

// However large the network, nobody counts as evasive for want of beacons.
func TestPaceHasBounds(t *testing.T) {
	c := config(1)
	for _, k := range []struct {
		every time.Duration
		peers int
		want  time.Duration
	}{
		{time.Second, 0, time.Second},
		{time.Second, crowd, time.Second},
		{time.Second, 3 * crowd, 3 * time.Second},
		{time.Second, 1 << 20, 4 * time.Second},
		{100 * time.Millisecond, 2 * crowd, 200 * time.Millisecond},
		{time.Hour, 2 * crowd, time.Hour}, // as was asked for
	} {
		if got := c.Pace(k.every, k.peers); got != k.want || got > c.Evasive && got > k.every {
			t.Errorf("%v with %d peers: %v, want %v", k.every, k.peers, got, k.want)
		}
	}
}
