package main

import "time"

// budget shares out the time that everything may take.
type budget struct {
	end  time.Time
	each time.Duration // that a run measures
}

// newBudget gives a part of all workloads its part of the time.
func newBudget(total, each time.Duration, all, list []workload) budget {
	b := budget{each: each}
	part := total.Seconds() * b.cost(list) / b.cost(all)
	b.end = time.Now().Add(seconds(part))
	return b
}

// deadline is when the first of the workloads that are left must not begin another
// round: what others left over is for it too.
func (b budget) deadline(left []workload) time.Time {
	share := time.Until(b.end).Seconds() * b.cost(left[:1]) / b.cost(left)
	return time.Now().Add(seconds(share))
}

// cost is about what a round takes, in seconds: to start and end processes and to
// warm up is part of it.
func (b budget) cost(list []workload) (sum float64) {
	for _, w := range list {
		for _, c := range w.contenders {
			sum += 0.1 + 1.2*b.each.Seconds() + c.extra
		}
	}
	return sum
}

func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }
