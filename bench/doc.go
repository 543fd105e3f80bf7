// Command bench measures zactor beside its peers: libzmq in C, raw Go TCP, and
// Go channels. One command builds and runs all that is present:
//
//	cd bench && go run .              # everything, about a quarter of an hour
//	cd bench && go run . --quick      # the same shape, under two minutes
//	cd bench && go run . -run 'tcp throughput/64 B'
//
// Only ratios mean anything here: the machine drifts. So every round runs all
// peers of a workload one after the other, beginning with another one each
// time, and a peer's ratio is the median of its ratios to the reference of the
// same round. Everything is measured in processes of its own, two of them where
// the transport is tcp or ipc, and their whole CPU time is counted.
//
// How it is laid out: a workload (workload.go) is the same work done by several
// contenders, and each file that is named after a kind of work lists some:
// throughput.go, inproc.go, roundtrip.go, fanout.go. A contender says which
// processes to start: the C program in c/, or this binary again in one of the
// roles of roles.go. A new workload is one more such file, a new peer one more
// file of roles.
package main
