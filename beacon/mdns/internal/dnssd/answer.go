package dnssd

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/go-zactor/zactor/beacon/internal/rate"
)

// The times of RFC 6762, sections 6, 6.7 and 7.2.
const (
	sharedDelayMin = 20 * time.Millisecond
	sharedDelayMax = 120 * time.Millisecond
	moreKnownMin   = 400 * time.Millisecond
	moreKnownMax   = 500 * time.Millisecond
	repeatAfter    = time.Second
	legacyTTL      = 10 // seconds

	maxReplies = 100 // a second, to single addresses, which can be forged; each has its share
)

// An answer waits to be multicast.
type answer struct {
	rr    dns.RR
	due   time.Time
	asker netip.AddrPort // who alone has asked; the zero value if there are several
}

// Handle takes a packet that has arrived.
func (r *Responder) Handle(now time.Time, h Heard) {
	p := r.nics[h.NIC]
	if p == nil {
		return
	}
	if h.Msg.Response {
		// https://www.rfc-editor.org/rfc/rfc6762#section-6: "Multicast DNS
		// implementations MUST silently ignore any Multicast DNS responses they
		// receive where the source UDP port is not 5353."
		if h.From.Port() == Port && !h.OneShot {
			r.heed(now, h)
		}
		return
	}
	r.tieBreak(now, h)
	if h.From.Port() != Port {
		if r.replies.Hear(h.From.Addr(), now) == rate.Heard {
			r.answerLegacy(p, h)
		}
		return
	}
	r.suppress(p, h)
	r.schedule(now, p, h)
}

// once drops the questions that a packet repeats: they are short, and answers are long.
func once(questions []dns.Question) []dns.Question {
	seen := make(map[dns.Question]bool, len(questions))
	return slices.DeleteFunc(slices.Clone(questions), func(q dns.Question) bool {
		q.Name = fold(q.Name)
		was := seen[q]
		seen[q] = true
		return was
	})
}

// match returns the records that answer a question on an interface. For a name that
// is ours, a type that it has not is denied.
func (r *Responder) match(p *post, q dns.Question) []dns.RR {
	if class := q.Qclass &^ flush; class != dns.ClassINET && class != dns.ClassANY {
		return nil
	}
	var list []dns.RR
	name := fold(q.Name)
	if q.Qtype == dns.TypePTR || q.Qtype == dns.TypeANY {
		for _, each := range r.pointers[name] {
			if each.unit.isKnown(p) {
				list = append(list, each.rr)
			}
		}
		list = distinct(list)
	}
	u := r.names[name]
	if u == nil || !u.isKnown(p) {
		return list
	}
	var types []uint16
	for _, rr := range r.unique(u, p.Addrs) {
		kind := rr.Header().Rrtype
		types = append(types, kind)
		if q.Qtype == kind || q.Qtype == dns.TypeANY {
			list = append(list, rr)
		}
	}
	if len(list) == 0 {
		slices.Sort(types)
		list = append(list, denial(u.fullName(), r.life.Host, slices.Compact(types)...))
	}
	return list
}

// isKnown says that the unit's name is ours on an interface.
func (u *unit) isKnown(p *post) bool {
	s := u.stages[p.Index]
	return s != nil && s.step > firstAnnouncement
}

// schedule puts what answers a query into the interface's pending answers.
func (r *Responder) schedule(now time.Time, p *post, h Heard) {
	probe := len(h.Msg.Ns) > 0
	known := knownAnswers(h.Msg.Answer)
	for _, q := range once(h.Msg.Question) {
		if q.Qclass&flush != 0 && r.Delegated && !probe && delegable(q.Qtype) {
			continue
		}
		for _, rr := range r.match(p, q) {
			if known.cover(rr) {
				continue
			}
			r.enqueue(now, p, h, rr, probe)
		}
	}
}

// delegable are the types that the Zone knows.
func delegable(kind uint16) bool {
	return kind == dns.TypePTR || kind == dns.TypeSRV || kind == dns.TypeTXT
}

// A known is the list of answers that an asker has: their times to live, by identity.
type known map[string]uint32

func knownAnswers(list []dns.RR) known {
	k := make(known, len(list))
	for _, rr := range list {
		id := identity(rr)
		k[id] = max(k[id], rr.Header().Ttl)
	}
	return k
}

// cover obeys RFC 6762, section 7.1: "A Multicast DNS responder MUST NOT answer a
// Multicast DNS query if the answer it would give is already included in the Answer
// Section with an RR TTL at least half the correct value."
func (k known) cover(rr dns.RR) bool {
	if len(k) == 0 {
		return false
	}
	ttl, ok := k[identity(rr)]
	return ok && ttl >= rr.Header().Ttl/2
}

// enqueue decides when an answer is due: at once when only we can answer, a little
// later, by chance, when others may as well, and later still when the asker has
// more known answers to tell. A record is multicast once a second at most, but for
// probes, because the first claim of a name wins.
func (r *Responder) enqueue(now time.Time, p *post, h Heard, rr dns.RR, probe bool) {
	due := now
	switch {
	case h.Msg.Truncated:
		due = now.Add(r.between(moreKnownMin, moreKnownMax))
	case rr.Header().Class&flush == 0:
		due = now.Add(r.between(sharedDelayMin, sharedDelayMax))
	}
	id := identity(rr)
	if last, ok := p.sent[id]; ok && !probe && due.Before(last.Add(repeatAfter)) {
		due = last.Add(repeatAfter)
	}
	a := p.pending[id]
	if a == nil {
		p.pending[id] = &answer{rr, due, h.From}
		return
	}
	if a.asker != h.From {
		a.asker = netip.AddrPort{}
	}
	if due.Before(a.due) {
		a.due = due
	}
}

func (r *Responder) between(a, b time.Duration) time.Duration {
	return a + time.Duration(r.random.Int64N(int64(b-a)))
}

// suppress drops the answers that the only one who asked turns out to know: it may
// tell in packets that follow its question.
func (r *Responder) suppress(p *post, h Heard) {
	known := knownAnswers(h.Msg.Answer)
	maps.DeleteFunc(p.pending, func(_ string, a *answer) bool { return a.asker == h.From && known.cover(a.rr) })
}

// answer multicasts what is due, with what the askers will want to know next.
func (r *Responder) answer(now time.Time, p *post) {
	var list []dns.RR
	for id, a := range p.pending {
		if !a.due.After(now) {
			list = append(list, a.rr)
			delete(p.pending, id)
		}
	}
	if len(list) == 0 {
		return
	}
	slices.SortFunc(list, func(a, b dns.RR) int { // the same calls, the same packets
		return compareRecords([]dns.RR{a}, []dns.RR{b})
	})
	for _, rr := range list {
		r.spoke(p, rr, now)
	}
	r.multicast(p, responses(list, r.additional(p, list)))
}

func (r *Responder) spoke(p *post, rr dns.RR, now time.Time) { p.sent[identity(rr)] = now }

// additional are the records that spare the asker its next questions.
//
// https://www.rfc-editor.org/rfc/rfc6763#section-12
func (r *Responder) additional(p *post, answers []dns.RR) []dns.RR {
	list := slices.Clone(answers)
	for _, rr := range answers {
		switch rec := rr.(type) {
		case *dns.PTR:
			if u := r.names[fold(rec.Ptr)]; u != nil && u.isKnown(p) {
				list = append(list, r.unique(u, p.Addrs)...)
			}
		}
	}
	if len(r.units) > 0 && r.host.isKnown(p) && slices.ContainsFunc(list, func(rr dns.RR) bool { return rr.Header().Rrtype != dns.TypePTR }) {
		list = append(list, r.unique(r.host, p.Addrs)...)
	}
	return distinct(list)[len(answers):]
}

// answerLegacy answers those who don't speak from port 5353 and so can't hear the
// groups.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-6.7: "the Multicast DNS responder
// MUST send a UDP response directly back to the querier, via unicast, to the query
// packet's source IP address and port. This unicast response MUST be a conventional
// unicast response as would be generated by a conventional Unicast DNS server; for
// example, it MUST repeat the query ID and the question given in the query message.
// In addition, the cache-flush bit [...] MUST NOT be set in legacy unicast
// responses."
func (r *Responder) answerLegacy(p *post, h Heard) {
	m := response()
	m.Id = h.Msg.Id
	var answers []dns.RR
	for _, q := range once(h.Msg.Question) {
		list := r.match(p, q)
		answers = append(answers, list...)
		if len(list) > 0 {
			m.Question = append(m.Question, q)
		}
	}
	answers = slices.DeleteFunc(distinct(answers), knownAnswers(h.Msg.Answer).cover)
	if len(answers) == 0 {
		return
	}
	size := 12
	for _, q := range m.Question {
		size += len(q.Name) + 5
	}
	extra := r.additional(p, answers)
	m.Answer = legacy(answers, &size)
	m.Truncated = len(m.Answer) < len(answers)
	m.Extra = legacy(extra, &size)
	if b := pack(m); b != nil {
		r.ready = append(r.ready, Packet{NIC: p.Index, To: h.From, Bytes: b})
	}
}

// legacy prepares records for those who know no multicast DNS, as many as fit.
func legacy(list []dns.RR, size *int) []dns.RR {
	var out []dns.RR
	for _, rr := range list {
		n := dns.Len(rr)
		if *size+n > fits {
			break
		}
		*size += n
		c := withoutFlush(rr)
		c.Header().Ttl = min(c.Header().Ttl, legacyTTL)
		out = append(out, c)
	}
	return out
}
