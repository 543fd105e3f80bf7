// Package ztest is what the tests of this module torture it with.
//
// [Net] is a network in memory, made of channels, so that the whole core runs in a
// testing/synctest bubble: days pass in milliseconds. Its connections are buffered
// as the kernel's are, and can be delayed, cut into slices, reset, partitioned and
// half closed. [Proxy] does the same to real tcp and unix sockets from outside.
// [Flow] and [Ledger] are the traffic and the books: every message is known from
// its number, and whatever is lost, doubled, out of order or damaged shows.
//
// Tests run at a reduced size, and at full size with -full or ZACTOR_FULL=1.
// ZACTOR_SEED=n repeats a run that a test has reported.
package ztest
