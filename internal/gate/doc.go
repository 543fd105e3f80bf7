// Package gate keeps the queue that the system has for a socket from being one source's. The
// system has one queue for each, whoever sends: who sends faster than it is read fills it, and
// what others send is lost with what it sends. A queue can't be divided. But on Linux a socket
// may say, by a filter, what is not to come into it.
//
// A [Gate] is such a filter: whoever knows how much a source may send has what is above it
// refused for a while. A [Guard] is for sockets that know no rate: it finds out who takes more
// than a share while there is not enough for all, and lets in a part of that.
//
// # What a source is
//
// A datagram says itself where it comes from, and who forges addresses takes the part of
// the source that it claims to be, or has as many parts as it likes. What Guard refuses is
// therefore never all, and ends soon after the flood does.
package gate
