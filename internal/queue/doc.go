// Package queue is the bounded queue pair between one peer and one socket.
//
// An [Inbox] takes what arrives: segments of whole messages cut by a reader, or
// messages moved over by an inproc peer. An [Outbox] takes what is to be sent:
// encoded bytes where the peer's framing allows it, messages where they must
// still be sealed. Both know their high-water marks, in messages and bytes, and
// neither ever blocks: a full queue refuses, and says later that it has room.
//
// Each queue has its own small mutex. The consumer swaps a whole batch out under
// it, so a lock is paid once a batch and not once a message.
package queue
