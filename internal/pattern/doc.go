// Package pattern holds what the policies of socket types are made of: round robin and
// fair queue, the index of subscriptions, the table of groups. Which type has which
// policy is in package zmq (kinds.go).
//
// They are plain data structures, which start no goroutine and take no lock: the socket
// guards those that send by its send lock and those that receive by its receive lock.
package pattern
