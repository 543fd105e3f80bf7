// Command bench measures zactor beside its peers: libzmq in C, libzmq as Go gets it
// through cgo, nats, and the floors: raw Go connections, Go channels. One command
// builds and runs all that is present:
//
//	cd bench && go run .              # everything, under twenty minutes
//	cd bench && go run . -quick       # the same shape, under two
//	cd bench && go run . -run 'tcp throughput/64 B'
//	cd bench && go run . -report      # measures nothing, shows what there is
//	cd bench && go run . -compare committed.csv   # has anything become slower?
//	cd bench && go run . -publish     # docs/benchmarks.md, plots/ and committed.csv
//
// What is measured is kept in results/samples.csv; a run of some workloads replaces
// theirs, and every run prints, plots and compares all that is there.
//
// Only ratios mean anything here: the machine drifts. So every round runs all
// peers of a workload one after the other, beginning with another one each time,
// and a ratio is the median of the ratios of the same round. Everything is measured
// in processes of its own, two of them where a network is in between, and their
// whole CPU time is counted. Each run is made as long as all others: a short one
// before the first round says how many messages that takes.
//
// How it is laid out: a workload (workload.go) is the same work done by several
// contenders, and each file that is named after a kind of work lists some:
// throughput.go, roundtrip.go, fan.go and so on. A contender says which processes to
// start: the C program in c/, the one in cgo/, or this binary again in one of the
// roles of internal/role. A new workload is one more line there, a new peer one more
// file of roles. From samples to what is shown go sample.go (figures), store.go
// (CSV), ratio.go, and then table.go, plot.go, compare.go and publish.go.
package main
