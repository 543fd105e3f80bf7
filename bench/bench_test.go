package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be its own workers, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := work(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	// With -race, each of the many workers would sleep for a second at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// Every workload runs, with next to nothing to do: each role exists, the two
// sides understand each other, and C and Go agree on what they are told.
func TestEveryWorkload(t *testing.T) {
	l, err := newLab(t.Context(), 0.0005)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	for _, w := range workloads() {
		for _, r := range measure(t.Context(), l, w, 1, func(int, string, sample) {}) {
			if r.err != nil {
				t.Errorf("%s: %v", w.path(), r.err)
			}
			if r.missing != "" {
				t.Logf("%s: %s: %s", w.path(), r.contender, r.missing)
			}
		}
	}
}

// fake is a contender that gives the same samples in every round.
func fake(name string, samples ...sample) contender {
	i := 0
	run := func(context.Context, *lab) (sample, error) {
		i++
		return samples[(i-1)%len(samples)], nil
	}
	return contender{name, run, always}
}

func perSecond(n int) sample { return sample{messages: n, elapsed: time.Second} }

// Ratios are made within a round, so that a machine that halves its speed between
// two rounds changes none.
func TestRatiosWithinRounds(t *testing.T) {
	w := workload{contenders: []contender{
		fake("ref", perSecond(100), perSecond(50), perSecond(10)),
		fake("other", perSecond(300), perSecond(150), perSecond(30)),
	}}
	got := measure(t.Context(), &lab{}, w, 3, func(int, string, sample) {})
	if !slices.Equal(got[0].ratios, []float64{1, 1, 1}) || !slices.Equal(got[1].ratios, []float64{3, 3, 3}) {
		t.Fatalf("ratios %v and %v", got[0].ratios, got[1].ratios)
	}
}

// Each round begins with another contender.
func TestOrderRotates(t *testing.T) {
	w := workload{contenders: []contender{fake("a", perSecond(1)), fake("b", perSecond(1)), fake("c", perSecond(1))}}
	var order []string
	measure(t.Context(), &lab{}, w, 3, func(_ int, name string, _ sample) { order = append(order, name) })
	if got := strings.Join(order, ""); got != "abcbcacab" {
		t.Fatalf("order %s", got)
	}
}

// A contender that fails is not run again, and does not disturb the others.
func TestFailureIsKept(t *testing.T) {
	runs := 0
	broken := contender{"broken", func(context.Context, *lab) (sample, error) {
		runs++
		return sample{}, os.ErrDeadlineExceeded
	}, always}
	w := workload{contenders: []contender{broken, fake("whole", perSecond(1))}}
	got := measure(t.Context(), &lab{}, w, 3, func(int, string, sample) {})
	if runs != 1 || got[0].err == nil {
		t.Fatalf("ran %d times, error %v", runs, got[0].err)
	}
	if len(got[1].samples) != 3 || len(got[1].ratios) != 0 {
		t.Fatalf("%d samples, ratios %v to a reference that failed", len(got[1].samples), got[1].ratios)
	}
}

func TestSpread(t *testing.T) {
	if got := spreadOf([]float64{5, 1, 3}); got != (spread{3, 1, 5}) {
		t.Fatalf("spread %v", got)
	}
	if got := spreadOf([]float64{7}); got != (spread{7, 7, 7}) {
		t.Fatalf("spread of one figure %v", got)
	}
}

func TestParseResult(t *testing.T) {
	s, err := parseResult("n=10 ns=2000 p50=3 p99=4")
	if err != nil || s.messages != 10 || s.elapsed != 2000 || s.p50 != 3 || s.p99 != 4 {
		t.Fatalf("%+v, %v", s, err)
	}
	if rate := s.rate(); math.Abs(rate-5e6) > 1 {
		t.Fatalf("rate %g", rate)
	}
	for _, bad := range []string{"", "n=10", "n=0 ns=1 p50=0 p99=0", "n=1 ns=0 p50=0 p99=0", "n=x ns=1 p50=0 p99=0"} {
		if s, err := parseResult(bad); err == nil {
			t.Errorf("%q is taken for %+v", bad, s)
		}
	}
}

func TestTable(t *testing.T) {
	w := workload{family: "f", name: "64 B", size: 64, contenders: []contender{
		fake("ref", perSecond(1_000_000)), fake("twice", perSecond(2_000_000)),
		{"absent", nil, func(*lab) string { return "not installed" }},
	}}
	var b strings.Builder
	writeTables(&b, []block{{w, measure(t.Context(), &lab{}, w, 1, func(int, string, sample) {})}})
	want := `
### f

|      |        | messages/s          | MB/s | CPU a message | ratio                |
|------|--------|---------------------|------|---------------|----------------------|
| 64 B | ref    | 1.00M (1.00M-1.00M) | 64   | 0.00 us       | **1.00** (1.00-1.00) |
| 64 B | twice  | 2.00M (2.00M-2.00M) | 128  | 0.00 us       | **2.00** (2.00-2.00) |
| 64 B | absent | not installed       |      |               |                      |
`
	if got := b.String(); got != want {
		t.Fatalf("table\n%s\nwant\n%s", got, want)
	}
}
