package dnssd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
)

// Port and the groups are where multicast DNS is spoken.
const Port = 5353

// The groups of multicast DNS.
var (
	Group4 = netip.MustParseAddr("224.0.0.251")
	Group6 = netip.MustParseAddr("ff02::fb")
)

const (
	// MaxPacket is the longest packet that is read.
	//
	// https://www.rfc-editor.org/rfc/rfc6762#section-17: "Even when fragmentation is
	// used, a Multicast DNS packet, including IP and UDP headers, MUST NOT exceed
	// 9000 bytes."
	MaxPacket = 9000 - 20 - 8

	// fits is what is put into one packet: an Ethernet frame without the headers of
	// IPv6 and UDP, and some room for a tunnel.
	fits = 1400

	// What a packet may ask and say. Real ones stay far below; one that doesn't would
	// let a few bytes cost a lot of memory, because names are compressed.
	maxQuestions = 256
	maxRecords   = 512
)

// ErrMalformed says that a packet is not multicast DNS.
var ErrMalformed = errors.New("malformed mDNS packet")

// Decode reads a packet. It refuses what RFC 6762 wants ignored: any opcode or
// response code but zero (sections 18.3 and 18.11).
func Decode(b []byte) (*dns.Msg, error) {
	if len(b) < 12 || len(b) > MaxPacket {
		return nil, fmt.Errorf("%w: %d bytes: must be 12 to %d", ErrMalformed, len(b), MaxPacket)
	}
	count := func(at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
	if bits := binary.BigEndian.Uint16(b[2:]); bits&0x780F != 0 {
		return nil, fmt.Errorf("%w: flags %04x: opcode and response code must be 0", ErrMalformed, bits)
	}
	if q, r := count(4), count(6)+count(8)+count(10); q > maxQuestions || r > maxRecords {
		return nil, fmt.Errorf("%w: %d questions and %d records: at most %d and %d", ErrMalformed, q, r, maxQuestions, maxRecords)
	}
	m := new(dns.Msg)
	if err := m.Unpack(b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if q, r := len(m.Question), len(m.Answer)+len(m.Ns)+len(m.Extra); q != count(4) || r != count(6)+count(8)+count(10) {
		return nil, fmt.Errorf("%w: it ends after %d questions and %d records", ErrMalformed, q, r)
	}
	for _, q := range m.Question { // the library reads half a question as one
		if q.Qtype == 0 || q.Qclass&^flush == 0 {
			return nil, fmt.Errorf("%w: question of type %d and class %d", ErrMalformed, q.Qtype, q.Qclass)
		}
	}
	for _, rr := range slices.Concat(m.Answer, m.Ns, m.Extra) {
		if leadsNowhere(rr) {
			return nil, fmt.Errorf("%w: a record of type %d without the name that it is for", ErrMalformed, rr.Header().Rrtype)
		}
	}
	return m, nil
}

// leadsNowhere: the library reads a record without data as one with an empty name,
// which is none, not even the root's.
func leadsNowhere(rr dns.RR) bool {
	switch rr := rr.(type) {
	case *dns.PTR:
		return rr.Ptr == ""
	case *dns.SRV:
		return rr.Target == ""
	}
	return false
}

// A Packet is one datagram to send.
type Packet struct {
	NIC     int            // the index of the interface
	To      netip.AddrPort // the zero value means the multicast groups of the interface
	OneShot bool           // from a port of its own, to hear responders that answer the asker only
	Bytes   []byte
}

// pack writes a message, which must fit MaxPacket. One that does not is given up:
// only a single record of ours could be so long, and those are checked before.
func pack(m *dns.Msg) []byte {
	m.Compress = true
	b, err := m.Pack()
	if err != nil || len(b) > MaxPacket {
		return nil
	}
	return b
}

// response makes the empty message that all answers start from.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-18.4: "In response messages for
// Multicast domains, the Authoritative Answer bit MUST be set to one".
func response() *dns.Msg {
	return &dns.Msg{MsgHdr: dns.MsgHdr{Response: true, Authoritative: true}}
}

// responses spreads answers over as many packets as they need; extra records go
// where there is room, and are left out where there is none.
func responses(answers, extra []dns.RR) [][]byte {
	var packets [][]byte
	m := response()
	size := 12
	flushOut := func() {
		if b := pack(m); len(m.Answer) > 0 && b != nil {
			packets = append(packets, b)
		}
		m, size = response(), 12
	}
	for _, rr := range answers {
		n := dns.Len(rr)
		if size+n > fits && len(m.Answer) > 0 {
			flushOut()
		}
		m.Answer = append(m.Answer, rr)
		size += n
	}
	for _, rr := range extra {
		if n := dns.Len(rr); size+n <= fits {
			m.Extra = append(m.Extra, rr)
			size += n
		}
	}
	flushOut()
	return packets
}

// queries writes questions with the answers that are known already. Known answers
// that don't fit follow in packets of their own, announced by the TC bit.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-7.2: "It MUST then set the TC
// (Truncated) bit in the header before sending the query. It MUST immediately
// follow the packet with another query packet containing no questions and as many
// more Known-Answer records as will fit."
func queries(questions []dns.Question, known []dns.RR) [][]byte {
	var packets [][]byte
	m := new(dns.Msg)
	size := 12
	emit := func(more bool) {
		m.Truncated = more
		if b := pack(m); b != nil {
			packets = append(packets, b)
		}
		m, size = new(dns.Msg), 12
	}
	for _, q := range questions {
		n := len(q.Name) + 5
		if size+n > fits && len(m.Question) > 0 {
			emit(false)
		}
		m.Question = append(m.Question, q)
		size += n
	}
	for _, rr := range known {
		n := dns.Len(rr)
		if size+n > fits && len(m.Question)+len(m.Answer) > 0 {
			emit(true)
		}
		m.Answer = append(m.Answer, rr)
		size += n
	}
	if len(m.Question)+len(m.Answer) > 0 {
		emit(false)
	}
	return packets
}

func question(name string, kind uint16) dns.Question {
	return dns.Question{Name: name, Qtype: kind, Qclass: dns.ClassINET}
}

// A Heard is a packet that arrived.
type Heard struct {
	NIC     int // the index of the interface
	From    netip.AddrPort
	OneShot bool // it came to the port that one-shot queries are sent from
	Msg     *dns.Msg
}

// A NIC is an interface that multicast DNS is spoken on.
type NIC struct {
	Index int
	Name  string
	Addrs []netip.Addr // what A and AAAA records say there
}
