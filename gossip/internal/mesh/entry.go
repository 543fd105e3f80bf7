package mesh

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"hash/maphash"
	"time"
)

// ageless is the stamp of tuples of which nothing but the value is known.
const ageless = 1

// version is what is compared: see the package.
type version struct {
	stamp   uint64
	deleted bool
	value   string
}

// compare is positive if v wins over o.
func (v version) compare(o version) int {
	switch {
	case v.stamp != o.stamp:
		return cmp.Compare(v.stamp, o.stamp)
	case v.deleted != o.deleted && v.deleted:
		return 1
	case v.deleted != o.deleted:
		return -1
	}
	return cmp.Compare(v.value, o.value)
}

// digest is what a live tuple adds to the table's digest.
func (v version) digest(key string) uint64 {
	h := fnv.New64a()
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], v.stamp)
	binary.BigEndian.PutUint64(b[8:], uint64(len(key)))
	h.Write(b[:])
	h.Write([]byte(key))
	h.Write([]byte(v.value))
	return h.Sum64()
}

// entry is a tuple of the table, alive or deleted.
type entry struct {
	version
	until  time.Time // when it ends: a live one expires, a deleted one is forgotten; zero: never
	from   Link
	quota  bucket // of changes by unversioned peers
	recent []replaced
}

// replaced is a value that an entry had, or was about to get.
type replaced struct {
	hash  uint64
	from  Link
	at    time.Time
	final bool // it was replaced by what has a version
}

const (
	// window is for how long a replaced value is remembered.
	window = 2 * time.Second
	// maxRecent bounds how many are.
	maxRecent = 16
	// Changes of one key by unversioned peers: so many at once, and so many a second.
	keyBurst = 20
	keyRate  = 10
)

var seed = maphash.MakeSeed()

func (e *entry) remember(now time.Time, value string, from Link, final bool) {
	if len(e.recent) >= maxRecent || len(e.recent) > 0 && now.Sub(e.recent[0].at) > window {
		e.recent = e.recent[1:]
	}
	e.recent = append(e.recent, replaced{maphash.String(seed, value), from, now, final})
}

// recall finds what is remembered of a value, the last first.
func (e *entry) recall(now time.Time, value string) (replaced, bool) {
	hash := maphash.String(seed, value)
	for i := len(e.recent) - 1; i >= 0; i-- {
		if r := e.recent[i]; r.hash == hash && now.Sub(r.at) <= window {
			return r, true
		}
	}
	return replaced{}, false
}

// bucket is a bound on a rate: burst at once, and rate a second.
type bucket struct {
	used float64
	at   time.Time
}

func (b *bucket) take(now time.Time, burst, rate float64) bool {
	b.used = max(0, b.used-now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.used+1 > burst {
		return false
	}
	b.used++
	return true
}

// ends is a heap of the times at which entries end. Some of them are out of date.
type ends []end

type end struct {
	at  time.Time
	key string
}

func (h ends) Len() int           { return len(h) }
func (h ends) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h ends) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *ends) Push(x any)        { *h = append(*h, x.(end)) }
func (h *ends) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
