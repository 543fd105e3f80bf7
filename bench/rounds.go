package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// runLimit ends a run that hangs. The longest takes a few seconds.
const runLimit = time.Minute

// result is what became of a contender over all rounds.
type result struct {
	contender string
	missing   string // why it did not run at all
	err       error  // the first failure; its samples up to then stay
	samples   []sample
	ratios    []float64 // to the reference of the same round
	tails     []float64 // the same of p99, for latency workloads
}

// measure runs all contenders of a workload, round after round. Each round
// starts with another contender, so that none always follows the same one.
func measure(ctx context.Context, l *lab, w workload, rounds int, seen func(round int, name string, s sample)) []result {
	results := make([]result, len(w.contenders))
	for i, c := range w.contenders {
		results[i] = result{contender: c.name, missing: c.missing(l)}
	}
	for round := range rounds {
		got := make([]*sample, len(w.contenders))
		for k := range w.contenders {
			i := (round + k) % len(w.contenders)
			got[i] = runOnce(ctx, l, w.contenders[i], &results[i])
			if got[i] != nil {
				seen(round, w.contenders[i].name, *got[i])
			}
		}
		compare(w, results, got)
	}
	return results
}

// runOnce runs one contender, unless it is missing or has failed before.
func runOnce(ctx context.Context, l *lab, c contender, r *result) *sample {
	if r.missing != "" || r.err != nil || ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	s, err := c.run(ctx, l)
	if err != nil {
		r.err = fmt.Errorf("%s: %w", c.name, err)
		return nil
	}
	r.samples = append(r.samples, s)
	return &s
}

// compare adds the ratios of one round.
func compare(w workload, results []result, got []*sample) {
	ref := got[0]
	if ref == nil {
		return
	}
	for i, s := range got {
		if s == nil {
			continue
		}
		results[i].ratios = append(results[i].ratios, s.value(w.latency)/ref.value(w.latency))
		if w.latency {
			results[i].tails = append(results[i].tails, s.p99.Seconds()/ref.p99.Seconds())
		}
	}
}

// spread is the median of some figures, and their extremes.
type spread struct{ mid, low, high float64 }

func spreadOf(figures []float64) spread {
	s := slices.Clone(figures)
	slices.Sort(s)
	return spread{mid: median(s), low: s[0], high: s[len(s)-1]}
}

// spreadBy is the spread of one figure of each sample.
func spreadBy(samples []sample, figure func(sample) float64) spread {
	figures := make([]float64, len(samples))
	for i, s := range samples {
		figures[i] = figure(s)
	}
	return spreadOf(figures)
}

// median returns the middle of sorted figures, of which there is at least one.
func median[T cmp.Ordered](sorted []T) T { return sorted[len(sorted)/2] }
