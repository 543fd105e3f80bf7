// Package packet is the packets of PGM, RFC 3208, as far as ZeroMQ uses them:
// SPM, ODATA, RDATA, NAK, NCF and SPMR over IPv4. Bytes in, values out, and back.
//
// What comes from the network is judged here: the lengths, the checksum, the
// address families. What a packet means stands in package repair.
package packet
