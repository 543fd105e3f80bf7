package actor

import "time"

// intensity counts the failures of a supervisor's children within a window.
type intensity struct {
	most   int
	within time.Duration
	recent []time.Time
}

// allow enters a failure, and reports whether it is still tolerable.
func (i *intensity) allow(now time.Time) bool {
	i.recent = append(i.recent, now)
	for len(i.recent) > 0 && now.Sub(i.recent[0]) >= i.within {
		i.recent = i.recent[1:]
	}
	return len(i.recent) <= i.most
}

// backoff is how long a child that fails again and again waits for its restart.
type backoff struct {
	least, most time.Duration
	random      func() float64 // in [0, 1)
}

// delay is the wait after the n-th failure in a row. After the first there is
// none: most failures are single. From the second on it doubles; half of it is
// chance, so that children which failed together do not return together.
func (b backoff) delay(n int) time.Duration {
	if n < 2 {
		return 0
	}
	d := b.least
	for range n - 2 {
		if d >= b.most/2 {
			d = b.most
			break
		}
		d *= 2
	}
	d = min(d, b.most)
	return d/2 + time.Duration(b.random()*float64(d/2))
}
