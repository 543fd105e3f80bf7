// Package mesh is what a gossip node thinks: messages, the passing of time and the
// program's own tuples go in, messages and events come out. It has no clock, no
// socket and no lock; whoever uses it brings all three.
//
// # Versions
//
// Every tuple has a stamp: microseconds since 1970 by the clock of who put it, but
// more than the stamp of what it replaces. Of two tuples with one key the one with
// the greater stamp wins, then the deletion, then the greater value. All orders of
// arrival end at the same tuple, and a tuple that does not win goes no further: so
// the tables of nodes that are linked, in whatever loops, become equal, and then it
// is quiet. A digest of the table is in every PING and PONG; if two tables stay
// different the client asks for the other one again.
//
// # Peers without versions
//
// A czmq peer takes every value that differs from its own and passes it on without
// a stamp. What it stores is a cell, and its messages are that cell's history in
// order, the own writes among them. So a node has one write to a cell under way at
// a time, passes over what it hears before the echo of that, and takes what comes
// after it for a new write, which gets a stamp here. Where there is no echo (the
// cell had the value already), a PONG behind it, or time, tells. Values that were
// replaced a moment ago do not come back that way, and above a number of changes a
// second the greater value stays: so cells that push each other's values around in
// a circle come to rest.
//
// What was in a cell before the link was up counts for less than anything that has
// a stamp, unless the cell is known to have changed while the own table has not.
package mesh
