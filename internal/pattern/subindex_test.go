package pattern

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// subModel says what SubIndex must say, by looking at everything.
type subModel map[string]map[int]bool

func (m subModel) add(topic string, who int) (first, added bool) {
	if m[topic] == nil {
		m[topic] = map[int]bool{}
	}
	first, added = len(m[topic]) == 0, !m[topic][who]
	m[topic][who] = true
	return first, added
}

func (m subModel) remove(topic string, who int) (last, removed bool) {
	if !m[topic][who] {
		return false, false
	}
	delete(m[topic], who)
	if len(m[topic]) == 0 {
		delete(m, topic)
		return true, true
	}
	return false, true
}

func (m subModel) match(frame string) (all []int) {
	for topic, subs := range m {
		if strings.HasPrefix(frame, topic) {
			for who := range subs {
				all = append(all, who)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// textFrom draws short and long texts with few letters, so that they are
// prefixes of each other, often pass headLen and share long stretches.
func textFrom(r *rand.Rand) string {
	var size int
	switch r.IntN(4) {
	case 0:
		size = r.IntN(5)
	case 1:
		size = r.IntN(headLen + 4)
	default:
		size = headLen - 2 + r.IntN(200)
	}
	b := bytes.Repeat([]byte{'a'}, size)
	for range r.IntN(3) {
		if size > 0 {
			b[r.IntN(size)] = 'b' + byte(r.IntN(2))
		}
	}
	return string(b)
}

// subWorld drives an index and its model through the same steps.
type subWorld struct {
	t     *testing.T
	index SubIndex[int]
	model subModel
	subs  []*Subscriber[int]

	steps    int // what Detach is asked with
	detached int // how often it did it
}

func newSubWorld(t *testing.T, subscribers int) *subWorld {
	w := &subWorld{t: t, model: subModel{}, steps: 3}
	for i := range subscribers {
		w.subs = append(w.subs, &Subscriber[int]{Value: i})
	}
	return w
}

func (w *subWorld) add(topic string, who int) {
	w.t.Helper()
	first, added := w.index.Add([]byte(topic), w.subs[who])
	wantFirst, wantAdded := w.model.add(topic, who)
	if added != wantAdded || first != (wantFirst && wantAdded) {
		w.t.Fatalf("Add(%q, %d) = %v, %v; want %v, %v", topic, who, first, added, wantFirst, wantAdded)
	}
}

func (w *subWorld) remove(topic string, who int) {
	w.t.Helper()
	last, removed := w.index.Remove([]byte(topic), w.subs[who])
	wantLast, wantRemoved := w.model.remove(topic, who)
	if last != wantLast || removed != wantRemoved {
		w.t.Fatalf("Remove(%q, %d) = %v, %v; want %v, %v", topic, who, last, removed, wantLast, wantRemoved)
	}
}

// removeAll removes in one go where that is possible, or else by steps, from the first of
// which on who is found no more.
func (w *subWorld) removeAll(who int) {
	w.t.Helper()
	got := map[string]bool{}
	had := w.index.Detach(w.subs[who], w.steps)
	if had != nil {
		w.detached++
		if slices.Contains(w.match([]byte("a")), w.subs[who]) {
			w.t.Fatalf("%d is found after it was detached", who)
		}
		for topic, last := range had {
			got[string(topic)] = last
		}
	}
	for more := had == nil; more; {
		more = w.index.RemoveSome(w.subs[who], 3, func(topic []byte, last bool) { got[string(topic)] = last })
		for topic := range w.model {
			if slices.Contains(w.match([]byte(topic)), w.subs[who]) {
				w.t.Fatalf("%d is found by %q while it is removed", who, topic)
			}
			break // any one will do
		}
	}
	for topic := range w.model {
		wantLast, had := w.model.remove(topic, who)
		last, told := got[topic]
		if had != told || last != wantLast {
			w.t.Fatalf("RemoveAll(%d) told %v, %v of %q; want %v, %v", who, told, last, topic, had, wantLast)
		}
		delete(got, topic)
	}
	if len(got) > 0 {
		w.t.Fatalf("RemoveAll(%d) told of %d topics it never had: %v", who, len(got), got)
	}
}

// match is Match, which must not call two different findings the same.
func (w *subWorld) match(frame []byte) []*Subscriber[int] {
	w.t.Helper()
	before := slices.Clone(w.index.list)
	found, same := w.index.Match(frame)
	if same != slices.Equal(before, found) {
		w.t.Fatalf("same is %v, of %d before and %d now", same, len(before), len(found))
	}
	return found
}

func (w *subWorld) check(frame string) {
	w.t.Helper()
	var got []int
	for _, s := range w.match([]byte(frame)) {
		got = append(got, s.Value)
	}
	slices.Sort(got)
	if want := w.model.match(frame); !slices.Equal(got, want) {
		w.t.Fatalf("match of %q (%d bytes): %v, want %v", frame, len(frame), got, want)
	} else if n := w.index.Subscribers([]byte(frame)); n != len(want) {
		w.t.Fatalf("Subscribers(%q) = %d, want %d", frame, n, len(want))
	}
	if n := w.index.Topics(); n != len(w.model) {
		w.t.Fatalf("%d topics, want %d", n, len(w.model))
	}
}

// empty checks that nothing is left where nothing should be.
func (w *subWorld) empty() {
	w.t.Helper()
	for who := range w.subs {
		w.removeAll(who)
	}
	w.check("a")
	x := &w.index.topics
	if x.empty != nil || x.heads != nil || x.fresh != nil || x.order != nil || x.lens != 0 || x.filter.cells != nil || w.index.all != nil || w.index.places != 0 {
		w.t.Fatalf("an empty index keeps %+v", w.index)
	}
}

func TestSubIndexModel(t *testing.T) {
	detached := 0
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := newSubWorld(t, 1+r.IntN(12))
		for range 1500 {
			who := r.IntN(len(w.subs))
			switch r.IntN(12) {
			case 0, 1, 2, 3, 4:
				w.add(textFrom(r), who)
			case 5, 6, 7:
				topic := textFrom(r)
				for known := range w.model { // mostly one that is there
					topic = known
					break
				}
				w.remove(topic, who)
			case 8:
				if r.IntN(20) == 0 {
					w.steps = r.IntN(100)
					w.removeAll(who)
				}
			default:
				w.check(textFrom(r))
			}
		}
		w.empty()
		detached += w.detached
	}
	if detached == 0 {
		t.Error("no subscriber went in one go")
	}
}

// The filter must lose no topic while it grows, is renewed and shrinks.
func TestSubIndexFilterRenewal(t *testing.T) {
	w := newSubWorld(t, 1)
	name := func(i int) string { return fmt.Sprintf("%0*d", 1+i%60, i) }
	for i := range 3000 {
		w.add(name(i), 0)
		w.findsAll()
	}
	for i := range 3000 {
		w.remove(name(i*7%3000), 0)
		w.findsAll()
		if i%3 == 0 { // churn at a constant size leaves stale marks
			w.add(name(i*7%3000), 0)
			w.remove(name(i*7%3000), 0)
		}
	}
	w.empty()
}

// findsAll samples the index's own topics.
func (w *subWorld) findsAll() {
	w.t.Helper()
	all := w.index.topics.order
	for i := 0; i < len(all); i += 1 + len(all)/7 {
		if len(w.match([]byte(all[i].label))) != 1 {
			w.t.Fatalf("topic %q of %d is lost", all[i].label, len(all))
		}
	}
}

func FuzzSubIndex(f *testing.F) {
	f.Add([]byte("\x00\x01a\x01\x02ab\x02\x01a\x03\x01x"))
	f.Fuzz(func(t *testing.T, steps []byte) {
		w := newSubWorld(t, 3)
		for len(steps) >= 2 {
			op, size := steps[0], min(int(steps[1]), len(steps)-2)
			text := string(steps[2 : 2+size])
			steps = steps[2+size:]
			if op&0x80 != 0 { // beyond the head
				text = strings.Repeat("h", headLen-1) + text
			}
			switch who := int(op>>2) % 3; op & 3 {
			case 0, 1:
				w.add(text, who)
			case 2:
				w.remove(text, who)
			case 3:
				w.removeAll(who)
			}
			w.check(text + "tail")
		}
		w.empty()
	})
}

func TestSubIndexNested(t *testing.T) {
	w := newSubWorld(t, 2)
	long := strings.Repeat("x", 3000)
	for size := 0; size <= len(long); size++ {
		w.index.Add([]byte(long[:size]), w.subs[size&1])
	}
	if n := w.index.Topics(); n != len(long)+1 {
		t.Fatal(n)
	}
	if got := w.match([]byte(long)); len(got) != 2 {
		t.Fatalf("%d subscribers, want 2", len(got))
	}
	told := 0
	w.index.RemoveAll(w.subs[0], func(topic []byte, last bool) {
		if string(topic) != long[:len(topic)] || !last {
			t.Errorf("told of %d bytes, last %v", len(topic), last)
		}
		told++
	})
	if told != 1501 || w.index.Topics() != 1500 {
		t.Fatalf("told of %d, %d left", told, w.index.Topics())
	}
}

// Where a topic divides a longer one, each must hold its own bytes only.
func TestSubIndexPinsNothing(t *testing.T) {
	const n, size = 1000, 8192
	for _, c := range []struct {
		divide int
		keep   bool // the longer one
		most   int  // bytes for each pair
	}{
		{headLen + 4, false, 1024},
		{size - 4, true, size + 2048},
	} {
		var x SubIndex[int]
		s := &Subscriber[int]{}
		long := bytes.Repeat([]byte("p"), size)
		before := heap()
		for i := range n {
			binary.BigEndian.PutUint32(long, uint32(i))
			x.Add(long, s)
			x.Add(long[:c.divide], s)
			if !c.keep {
				x.Remove(long, s)
			}
		}
		if each := (heap() - before) / n; each > c.most {
			t.Errorf("divided at %d, longer one kept %v: a pair holds %d bytes", c.divide, c.keep, each)
		}
		runtime.KeepAlive(&x)
	}
}

// What many topics took comes back when most of them go, one by one.
func TestSubIndexShrinks(t *testing.T) {
	const n, few = 50_000, 100
	var x SubIndex[int]
	s := &Subscriber[int]{}
	before := heap()
	for i := range n {
		x.Add(topicAt(i), s)
	}
	for i := range n - few {
		x.Remove(topicAt(i), s)
	}
	if left := heap() - before; left > few*1024 {
		t.Errorf("%d topics of once %d hold %d bytes", few, n, left)
	}
	for i := range few {
		if x.Subscribers(topicAt(n-few+i)) != 1 {
			t.Fatalf("topic %q is lost", topicAt(n-few+i))
		}
	}
}

func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// topicAt is the i-th of many topics, as programs name them.
func topicAt(i int) []byte { return fmt.Appendf(nil, "prices.%08x.bid", uint32(i)*2654435761) }

func TestSubIndexMemory(t *testing.T) {
	long := bytes.Repeat([]byte("s"), 8192)
	for _, c := range []struct {
		kind string
		n    int
		name func(int) []byte
	}{
		{"20 bytes", 100_000, topicAt},
		{"8 KiB, one prefix", 30_000, func(i int) []byte {
			binary.BigEndian.PutUint32(long[8188:], uint32(i)*2654435761)
			return long
		}},
	} {
		var x SubIndex[int]
		s := &Subscriber[int]{}
		before := heap()
		for i := range c.n {
			x.Add(c.name(i), s)
		}
		each := (heap() - before) / c.n
		t.Logf("%s: %d bytes for each subscription", c.kind, each)
		if each > 250 {
			t.Errorf("%s: %d bytes for each subscription", c.kind, each)
		}
		x.RemoveAll(s, nil)
		if left := heap() - before; left > c.n {
			t.Errorf("%s: %d bytes stay when all are gone", c.kind, left)
		}
		runtime.KeepAlive(&x)
	}
}

// Many subscribers of one topic each must not pay for a map.
func TestSubIndexManySubscribers(t *testing.T) {
	const n = 20_000
	var x SubIndex[int]
	subs := make([]Subscriber[int], n)
	before := heap()
	for i := range subs {
		if first, added := x.Add([]byte("all"), &subs[i]); !added || first != (i == 0) {
			t.Fatalf("subscriber %d: %v, %v", i, first, added)
		}
	}
	if each := (heap() - before) / n; each > 100 {
		t.Errorf("%d bytes for each subscriber of one topic", each)
	}
	if got := x.Subscribers([]byte("all of them")); got != n {
		t.Errorf("%d of %d", got, n)
	}
	for i := range subs {
		x.RemoveAll(&subs[i], func(_ []byte, last bool) {
			if last != (i == n-1) {
				t.Fatalf("subscriber %d: last is %v", i, last)
			}
		})
	}
}

func TestSubIndexMatchAllocatesNothing(t *testing.T) {
	var x SubIndex[int]
	subs := make([]Subscriber[int], 3)
	for i := range 1000 {
		x.Add(topicAt(i), &subs[i%3])
		x.Add(topicAt(i)[:9], &subs[i%2])
	}
	hit, miss := append(topicAt(7), "...."...), []byte("nobody wants this")
	if n := testing.AllocsPerRun(100, func() {
		x.Match(hit)
		x.Match(miss)
	}); n != 0 {
		t.Errorf("a match allocates %v times", n)
	}
}

// subBench is an index of n topics of one subscriber each.
func subBench(n int, name func(int) []byte) *SubIndex[int] {
	var x SubIndex[int]
	subs := make([]Subscriber[int], 100)
	for i := range n {
		x.Add(name(i), &subs[i%100])
	}
	return &x
}

// mixedAt is the i-th topic of 36 different lengths.
func mixedAt(i int) []byte {
	b := fmt.Appendf(nil, "%08x%08x%08x%08x%08x", uint32(i)*2654435761, i, i, i, i)
	return b[:5+i%36]
}

func BenchmarkSubIndexMatch(b *testing.B) {
	for _, k := range []struct {
		kind string
		name func(int) []byte
	}{{"20B", topicAt}, {"36lengths", mixedAt}} {
		for _, n := range []int{1, 100, 10_000, 1_000_000} {
			x := subBench(n, k.name)
			for _, what := range []string{"hit", "miss", "foreign"} {
				b.Run(fmt.Sprintf("%s/%d/%s", k.kind, n, what), func(b *testing.B) {
					frames := make([][]byte, 1<<16)
					r := rand.New(rand.NewPCG(1, 2))
					for i := range frames {
						switch at := r.IntN(n); what {
						case "hit":
							frames[i] = append(k.name(at), "-message"...)
						case "miss": // the same family, but not there
							frames[i] = append(k.name(n+at), "-message"...)
						case "foreign":
							frames[i] = fmt.Appendf(nil, "%016x%08x-message", r.Uint64(), at)
						}
					}
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						x.Match(frames[i&(1<<16-1)])
					}
				})
			}
		}
	}
}

func BenchmarkSubIndexAdd(b *testing.B) {
	var x SubIndex[int]
	var s Subscriber[int]
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x.Add(topicAt(i), &s)
	}
}

// A subscriber in parts is found once, whichever of them have a topic, and as long as one
// has; each part goes by itself.
func TestSubscriberInParts(t *testing.T) {
	for _, alone := range []bool{true, false} { // parts go in one go, or in steps
		var x SubIndex[int]
		whole, other := &Subscriber[int]{Value: 1}, &Subscriber[int]{Value: 2}
		old, fresh := &Subscriber[int]{Of: whole}, &Subscriber[int]{Of: whole}
		x.Add([]byte("other"), other)
		for i := range 40 {
			x.Add(fmt.Append(nil, "t", i), old)
		}
		for i := range 20 {
			x.Add(fmt.Append(nil, "t", i+10), fresh)
		}
		found := func(step, frame string, want ...*Subscriber[int]) {
			t.Helper()
			if got, _ := x.Match([]byte(frame)); !slices.Equal(got, want) {
				t.Errorf("%s: %q finds %v, want %v", step, frame, got, want)
			}
		}
		found("both", "t15", whole) // t1 of old, and t15 of both
		found("both", "t25", whole)
		found("both", "other", other)
		if alone {
			if x.Detach(old, 21) == nil {
				t.Fatal("it was not detached")
			}
		} else {
			x.RemoveSome(old, 1, nil)
			found("one leaves", "t5")
			for x.RemoveSome(old, 1, nil) {
			}
		}
		found("one has gone", "t5")
		found("one has gone", "t15", whole)
		found("one has gone", "other", other)
		x.RemoveAll(fresh, nil)
		found("both have gone", "t15")
		if x.parts != 0 || x.Topics() != 1 {
			t.Errorf("%d parts and %d topics are left", x.parts, x.Topics())
		}
	}
}
