// Package wire is ZMTP without the wire: the codec of frames, commands and
// metadata, and the state machine of the handshake, for ZMTP 1.0, 2.0, 3.0
// and 3.1. Bytes go in, events and bytes come out.
//
// The package does no I/O. It knows no clock, starts no goroutine and takes no
// lock; deadlines belong to the session, and a value of this package belongs
// to the one goroutine that uses it.
//
// A connection begins with a [Handshake]: write what Output returns, Feed what
// arrives, until Phase is Ready or Failed. After it the stream is frames:
// [ParseHeader] finds their borders, [ParseCommand] reads the commands among
// them, and where the mechanism encrypts, the [Sealer] of the [Result] stands
// between a frame and its content.
//
// Nothing a peer sends can panic this package or make it allocate more than a
// small multiple of the bytes that really arrived: a length is compared with
// its limit as an unsigned 64-bit number before it is used for anything.
package wire
