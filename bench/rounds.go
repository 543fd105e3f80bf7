package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// runLimit ends a run that hangs. The longest takes some seconds.
const runLimit = time.Minute

// result is what became of a contender over all rounds.
type result struct {
	contender string
	missing   string         // why it did not run at all
	err       error          // the first failure; its samples up to then stay
	samples   map[int]sample // by round
}

// runner runs one contender, each time with as many messages as suit it.
type runner struct {
	contender
	result  *result
	n       int
	startUp sample // of a short run: what starting and ending costs
}

// measure runs all contenders of a workload, round after round until the deadline,
// but at least once. Each round starts with another contender, so that none always
// follows the same one.
func measure(ctx context.Context, l *lab, w workload, rounds int, deadline time.Time) []result {
	results := make([]result, len(w.contenders))
	runners := make([]runner, len(w.contenders))
	for i, c := range w.contenders {
		results[i] = result{contender: c.name, missing: c.missing(l), samples: map[int]sample{}}
		runners[i] = runner{contender: c, result: &results[i]}
	}
	for round := range rounds {
		if round > 0 && time.Now().After(deadline) {
			break
		}
		for k := range runners {
			runners[(round+k)%len(runners)].once(ctx, l, round)
		}
	}
	return results
}

// once runs a contender, unless it is missing or has failed before.
func (r *runner) once(ctx context.Context, l *lab, round int) {
	if r.result.missing != "" || r.result.err != nil || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, runLimit, errors.New("it takes too long"))
	defer cancel()
	s, err := r.sample(ctx, l)
	if err != nil {
		r.result.err = fmt.Errorf("%s: %w", r.name, err)
		return
	}
	r.result.samples[round] = s
}

// sample runs a contender once. The first time, a short run comes before, to know
// how many messages are enough; if that was far off, there is another.
func (r *runner) sample(ctx context.Context, l *lab) (sample, error) {
	if r.fixed {
		return r.finish(r.run(ctx, l, r.messages))
	}
	if r.n == 0 {
		r.n = max(r.least, r.messages/200)
		s, err := r.run(ctx, l, r.n)
		if err != nil {
			return nil, err
		}
		r.startUp = s
		r.adjust(s, l.each)
		if s, err = r.run(ctx, l, r.n); err != nil {
			return nil, err
		}
		r.adjust(s, l.each)
		if s["ns"] > float64(l.each)/3 {
			return r.finish(s, nil)
		}
	}
	s, err := r.run(ctx, l, r.n)
	if err == nil {
		r.adjust(s, l.each)
	}
	return r.finish(s, err)
}

// finish adds what the lab knows to what a run told.
func (r *runner) finish(s sample, err error) (sample, error) {
	if err != nil {
		return nil, err
	}
	s["cpu"] = r.cpuEach(s)
	if freed, ok := s["freed"]; ok {
		s["free"] = freed - s["closed"]
	}
	return s, nil
}

// adjust lets the next run take as long as it should.
func (r *runner) adjust(s sample, each time.Duration) {
	n := float64(r.n) * float64(each) / s["ns"]
	r.n = int(min(max(n, float64(r.least)), 20*float64(r.messages)))
}

// cpuEach spreads the CPU time of all processes over their messages, less what the
// short run took: that is how starting and ending is left out.
func (r *runner) cpuEach(s sample) float64 {
	cpu, messages := s["cpu"]-r.startUp["cpu"], s.messages()-r.startUp.messages()
	if cpu <= 0 || messages <= 0 {
		return s["cpu"] / s.messages()
	}
	return cpu / messages
}
