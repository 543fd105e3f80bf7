package session

import (
	"container/heap"
	"container/list"
	"time"
)

const (
	// maxHalfOpen is how many peers whose handshake is not done a listener holds.
	maxHalfOpen = 2048

	// maxSilence is how long a peer may be silent before it has to make room for others
	// from its address. Each that has to halves the time for those that come from there,
	// down to minSilence; each that gets in doubles it. So a flood of silent peers stops
	// nobody for long.
	maxSilence = time.Second
	minSilence = 10 * time.Millisecond
	// While an address makes progress, its peers get no less: those that have not said a
	// word newSilence, or three times what the slow ones beside them have needed for it,
	// the others slowSilence. A crowd of clients whose machine is slow is waited for: to
	// turn one out for another one gains nothing, and costs it its work.
	newSilence  = maxSilence / 2
	slowSilence = 5 * maxSilence
)

// halfOpen decides which peers of one listener may go on with their handshake, and
// who has to make room when there are too many. It has no clock and does no I/O; the
// keys are the caller's names for the peers.
//
// A peer is either waited for, from awaits to heard, or it waits for us. Only the
// first kind is ever turned out. The most crowded address goes first, and of its peers
// the one whose time to be silent is over, or is the next to be:
//
//   - for a newcomer from an address that has fewer peers, at once;
//   - for one from an address as crowded, when the silence has lasted for its time.
//
// When nobody may be turned out the newcomer waits: the caller stops accepting.
type halfOpen[K comparable] struct {
	limit  int
	peers  map[K]*halfPeer[K]
	groups map[string]*crowd[K]
	order  crowdHeap[K] // all groups; who has to give first at the top
	silent silent[K]    // all that are waited for
}

// halfPeer is a peer whose handshake is not done.
type halfPeer[K comparable] struct {
	key   K
	crowd *crowd[K]
	spoke bool          // it has said something
	since time.Time     // it is waited for
	all   *list.Element // in halfOpen.silent; nil while it waits for us
	own   *list.Element // in crowd.silent
}

// crowd is the peers from one address.
type crowd[K comparable] struct {
	from      string
	size      int
	silent    silent[K] // those that are waited for
	allowance time.Duration
	progress  time.Time     // when one of them last got in, or spoke for another time
	first     time.Duration // how long the slow ones of late took for their first word
	index     int           // in the heap
}

// silent is peers that are waited for, silent for longest first: those that have not
// said a word, and the others.
type silent[K comparable] struct{ mute, spoke list.List }

func (s *silent[K]) list(p *halfPeer[K]) *list.List {
	if p.spoke {
		return &s.spoke
	}
	return &s.mute
}

func (s *silent[K]) empty() bool { return s.mute.Len()+s.spoke.Len() == 0 }

// next is the one with the least time left, nil if there is none.
func (s *silent[K]) next(now time.Time) (next *halfPeer[K]) {
	for _, l := range []*list.List{&s.mute, &s.spoke} {
		if e := l.Front(); e != nil {
			if p := e.Value.(*halfPeer[K]); next == nil || p.left(now) < next.left(now) {
				next = p
			}
		}
	}
	return next
}

// longest is since when there is one that is waited for.
func (s *silent[K]) longest() (since time.Time) {
	for _, l := range []*list.List{&s.mute, &s.spoke} {
		if e := l.Front(); e != nil {
			if p := e.Value.(*halfPeer[K]); since.IsZero() || p.since.Before(since) {
				since = p.since
			}
		}
	}
	return since
}

func newHalfOpen[K comparable](limit int) *halfOpen[K] {
	return &halfOpen[K]{limit: limit, peers: map[K]*halfPeer[K]{}, groups: map[string]*crowd[K]{}}
}

// full reports whether there is no place for another peer.
func (h *halfOpen[K]) full() bool { return len(h.peers) >= h.limit }

// crowded reports whether places are getting scarce.
func (h *halfOpen[K]) crowded() bool { return 2*len(h.peers) >= h.limit }

// enter notes a new peer from an address, which waits for us.
func (h *halfOpen[K]) enter(k K, from string) {
	c := h.groups[from]
	if c == nil {
		c = &crowd[K]{from: from, allowance: maxSilence}
		h.groups[from] = c
		heap.Push(&h.order, c)
	}
	c.size++
	h.peers[k] = &halfPeer[K]{key: k, crowd: c}
	heap.Fix(&h.order, c.index)
}

// awaits notes that a peer has nothing more of us to wait for: it is to speak.
func (h *halfOpen[K]) awaits(k K, now time.Time) {
	p := h.peers[k]
	if p == nil || p.all != nil {
		return
	}
	p.since = now
	p.all, p.own = h.silent.list(p).PushBack(p), p.crowd.silent.list(p).PushBack(p)
	heap.Fix(&h.order, p.crowd.index)
}

// heard notes that a peer has spoken, and waits for us; it is false for one that is
// not there, because it has been turned out.
func (h *halfOpen[K]) heard(k K, now time.Time) bool {
	p := h.peers[k]
	if p == nil {
		return false
	}
	if p.spoke {
		p.crowd.progress = now
	} else if p.all != nil {
		p.crowd.spokeAfter(now.Sub(p.since))
	}
	h.stopAwaiting(p)
	p.spoke = true
	return true
}

func (h *halfOpen[K]) stopAwaiting(p *halfPeer[K]) {
	if p.all == nil {
		return
	}
	h.silent.list(p).Remove(p.all)
	p.crowd.silent.list(p).Remove(p.own)
	p.all, p.own = nil, nil
	heap.Fix(&h.order, p.crowd.index)
}

// leave forgets a peer. in says that its handshake succeeded.
func (h *halfOpen[K]) leave(k K, in bool, now time.Time) {
	p := h.peers[k]
	if p == nil {
		return
	}
	if in {
		p.crowd.allowance = min(2*p.crowd.allowance, maxSilence)
		p.crowd.progress = now
	}
	h.forget(p)
}

func (h *halfOpen[K]) forget(p *halfPeer[K]) {
	h.stopAwaiting(p)
	delete(h.peers, p.key)
	c := p.crowd
	if c.size--; c.size == 0 {
		heap.Remove(&h.order, c.index)
		delete(h.groups, c.from)
		return
	}
	heap.Fix(&h.order, c.index)
}

func (h *halfOpen[K]) all() []K {
	all := make([]K, 0, len(h.peers))
	for k := range h.peers {
		all = append(all, k)
	}
	return all
}

// makeRoom takes out the peer that has to give way to a newcomer from an address, and
// returns it. With ok false none has to now; one may have to after wait, if that is not
// 0. spoken reports whether there are bytes of a peer that nobody has read: such a one
// waits for us.
func (h *halfOpen[K]) makeRoom(from string, now time.Time, spoken func(K) bool) (out K, wait time.Duration, ok bool) {
	for {
		p, wait := h.next(from, now)
		switch {
		case p == nil || wait > 0:
			return out, wait, false
		case spoken(p.key):
			h.stopAwaiting(p)
			continue
		}
		if p.left(now) <= 0 {
			p.crowd.allowance = max(p.crowd.allowance/2, minSilence)
		}
		h.forget(p)
		return p.key, 0, true
	}
}

// next is the first that would have to give way, and when.
func (h *halfOpen[K]) next(from string, now time.Time) (p *halfPeer[K], wait time.Duration) {
	if h.silent.empty() {
		return nil, 0
	}
	p = h.order[0].silent.next(now)
	size := 0
	if c := h.groups[from]; c != nil {
		size = c.size
	}
	if p.crowd.size > size+1 {
		return p, 0
	}
	if p.left(now) > 0 {
		p = h.silent.next(now)
	}
	return p, max(0, p.left(now))
}

// spokeAfter notes how long one took for its first word. What was noted before counts for
// some dozens more.
func (c *crowd[K]) spokeAfter(d time.Duration) { c.first = max(d, c.first-c.first/64) }

// left is how long a peer may still be silent.
func (p *halfPeer[K]) left(now time.Time) time.Duration {
	c, may := p.crowd, p.crowd.allowance
	if now.Sub(c.progress) < maxSilence {
		least := max(newSilence, min(3*c.first, slowSilence))
		if p.spoke {
			least = slowSilence
		}
		may = max(may, least)
	}
	return may - now.Sub(p.since)
}

// crowdHeap is a heap.Interface. At the top is, of the addresses that have a peer that
// is waited for, the most crowded one; of equally crowded ones that whose peer has
// been silent for longest.
type crowdHeap[K comparable] []*crowd[K]

func (h crowdHeap[K]) Len() int { return len(h) }

func (h crowdHeap[K]) Less(i, j int) bool {
	a, b := h[i], h[j]
	switch {
	case a.silent.empty() || b.silent.empty():
		return !a.silent.empty()
	case a.size != b.size:
		return a.size > b.size
	}
	return a.silent.longest().Before(b.silent.longest())
}

func (h crowdHeap[K]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *crowdHeap[K]) Push(x any) {
	c := x.(*crowd[K])
	c.index = len(*h)
	*h = append(*h, c)
}

// Pop implements heap.Interface.
func (h *crowdHeap[K]) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return c
}
