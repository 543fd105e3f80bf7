// Package swap is a queue of records on disk, for what does not fit into memory or
// must outlive the process.
//
// A [Log] is a directory of segment files. A record is appended at the end, read in
// order, and acknowledged in order; a segment goes when all of its records were
// acknowledged. Every record carries its number and two checks (CRC-32C), one of its
// header and one of its bytes, so that a tail torn by a crash can be told from a bit
// that has turned: the first is cut off silently, since nobody was told that it was
// there; the second is reported with file and position, and what is behind it is
// found again.
//
// Delivery is at least once: how far the records were acknowledged is written
// without waiting for the disk, so that after a crash some may be read again.
package swap
