// Package pattern holds what makes socket types different from each other: the
// table of types, and one small file for each policy by which messages are
// spread over peers or collected from them.
//
// Policies are plain data structures. They start no goroutine and take no lock:
// the socket guards them, those that send by its send lock and those that
// receive by its receive lock.
package pattern
