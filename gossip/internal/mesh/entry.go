package mesh

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"hash/fnv"
	"hash/maphash"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
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
	key    string
	until  time.Time // when it ends: a live one expires, a deleted one is forgotten; zero: never
	at     int       // where it is among the ends; -1: nowhere
	from   Link
	pace   bucket // of changes by unversioned peers
	recent []replaced

	holder       *share        // in whose share it counts
	size         budget.Amount // and as what
	older, newer *entry        // of that holder
}

func newEntry(key string) *entry {
	return &entry{key: key, version: version{deleted: true}, at: -1}
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

// hash stands for a value where only equality matters, so that what peers say is not
// kept.
func hash(value string) uint64 { return maphash.String(seed, value) }

var nothing = hash("")

func (e *entry) remember(now time.Time, value string, from Link, final bool) {
	if len(e.recent) >= maxRecent || len(e.recent) > 0 && now.Sub(e.recent[0].at) > window {
		e.recent = e.recent[1:]
	}
	e.recent = append(e.recent, replaced{hash(value), from, now, final})
}

// recall finds what is remembered of a value, the last first.
func (e *entry) recall(now time.Time, value string) (replaced, bool) {
	h := hash(value)
	for i := len(e.recent) - 1; i >= 0; i-- {
		if r := e.recent[i]; r.hash == h && now.Sub(r.at) <= window {
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

// ends is a heap of the entries that end by themselves, the first one on top. Each is
// in it once, however often it is renewed.
type ends []*entry

// schedule sets when an entry ends; the zero time is never.
func (h *ends) schedule(e *entry, until time.Time) {
	e.until = until
	switch {
	case e.at >= 0 && until.IsZero():
		heap.Remove(h, e.at)
	case e.at >= 0:
		heap.Fix(h, e.at)
	case !until.IsZero():
		heap.Push(h, e)
	}
}

func (h ends) Len() int           { return len(h) }
func (h ends) Less(i, j int) bool { return h[i].until.Before(h[j].until) }
func (h ends) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}
func (h *ends) Push(x any) {
	e := x.(*entry)
	e.at = len(*h)
	*h = append(*h, e)
}
func (h *ends) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	e.at = -1
	return e
}
