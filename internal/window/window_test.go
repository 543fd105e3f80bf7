package window

import (
	"math/rand/v2"
	"testing"
)

// model is a window as plainly as can be: all that was ever put, by number.
type model struct {
	sizes       []int // of the number that it stands at
	values      []int
	first, next int
}

func (m *model) bytes() (n int64) {
	for _, size := range m.sizes[m.first:] {
		n += int64(size)
	}
	return n
}

// Whatever is done to a window, in any order, it has what is to be there.
func TestModel(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 20 {
		var w Window[int]
		var m model
		for step := range 2000 {
			end := len(m.sizes)
			switch k := rng.IntN(20); {
			case k < 10:
				for range 1 + rng.IntN(40) {
					v, size := rng.Int(), rng.IntN(100)
					w.Put(v, size)
					m.values, m.sizes = append(m.values, v), append(m.sizes, size)
				}
			case k < 13:
				n := m.first + rng.IntN(end-m.first+20)
				w.Seek(uint64(n))
				m.next = min(n, end)
			case k < 17:
				n := m.first + rng.IntN(end-m.first+3)
				w.Drop(uint64(n))
				m.first = min(n, end)
			case k < 18 && m.next <= end:
				n := rng.IntN(end - m.next + 3)
				w.TakeBack(n)
				n = min(n, end-m.next, end-m.first)
				m.values, m.sizes = m.values[:end-n], m.sizes[:end-n]
			case k < 19 && m.first < end:
				n, size := m.first+rng.IntN(end-m.first), rng.IntN(2)
				w.Empty(uint64(n), size)
				m.values[n], m.sizes[n] = 0, size
			case rng.IntN(20) == 0:
				w.Pass()
				m.values, m.sizes = append(m.values, 0), append(m.sizes, 0)
				m.first = end + 1
			}
			end = len(m.sizes)
			if w.First() != uint64(m.first) || w.Next() != uint64(m.next) || w.End() != uint64(end) || w.Len() != end-m.first || w.Bytes() != m.bytes() || w.Lost() != uint64(max(0, m.first-m.next)) {
				t.Fatalf("seed %d, step %d: first %d next %d end %d len %d bytes %d lost %d, want %d %d %d, %d bytes",
					seed, step, w.First(), w.Next(), w.End(), w.Len(), w.Bytes(), w.Lost(), m.first, m.next, end, m.bytes())
			}
			for n := m.first; n < end; n++ {
				if v, size := w.At(uint64(n)); v != m.values[n] || size != m.sizes[n] {
					t.Fatalf("seed %d, step %d: entry %d is %d of %d bytes, want %d of %d", seed, step, n, v, size, m.values[n], m.sizes[n])
				}
			}
		}
	}
}

// What is given up is not held by the list any more, and a list that was long is let go.
func TestNothingIsHeld(t *testing.T) {
	var w Window[[]byte]
	for range 10_000 {
		w.Put(make([]byte, 1), 1)
	}
	w.Drop(9_990)
	if cap(w.list) > spacious {
		t.Errorf("room for %d entries is kept for 10", cap(w.list))
	}
	w.Drop(9_995)
	w.TakeBack(2)
	w.Empty(9_997, 1)
	held := 0
	for _, e := range w.list[:cap(w.list)] {
		if e.value != nil {
			held++
		}
	}
	if held != 2 || w.Len() != 3 || w.Bytes() != 3 {
		t.Errorf("%d values are held, of %d entries with %d bytes; want 2, 3 and 3", held, w.Len(), w.Bytes())
	}
}

// A bound of 0 bytes is none.
func TestOver(t *testing.T) {
	var w Window[int]
	w.Put(1, 10)
	w.Put(2, 10)
	for _, c := range []struct {
		entries int
		bytes   int64
		want    bool
	}{{2, 0, false}, {1, 0, true}, {2, 20, false}, {2, 19, true}, {1, 100, true}} {
		if got := w.Over(c.entries, c.bytes); got != c.want {
			t.Errorf("2 entries of 20 bytes are over %d, %d: %v", c.entries, c.bytes, got)
		}
	}
}
