package chart

import (
	"encoding/xml"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// A quantile is what sorting says, to within 1.6 %, over all sizes that there are.
func TestQuantiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var h, a, b Hist
	var all []time.Duration
	for i := range 20000 {
		d := time.Duration(r.Uint64() >> (1 + r.IntN(62)))
		all = append(all, d)
		h.Add(d)
		if i%2 == 0 {
			a.Add(d)
		} else {
			b.Add(d)
		}
	}
	a.Merge(&b)
	got, want := a.Summary(), h.Summary()
	got.Mean, want.Mean = 0, 0 // a sum of floats depends on the order
	if got != want {
		t.Errorf("merged: %+v, want %+v", got, want)
	}
	slices.Sort(all)
	for _, q := range []float64{0, .1, .5, .9, .99, .999, 1} {
		want := all[max(int(math.Ceil(q*float64(len(all)))), 1)-1]
		if got := h.Quantile(q); got < want || float64(got-want) > .016*float64(want) {
			t.Errorf("quantile %v is %d, want %d", q, got, want)
		}
	}
	if h.Min() != all[0] || h.Max() != all[len(all)-1] || h.N() != uint64(len(all)) {
		t.Errorf("min %d max %d n %d", h.Min(), h.Max(), h.N())
	}
}

// Each bucket begins where the one before ends, and holds what it begins with.
func TestBuckets(t *testing.T) {
	for b := range len(Hist{}.counts) - subs {
		if f := floor(b); f < 0 || bucket(f) != b || b > 0 && bucket(f-1) != b-1 {
			t.Fatalf("bucket %d begins at %d, which is in bucket %d", b, f, bucket(f))
		}
		if floor(b+1) < floor(b) {
			break // the largest durations that there are
		}
	}
}

func TestEmpty(t *testing.T) {
	var h Hist
	if s := h.Summary(); s != (Summary{}) {
		t.Errorf("%+v", s)
	}
	h.Text(io.Discard, 80, false)
	if err := h.SVG(io.Discard, "nothing"); err != nil {
		t.Error(err)
	}
}

func TestText(t *testing.T) {
	var h Hist
	for i := range 1000 {
		h.Add(time.Duration(1000+i) * time.Microsecond)
	}
	for _, plain := range []bool{false, true} {
		var b strings.Builder
		h.Text(&b, 80, plain)
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if len(lines) < 5 || len(lines) > 14 {
			t.Errorf("%d lines", len(lines))
		}
		for _, l := range lines {
			if n := utf8.RuneCountInString(l); n > 80 {
				t.Errorf("%d columns: %s", n, l)
			}
		}
	}
}

func TestSVG(t *testing.T) {
	var h Hist
	h.Add(time.Millisecond)
	h.Add(2 * time.Millisecond)
	var b strings.Builder
	if err := h.SVG(&b, `a <b> & "c"`); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(b.String(), "p99.9") || !strings.Contains(b.String(), "a &lt;b&gt;") {
		t.Error(b.String())
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ns", 999: "999 ns", 1000: "1.00 µs", 31420: "31.4 µs", 9996: "10.0 µs",
		314 * time.Microsecond: "314 µs", 1500 * time.Millisecond: "1.50 s", 99999: "100 µs",
	} {
		if got := Short(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
}

func TestSpark(t *testing.T) {
	for _, c := range []struct {
		values []float64
		plain  bool
		want   string
	}{
		{nil, false, "    "},
		{[]float64{0, 0}, false, "  ▁▁"},
		{[]float64{9, 9, 1, 4, 8, 2}, false, "▂▅█▃"},
		{[]float64{1, 8}, true, "  .#"},
	} {
		if got := Spark(c.values, 4, c.plain); got != c.want {
			t.Errorf("%v: %q, want %q", c.values, got, c.want)
		}
	}
}
