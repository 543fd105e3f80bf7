// Package link is the contract between a socket and the links that carry its messages:
// what both sides call what happens to a peer, and the one sequence by which a peer is
// attached. Connections of tcp, ipc and ws (internal/session), pairs of inproc
// (internal/inproc), datagrams (internal/udp) and multicast (internal/pgm) all go
// through it.
package link
