package main

import (
	"context"
	"slices"
	"time"
)

// workload is one piece of work that several contenders do in turn. The first
// of them is the reference of the ratios.
type workload struct {
	family     string // the table it stands in
	name       string // its row there
	size       int    // payload bytes of a message, for the MB/s
	latency    bool   // measured by percentiles of time, not by rate
	contenders []contender
}

// path is what -run is matched against.
func (w workload) path() string { return w.family + "/" + w.name }

// contender is one way to do the work of a workload.
type contender struct {
	name string
	run  func(ctx context.Context, l *lab) (sample, error)
	// missing tells why this contender cannot run here, or is empty.
	missing func(l *lab) string
}

// sample is what one run measured.
type sample struct {
	messages int
	elapsed  time.Duration
	cpu      time.Duration // of all processes, start and end included
	p50, p99 time.Duration // of latency workloads
}

// rate is in messages a second.
func (s sample) rate() float64 { return float64(s.messages) / s.elapsed.Seconds() }

// cpuPerMessage spreads the processes' whole time over the measured messages.
func (s sample) cpuPerMessage() time.Duration { return s.cpu / time.Duration(max(1, s.messages)) }

// value is the figure that ratios are made of.
func (s sample) value(latency bool) float64 {
	if latency {
		return s.p50.Seconds()
	}
	return s.rate()
}

// workloads are all there are, table by table.
func workloads() []workload {
	return slices.Concat(throughputWorkloads(), inprocWorkloads(), roundTripWorkloads(), fanOutWorkloads())
}
