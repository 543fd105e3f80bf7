package dnssd

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// flush is the top bit of a record's class: "this is all there is of this name
// and type". In a question the same bit asks for a unicast answer.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-10.2 and #section-5.4
const flush = 1 << 15

// A Service is what is announced.
type Service struct {
	Instance string   // the name that people see: 1 to 63 bytes of UTF-8
	Type     string   // a full name, from ParseType, without subtype
	Subtypes []string // raw labels
	Port     uint16
	Text     []string // raw strings of up to 255 bytes, "key=value"
}

// A Lifetime is how many seconds others may remember records.
type Lifetime struct {
	Host  uint32 // those that name a host: SRV, A, AAAA
	Other uint32 // PTR and TXT
}

// DefaultLifetime is what RFC 6762, section 10, recommends: 120 s and 75 min.
var DefaultLifetime = Lifetime{Host: 120, Other: 75 * 60}

func header(name string, kind uint16, ttl uint32, unique bool) dns.RR_Header {
	h := dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: ttl}
	if unique {
		h.Class |= flush
	}
	return h
}

// fullName is the service's name in the DNS when its instance is called label.
func (s *Service) fullName(label string) string { return Escape(label) + "." + s.Type }

// shared returns the records that others may have as well: who points to the
// instance, and that there is such a type of service.
func (s *Service) shared(label string, life Lifetime) []dns.RR {
	name := s.fullName(label)
	pointer := func(from, to string) dns.RR {
		return &dns.PTR{Hdr: header(from, dns.TypePTR, life.Other, false), Ptr: to}
	}
	list := []dns.RR{pointer(s.Type, name)}
	for _, sub := range s.Subtypes {
		list = append(list, pointer(Escape(sub)+"._sub."+s.Type, name))
	}
	return append(list, pointer(enumeration, s.Type))
}

// unique returns the records that nobody else may have.
func (s *Service) unique(label, host string, life Lifetime) []dns.RR {
	name := s.fullName(label)
	text := make([]string, len(s.Text))
	for i, t := range s.Text {
		text[i] = escapeText(t)
	}
	if len(text) == 0 {
		// https://www.rfc-editor.org/rfc/rfc6763#section-6.1: "An empty TXT record
		// containing zero strings is not allowed".
		text = []string{""}
	}
	return []dns.RR{
		&dns.SRV{Hdr: header(name, dns.TypeSRV, life.Host, true), Port: s.Port, Target: host},
		&dns.TXT{Hdr: header(name, dns.TypeTXT, life.Other, true), Txt: text},
	}
}

// escapeText writes a TXT string as miekg/dns reads it.
func escapeText(raw string) string {
	var b strings.Builder
	for i := range len(raw) {
		switch c := raw[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			b.WriteString(`\` + string([]byte{'0' + c/100, '0' + c/10%10, '0' + c%10}))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// addresses returns the records of a host on one interface.
func addresses(host string, addrs []netip.Addr, life Lifetime) []dns.RR {
	list := make([]dns.RR, 0, len(addrs))
	for _, a := range addrs {
		if a.Is4() {
			list = append(list, &dns.A{Hdr: header(host, dns.TypeA, life.Host, true), A: a.AsSlice()})
		} else {
			list = append(list, &dns.AAAA{Hdr: header(host, dns.TypeAAAA, life.Host, true), AAAA: a.WithZone("").AsSlice()})
		}
	}
	return list
}

// denial says that a name has records of these types and of no others.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-6.1
func denial(name string, ttl uint32, types ...uint16) dns.RR {
	return &dns.NSEC{Hdr: header(name, dns.TypeNSEC, ttl, true), NextDomain: name, TypeBitMap: types}
}

// withTTL returns a copy of a record with another time to live.
func withTTL(rr dns.RR, ttl uint32) dns.RR {
	c := dns.Copy(rr)
	c.Header().Ttl = ttl
	return c
}

// withoutFlush returns a copy of a record as it is shown in a probe, in a list of
// known answers, and to those who don't speak multicast.
func withoutFlush(rr dns.RR) dns.RR {
	c := dns.Copy(rr)
	c.Header().Class &^= flush
	return c
}

// rdata is what a record says, as it is on the wire without compression.
func rdata(rr dns.RR) []byte {
	c := dns.Copy(rr)
	c.Header().Name = "."
	buf := make([]byte, dns.Len(c))
	n, err := dns.PackRR(c, buf, 0, nil, false)
	if err != nil || n < 11 {
		return nil
	}
	return buf[11:n] // behind ".", type, class, ttl and length
}

// identity is what makes two records the same: name, type and what they say. The
// names within PTR and SRV are compared like all names.
func identity(rr dns.RR) string {
	h := rr.Header()
	switch r := rr.(type) {
	case *dns.PTR:
		return fold(h.Name) + " PTR " + fold(r.Ptr)
	case *dns.A:
		return fold(h.Name) + " A " + string(r.A.To4())
	case *dns.AAAA:
		return fold(h.Name) + " AAAA " + string(r.AAAA)
	case *dns.SRV:
		c := *r
		c.Target = fold(r.Target)
		return fold(h.Name) + " SRV " + string(rdata(&c))
	}
	return fold(h.Name) + " " + dns.Type(h.Rrtype).String() + " " + string(rdata(rr))
}
