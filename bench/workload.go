package main

import (
	"context"
	"slices"
	"strconv"
)

// workload is one piece of work that several contenders do in turn. The first
// of them that is present is the reference of the ratios.
type workload struct {
	family     string   // the table it stands in
	name       string   // its row there
	size       int      // payload bytes of a message
	x          float64  // its place in a plot: the size, or how many peers
	figures    []figure // what is shown; the first is the one that plots show
	floor      string   // the contender that ratios are committed to
	contenders []contender
}

// path is what -run is matched against.
func (w workload) path() string { return w.family + "/" + w.name }

// place is what a plot calls it: the part of the name that says x.
func (w workload) place() string {
	if w.x == float64(w.size) {
		return w.name
	}
	return strconv.FormatFloat(w.x, 'f', -1, 64)
}

// contender is one way to do the work of a workload.
type contender struct {
	name string
	// run does n pieces of the work.
	run func(ctx context.Context, l *lab, n int) (sample, error)
	// missing tells why this contender cannot run here, or is empty.
	missing  func(l *lab) string
	messages int     // that take about a second; or exactly those, where fixed
	least    int     // that mean anything
	fixed    bool    // its work has one size
	extra    float64 // seconds that a run takes above those that it measures
}

// workloads are all there are, table by table.
func workloads(quick bool) []workload {
	return slices.Concat(
		throughputWorkloads(quick), inprocWorkloads(quick), roundTripWorkloads(quick), curveWorkloads(quick),
		fanOutWorkloads(quick), fanInWorkloads(quick), topicWorkloads(quick), memoryWorkloads(quick), actorWorkloads(quick))
}

// sized is a payload with a number of messages that libzmq moves in about a second.
type sized struct {
	name     string
	size     int
	messages int
	quick    bool // part of a quick run too
}

// pick leaves out what a quick run does not have.
func pick(sizes []sized, quick bool) []sized {
	return slices.DeleteFunc(slices.Clone(sizes), func(s sized) bool { return quick && !s.quick })
}
