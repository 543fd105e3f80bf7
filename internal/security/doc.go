// Package security holds the mechanisms of ZMTP: NULL, PLAIN and CURVE, each
// side of each as a [wire.Mechanism]. What may come when is wire's business;
// this package knows what is in the commands.
//
// It does no I/O and takes randomness as an argument. A mechanism serves one
// connection. Only [KeyPair] is shared, between all connections of a socket.
//
// Whatever a peer sends that does not decrypt or verify ends in one and the
// same error, and nothing is sent: the peer learns that it failed, not where.
//
// Secrets are kept in arrays behind pointers, never in strings, and are cleared
// when their time is over; the copies inside crypto/ecdh, on stacks and in swap
// are out of reach. No value of this package prints its fields.
package security
