// Package dnssd is DNS-SD over multicast DNS (RFC 6762 and RFC 6763) without
// sockets and without a clock: datagrams and the time go in, datagrams and
// changes come out. The [Responder] makes services known, the [Browser] finds
// them; whoever owns one calls SetNICs when interfaces change, Handle for what
// arrives, and Poll whenever Next says so.
//
// Bytes are read and written by github.com/miekg/dns. Names are in its
// presentation form throughout: a dot within a label is written "\.".
package dnssd
