// Package budget says who may hold how much of something bounded, and who gives way when
// it is full. It is arithmetic and nothing else: no clock, no I/O, no lock.
//
// Shares form a tree: the whole, its parts, and at the leaves the holders. What a holder
// takes counts in all shares above it, and none may hold more than its limit. When one
// above the holder is full, the most crowded holder below that one gives way, provided
// that it stays more crowded than who asks: so nobody who holds little can be kept out by
// one that holds much, and equals do not push each other out.
//
// A [Pool] is the usual tree: a reserve for one's own, a part for what was chosen, and the
// rest for those that have come, bounded for each and for each address.
package budget
