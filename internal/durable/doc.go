// Package durable keeps what subscribers miss: for each subscriber a [Stream] of numbered
// messages, of which the last ones are kept, in memory or on disk, until its program has
// taken them. It knows numbers, bounds and files, and neither sockets nor connections:
// who has a connection asks Next for what goes over it.
//
// [Names] says who may have how many streams, [Topics] which subscriptions of a stream
// were told on its present connection, and [Follower] is the subscriber's count of what
// has come.
package durable
