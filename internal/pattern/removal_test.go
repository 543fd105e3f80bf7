package pattern

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkSubIndexRemoveSome removes a subscriber with a million topics a thousand
// at a time, and tells for how long a publisher had to wait at most.
// BenchmarkSubIndexDetach does so in one go, beside another one with a thousand.
func BenchmarkSubIndexRemoveSome(b *testing.B) {
	const topics = 1_000_000
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		var x SubIndex[int]
		s := &Subscriber[int]{}
		for i := range topics {
			x.Add(topicAt(i), s)
		}
		b.StartTimer()
		for more := true; more; {
			start := time.Now()
			more = x.RemoveSome(s, 1000, nil)
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "us-longest")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "us-p99")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "us-median")
}

func BenchmarkSubIndexDetach(b *testing.B) {
	const topics, others = 1_000_000, 1000
	for b.Loop() {
		b.StopTimer()
		var x SubIndex[int]
		s, o := &Subscriber[int]{}, &Subscriber[int]{}
		for i := range topics {
			x.Add(topicAt(i), s)
			if i < others {
				x.Add(topicAt(topics+i), o)
			}
		}
		b.StartTimer()
		if x.Detach(s, others) == nil || x.Topics() != others {
			b.Fatal("it is still there")
		}
	}
}
