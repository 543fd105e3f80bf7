package lastvalue

import (
	"fmt"
	"sort"
)

const (
	maxTopic = 255
	// frameCost is what a frame takes beside its bytes, so that many empty ones count.
	frameCost = 32
)

// entry is the last value of a topic. It does not change: another takes its place.
type entry struct {
	topic  string
	frames [][]byte // the topic, and the value
	size   int64
	seq    uint64
}

// slot is a place in the log. It is empty when its entry is not the topic's last one.
type slot struct {
	seq uint64
	e   *entry // nil: empty
}

// table has the last value of each topic, and a log of them in the order of their last
// changes: to follow it, all that a reader keeps is the number of the last one that it
// has. It has no clock and no socket.
type table struct {
	topics  int
	max     int64
	evict   bool
	entries map[string]*entry
	log     []slot
	first   int // in the log, no entry is before it
	seq     uint64
	bytes   int64
}

func newTable(topics int, bytes int64, evict bool) *table {
	return &table{topics: topics, max: bytes, evict: evict, entries: map[string]*entry{}}
}

// put enters a value. old is what it replaces, evicted who made room for it.
func (t *table) put(frames [][]byte) (e, old *entry, evicted []*entry, err error) {
	if len(frames) == 0 || len(frames[0]) > maxTopic {
		return nil, nil, nil, fmt.Errorf("%w: a message has a first frame, of %d bytes at most", ErrTopic, maxTopic)
	}
	e = &entry{topic: string(frames[0]), frames: frames}
	for _, f := range frames {
		e.size += int64(len(f)) + frameCost
	}
	old = t.entries[e.topic]
	if evicted, err = t.makeRoom(e, old); err != nil {
		return nil, nil, nil, err
	}
	if old != nil {
		t.remove(old)
	}
	t.seq++
	e.seq = t.seq
	t.entries[e.topic] = e
	t.bytes += e.size
	t.compact()
	t.log = append(t.log, slot{e.seq, e})
	return e, old, evicted, nil
}

// makeRoom sees to it that there is room for e in the place of old.
func (t *table) makeRoom(e, old *entry) (evicted []*entry, err error) {
	topics, bytes := len(t.entries)+1, t.bytes+e.size
	if old != nil {
		topics, bytes = topics-1, bytes-old.size
	}
	if topics <= t.topics && bytes <= t.max {
		return nil, nil
	}
	if !t.evict || e.size > t.max {
		return nil, fmt.Errorf("%w: %d topics with %d bytes, and %d bytes more", ErrFull, len(t.entries), t.bytes, e.size)
	}
	for ; topics > t.topics || bytes > t.max; t.first++ {
		if v := t.log[t.first].e; v != nil && v != old {
			t.remove(v)
			evicted = append(evicted, v)
			topics, bytes = topics-1, bytes-v.size
		}
	}
	return evicted, nil
}

// remove takes a value out. Its place in the log stays, empty.
func (t *table) remove(e *entry) {
	delete(t.entries, e.topic)
	t.bytes -= e.size
	t.log[t.after(e.seq-1)].e = nil
}

// after is the index of the first place in the log whose number is above seq.
func (t *table) after(seq uint64) int {
	return sort.Search(len(t.log), func(i int) bool { return t.log[i].seq > seq })
}

// compact takes the empty places out of the log, when they are more than the others.
func (t *table) compact() {
	if len(t.log) < 2*len(t.entries)+64 {
		return
	}
	kept := t.log[:0]
	for _, s := range t.log {
		if s.e != nil {
			kept = append(kept, s)
		}
	}
	clear(t.log[len(kept):])
	t.log, t.first = kept, 0
}
