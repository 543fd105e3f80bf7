package main

import "slices"

// result returns what became of a contender, or nil.
func (b block) result(contender string) *result {
	i := slices.IndexFunc(b.results, func(r result) bool { return r.contender == contender })
	if i < 0 {
		return nil
	}
	return &b.results[i]
}

// reference is the first contender that was measured.
func (b block) reference() *result {
	i := slices.IndexFunc(b.results, func(r result) bool { return len(r.samples) > 0 })
	if i < 0 {
		return nil
	}
	return &b.results[i]
}

// values are those of a figure, of all rounds.
func (b block) values(f figure, r result) (list []float64) {
	for _, s := range r.samples {
		list = append(list, f.of(b.work, s))
	}
	return list
}

// ratios are how many times as good a contender was as another, round by round: a
// machine that changes its speed between rounds changes none of them.
func (b block) ratios(f figure, r, to *result) (list []float64) {
	if r == nil || to == nil {
		return nil
	}
	for round, s := range r.samples {
		ref, ok := to.samples[round]
		if !ok {
			continue
		}
		if v, ok := f.asGood(f.of(b.work, s), f.of(b.work, ref)); ok {
			list = append(list, v)
		}
	}
	return list
}
