package dnssd

import "github.com/miekg/dns"

// A Zone is what a Responder knows at one time, for another program to answer from:
// it has the shape of github.com/hashicorp/mdns's Zone. It is never changed, so
// any goroutine may ask it.
type Zone struct {
	records map[string][]dns.RR // by folded owner name: PTR, SRV and TXT
}

// Zone returns what is announced.
func (r *Responder) Zone() *Zone {
	z := &Zone{records: make(map[string][]dns.RR)}
	for _, u := range r.units {
		_, announced := r.label(u)
		if u.service == nil || !announced {
			continue
		}
		for _, rr := range append(u.shared(r.life), r.unique(u, nil)...) {
			owner := fold(rr.Header().Name)
			z.records[owner] = append(z.records[owner], rr)
		}
	}
	for owner, list := range z.records {
		z.records[owner] = distinct(list)
	}
	return z
}

// Records answers the questions that ask for a unicast answer. All others have one
// by multicast, from the Responder.
func (z *Zone) Records(q dns.Question) []dns.RR {
	if q.Qclass&flush == 0 || q.Qclass&^flush != dns.ClassINET || !delegable(q.Qtype) {
		return nil
	}
	var list []dns.RR
	for _, rr := range z.records[fold(q.Name)] {
		if rr.Header().Rrtype != q.Qtype {
			continue
		}
		list = append(list, dns.Copy(rr))
		if ptr, ok := rr.(*dns.PTR); ok && len(list) < 8 {
			for _, more := range z.records[fold(ptr.Ptr)] {
				if delegable(more.Header().Rrtype) && more.Header().Rrtype != dns.TypePTR {
					list = append(list, dns.Copy(more))
				}
			}
		}
	}
	return list
}
