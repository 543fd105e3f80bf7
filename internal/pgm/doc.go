// Package pgm carries PUB and SUB over multicast: PGM (RFC 3208) over raw IP, and
// EPGM, the same packets in UDP, as libzmq and OpenPGM speak it.
//
// A [Sender] is one session: it takes what is queued in a pipe, and multicasts it at
// a fixed rate. A [Receiver] hears all sessions of its groups, and asks the socket
// for a pipe for each. There is no handshake and no way upstream: a sender does not
// know who listens, and subscriptions are applied by whoever receives.
//
// What the packets are stands in packet, how messages fit into them in stream, and
// how losses are repaired in repair; none of these knows a clock or a socket. This
// folder has the sockets and the goroutines: one that decides, and one for each
// socket that only reads.
package pgm
