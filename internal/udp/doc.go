// Package udp carries messages in datagrams: for RADIO and DISH a group and a body,
// to one host or to a multicast group, and for DGRAM whatever the program wants.
// There are no connections, no handshake and no security; what nobody has room for is
// dropped.
//
// A datagram of RADIO and DISH is
//
//	1 byte    length of the group
//	group
//	body
//
// and has 8192 bytes at most, as all datagrams of libzmq.
package udp
