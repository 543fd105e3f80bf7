// Package zap is the codec of ZAP, the ZeroMQ Authentication Protocol of RFC 27:
// the question a server asks its authenticator about a peer, and the answer.
//
// All functions deal with the frames as a DEALER has them, with the empty
// delimiter in front. A REP socket takes it off and puts it on by itself: there,
// parse Delimit(received) and send Encode()[1:].
//
// An answer opens the door through one function, [Decide], and what it does not
// understand it refuses.
package zap
