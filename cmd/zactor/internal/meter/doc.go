// Package meter has zactor bench: it measures round trips and throughput, between two
// sockets of its own or with a peer elsewhere, which may be one of libzmq's perf programs.
package meter
