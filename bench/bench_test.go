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

	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/bench/internal/role"
)

// TestMain lets the test binary be its own workers, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := job.Work(role.All, os.Args[2:]); err != nil {
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
// sides understand each other, all binaries agree on what they are told, and each
// figure of a workload comes out as a number. With ZACTOR_FULL=1, so do those of a
// full run.
func TestEveryWorkload(t *testing.T) {
	l, err := newLab(t.Context(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	l.most = 40
	for _, w := range workloads(os.Getenv("ZACTOR_FULL") == "") {
		for _, c := range w.contenders {
			if why := c.missing(l); why != "" {
				t.Logf("%s: %s: %s", w.path(), c.name, why)
				continue
			}
			ctx, cancel := context.WithTimeout(t.Context(), runLimit)
			c.fixed = true
			s, err := (&runner{contender: c}).sample(ctx, l)
			cancel()
			if err != nil {
				t.Errorf("%s: %s: %v", w.path(), c.name, err)
				continue
			}
			for _, f := range w.figures {
				if v := f.of(w, s); math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s: %s: %s is %v of %v", w.path(), c.name, f.name, v, s)
				}
			}
		}
	}
}

// Every workload has a floor to be compared with, and a name of its own.
func TestFloors(t *testing.T) {
	for _, quick := range []bool{false, true} {
		seen := map[string]bool{}
		for _, w := range workloads(quick) {
			if !slices.ContainsFunc(w.contenders, func(c contender) bool { return c.name == w.floor }) {
				t.Errorf("%s: no contender is the floor %q", w.path(), w.floor)
			}
			if seen[w.path()] {
				t.Errorf("two workloads are %s", w.path())
			}
			seen[w.path()] = true
		}
	}
}

// fake is a contender that gives the same samples in every round.
func fake(name string, samples ...sample) contender {
	i := 0
	run := func(context.Context, *lab, int) (sample, error) {
		i++
		return samples[(i-1)%len(samples)], nil
	}
	return contender{name: name, run: run, missing: func(*lab) string { return "" }, fixed: true, messages: 1}
}

func perSecond(n float64) sample { return sample{"n": n, "ns": 1e9} }

func later() time.Time { return time.Now().Add(time.Hour) }

func rounds(t *testing.T, w workload, n int) block {
	return block{w, measure(t.Context(), &lab{}, w, n, later())}
}

// Ratios are made within a round, so that a machine that halves its speed between
// two rounds changes none.
func TestRatiosWithinRounds(t *testing.T) {
	b := rounds(t, workload{contenders: []contender{
		fake("ref", perSecond(100), perSecond(50), perSecond(10)),
		fake("other", perSecond(200), perSecond(100), perSecond(20)),
	}}, 3)
	f := throughputFigures[0]
	if got := b.ratios(f, &b.results[0], b.reference()); !slices.Equal(got, []float64{1, 1, 1}) {
		t.Errorf("ratios of the reference %v", got)
	}
	if got := b.ratios(f, &b.results[1], b.reference()); !slices.Equal(got, []float64{2, 2, 2}) {
		t.Errorf("ratios of the other %v", got)
	}
}

// A ratio says how many times as good: half the time is twice as good.
func TestAsGood(t *testing.T) {
	for _, c := range []struct {
		goal goal
		a, b float64
		want float64
		ok   bool
	}{
		{more, 300, 100, 3, true},
		{less, 300, 100, 1. / 3, true},
		{neither, 300, 100, 0, false},
		{less, 0, 100, 0, false}, // memory that did not grow is no ratio
		{more, 300, -1, 0, false},
	} {
		got, ok := figure{goal: c.goal}.asGood(c.a, c.b)
		if ok != c.ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("goal %d: %v beside %v is %v, %v; want %v, %v", c.goal, c.a, c.b, got, ok, c.want, c.ok)
		}
	}
}

// Each round begins with another contender.
func TestOrderRotates(t *testing.T) {
	var order strings.Builder
	noted := func(name string) contender {
		c := fake(name, perSecond(1))
		run := c.run
		c.run = func(ctx context.Context, l *lab, n int) (sample, error) {
			order.WriteString(name)
			return run(ctx, l, n)
		}
		return c
	}
	rounds(t, workload{contenders: []contender{noted("a"), noted("b"), noted("c")}}, 3)
	if got := order.String(); got != "abcbcacab" {
		t.Fatalf("order %s", got)
	}
}

// A contender that fails is not run again, and does not disturb the others; the
// next one is the reference.
func TestFailureIsKept(t *testing.T) {
	runs := 0
	broken := fake("broken")
	broken.run = func(context.Context, *lab, int) (sample, error) {
		runs++
		return nil, os.ErrDeadlineExceeded
	}
	b := rounds(t, workload{contenders: []contender{broken, fake("whole", perSecond(1))}}, 3)
	if runs != 1 || b.results[0].err == nil {
		t.Fatalf("ran %d times, error %v", runs, b.results[0].err)
	}
	if len(b.results[1].samples) != 3 || b.reference().contender != "whole" {
		t.Fatalf("%d samples, the reference is %q", len(b.results[1].samples), b.reference().contender)
	}
}

// After the deadline no round begins, but the first always does.
func TestDeadline(t *testing.T) {
	w := workload{contenders: []contender{fake("a", perSecond(1)), fake("b", perSecond(1))}}
	for _, r := range measure(t.Context(), &lab{}, w, 5, time.Now().Add(-time.Second)) {
		if len(r.samples) != 1 {
			t.Errorf("%s ran %d times", r.contender, len(r.samples))
		}
	}
}

// steady is a contender of so many messages a second, with some CPU time at its
// start and a fixed one a message.
func steady(rate, startUp, cpu float64) contender {
	c := fake("steady")
	c.fixed, c.messages, c.least = false, int(rate), 10
	c.run = func(_ context.Context, _ *lab, n int) (sample, error) {
		return sample{"n": float64(n), "ns": float64(n) / rate * 1e9, "cpu": startUp + cpu*float64(n)}, nil
	}
	return c
}

// A run is as long as it should be, however fast a contender is, and the CPU time a
// message takes has nothing of what starting a process takes.
func TestCalibration(t *testing.T) {
	const each = 100 * time.Millisecond
	for _, rate := range []float64{5e2, 1e4, 1e6, 3e7} {
		r := runner{contender: steady(rate, 15e6, 250)}
		s, err := r.sample(t.Context(), &lab{each: each})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(s["ns"]-float64(each)) > float64(each)/20 {
			t.Errorf("at %g messages a second a run takes %v", rate, time.Duration(s["ns"]))
		}
		if math.Abs(s["cpu"]-250) > 1 {
			t.Errorf("at %g messages a second one takes %g ns of CPU time, not 250", rate, s["cpu"])
		}
	}
}

// What one workload leaves over is for those that follow; a part of all workloads
// has a part of the time.
func TestBudget(t *testing.T) {
	light := workload{contenders: []contender{{}, {}}}
	heavy := workload{contenders: []contender{{extra: 0.66}, {extra: 0.66}}}
	all := []workload{light, heavy, light}
	const each = 100 * time.Millisecond
	b := newBudget(120*time.Second, each, all, all)
	for i, want := range []float64{20, 96, 120} {
		if got := time.Until(b.deadline(all[i:])).Seconds(); math.Abs(got-want) > 1 {
			t.Errorf("workload %d may take %.1f s, want %g", i, got, want)
		}
	}
	part := newBudget(120*time.Second, each, all, all[:1])
	if got := time.Until(part.end).Seconds(); math.Abs(got-20) > 1 {
		t.Errorf("a light one of all may take %.1f s", got)
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want spread
	}{
		{[]float64{5, 1, 3}, spread{3, 1, 5}},
		{[]float64{7}, spread{7, 7, 7}},
		{[]float64{4, 1, 2, 9}, spread{3, 1, 9}},
	} {
		if got := spreadOf(c.of); got != c.want {
			t.Errorf("spread of %v is %v, want %v", c.of, got, c.want)
		}
	}
}

// What a run is in vain for is said before it.
func TestSettings(t *testing.T) {
	for _, bad := range [][]string{{"-quick", "-publish"}, {"-compare", "no-such-file.csv"}} {
		s, err := parse(bad)
		if err != nil || s.check() == nil {
			t.Errorf("%q passes (%v)", bad, err)
		}
	}
	if _, err := parse([]string{"-run", "("}); err == nil {
		t.Error("( is taken for a regular expression")
	}
	s, err := parse([]string{"-quick", "-reps", "7"})
	if err != nil || s.check() != nil || s.rounds != 7 || s.each >= 400*time.Millisecond || s.budget > 2*time.Minute {
		t.Errorf("%+v, %v", s, err)
	}
	if quick, _ := parse([]string{"-quick"}); quick.rounds != 3 {
		t.Errorf("a quick run has %d rounds", quick.rounds)
	}
}

func TestParseResult(t *testing.T) {
	s := sample{}
	if err := s.parseResult("n=10 ns=2000 p50=3 miss=1.5e2"); err != nil {
		t.Fatal(err)
	}
	if s["n"] != 10 || s["ns"] != 2000 || s["p50"] != 3 || s["miss"] != 150 || s.complete() != nil {
		t.Fatalf("%v", s)
	}
	if r := rate(workload{}, s); math.Abs(r-5e6) > 1 {
		t.Fatalf("rate %g", r)
	}
	for _, bad := range []string{"n", "n=", "n=x ns=1", "=", "n=1 ns"} {
		if err := (sample{}).parseResult(bad); err == nil {
			t.Errorf("%q is taken for a result", bad)
		}
	}
	for _, nothing := range []string{"", "n=10", "n=0 ns=1", "n=1 ns=0", "held=5"} {
		s := sample{}
		if err := s.parseResult(nothing); err != nil || s.complete() == nil {
			t.Errorf("%q is taken for complete (%v)", nothing, err)
		}
	}
}
