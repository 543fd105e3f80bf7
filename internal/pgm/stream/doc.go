// Package stream is the contents of PGM's data packets: ZeroMQ's messages as one
// endless stream of bytes in ZMTP 1.0 framing, cut anywhere.
//
// The payload of each packet begins with two bytes that say where in it the first
// message begins, 0xFFFF for nowhere: there a receiver can join that came late, or
// that has lost what went before. A [Framer] makes payloads, a [Joiner] reads them;
// neither knows of packets, time or networks.
package stream
