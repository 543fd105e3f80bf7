// Package ztest is what the tests of this module torture it with.
//
// The network in memory is package zmqtest, which users have as well. [Proxy] does to
// real tcp and unix sockets from outside what that does to its connections.
// [Flow] and [Ledger] are the traffic and the books: every message is known from
// its number, and whatever is lost, doubled, out of order or damaged shows.
//
// Tests run at a reduced size, and at full size with -full or ZACTOR_FULL=1.
// ZACTOR_SEED=n repeats a run that a test has reported.
package ztest
