// Package repair makes a stream of data packets reliable, as RFC 3208 has it: a
// [Sender] numbers them, keeps a window of what it can repeat, and answers NAKs; a
// [Receiver] puts the packets of each [Source] in order, asks for what is missing,
// and says what could not be had.
//
// Nothing here knows a clock, a socket or a goroutine: packets and the time go in,
// packets come out. Whoever drives it asks Poll for what is to be sent, and Next for
// when to ask again. None of the types is safe for use by several goroutines.
package repair
