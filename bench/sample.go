package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sample is what one run measured, by name: n pieces of work in ns, and whatever
// else its workers told. The lab adds cpu, the nanoseconds of CPU time that each
// message took in all processes.
type sample map[string]float64

// parseResult adds the pairs "name=number" of a worker's result to s.
func (s sample) parseResult(text string) error {
	for _, pair := range strings.Fields(text) {
		name, number, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("result %q: %q is no pair", text, pair)
		}
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return fmt.Errorf("result %q: %w", text, err)
		}
		s[name] = v
	}
	return nil
}

// complete says whether there is work and time in it.
func (s sample) complete() error {
	if s["n"] <= 0 || s["ns"] <= 0 {
		return fmt.Errorf("result %v measures nothing", map[string]float64(s))
	}
	return nil
}

// messages are all that CPU time was spent on.
func (s sample) messages() float64 { return max(s["all"], s["n"]) }

// goal says which of two values is the better one.
type goal int

const (
	neither goal = iota // shown, not judged
	more
	less
)

// figure is a number that is made of a sample, and how it is shown.
type figure struct {
	name string
	goal goal
	of   func(workload, sample) float64
	show func(float64) string
	unit string // behind what is shown
}

// asGood is how many times as good a is as b: above 1, a is better.
func (f figure) asGood(a, b float64) (float64, bool) {
	if a <= 0 || b <= 0 || f.goal == neither {
		return 0, false
	}
	if f.goal == less {
		a, b = b, a
	}
	return a / b, true
}

func named(name string) func(workload, sample) float64 {
	return func(_ workload, s sample) float64 { return s[name] }
}

// each is a total, spread over what it was measured for.
func each(name, of string) func(workload, sample) float64 {
	return func(_ workload, s sample) float64 { return s[name] / s[of] }
}

func rate(_ workload, s sample) float64 { return s["n"] / s["ns"] * 1e9 }

func megabytes(w workload, s sample) float64 { return rate(w, s) * float64(w.size) / 1e6 }

var (
	throughputFigures = []figure{
		{"messages/s", more, rate, count, ""},
		{"MB/s", neither, megabytes, whole, ""},
		{"CPU a message", neither, named("cpu"), micro, " us"},
	}
	fanInFigures   = append(slices.Clone(throughputFigures), figure{"slowest peer", neither, named("slowest"), percent, " %"})
	actorFigures   = []figure{throughputFigures[0], throughputFigures[2]}
	latencyFigures = []figure{
		{"p50", less, named("p50"), micro, " us"},
		{"p99", less, named("p99"), micro, " us"},
		{"p99.9", neither, named("p999"), micro, " us"},
		{"CPU a round trip", neither, named("cpu"), micro, " us"},
	}
	topicFigures = []figure{
		{"messages/s", more, rate, count, ""},
		{"no match", less, named("miss"), whole, " ns"},
		{"a subscription", less, each("bytes", "subscriptions"), whole, " B"},
		{"to subscribe", neither, each("subscribed", "subscriptions"), whole, " ns"},
		{"free after", less, named("free"), millis, " ms"},
	}
	idleFigures = []figure{
		{"memory a peer", less, each("bytes", "n"), whole, " B"},
		{"CPU at rest", neither, named("rest"), millis, " ms/s"},
		{"to connect", neither, each("ns", "n"), micro, " us"},
	}
	halfOpenFigures = []figure{
		{"memory a connection made", less, each("bytes", "n"), whole, " B"},
		{"held", neither, named("held"), whole, ""},
		{"CPU at rest", neither, named("rest"), millis, " ms/s"},
	}
	lifeFigures = []figure{
		{"memory each", less, each("bytes", "n"), whole, " B"},
		{"to start", less, each("ns", "n"), micro, " us"},
		{"to stop", less, each("stop", "n"), micro, " us"},
		{"CPU at rest", neither, named("rest"), millis, " ms/s"},
	}
)

// count writes a number with three digits that matter.
func count(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.2fM", v/1e6)
	case v >= 1e5:
		return fmt.Sprintf("%.0fk", v/1e3)
	case v >= 1e3:
		return fmt.Sprintf("%.1fk", v/1e3)
	}
	return fmt.Sprintf("%.0f", v)
}

func whole(v float64) string   { return fmt.Sprintf("%.0f", v) }
func percent(v float64) string { return fmt.Sprintf("%.0f", v*100) }

// millis and micro write nanoseconds in those.
func millis(v float64) string { return fmt.Sprintf("%.1f", v/1e6) }

func micro(v float64) string {
	if v < 10_000 {
		return fmt.Sprintf("%.2f", v/1e3)
	}
	return fmt.Sprintf("%.1f", v/1e3)
}

// spread is the median of some numbers, and their extremes.
type spread struct{ mid, low, high float64 }

func spreadOf(numbers []float64) spread {
	s := slices.Sorted(slices.Values(numbers))
	n := len(s)
	return spread{mid: (s[(n-1)/2] + s[n/2]) / 2, low: s[0], high: s[n-1]}
}
