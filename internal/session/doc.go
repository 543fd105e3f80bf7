// Package session keeps live peers: it dials and dials again, accepts, runs the
// handshake, and then moves bytes between a connection and a pipe. It is the only
// room that sees both wire and pipe.
//
// A [Connector] is one connected endpoint with one pipe that outlives its
// connections; an [Acceptor] is one bound endpoint whose connections each have a
// pipe of their own. Both run connections, which consist of
//
//   - a short-lived goroutine for the handshake,
//   - one goroutine that reads, and holds no buffer while there is nothing to read,
//   - one goroutine that writes, and exists only while there is something to write.
package session
