package dnssd

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// The steps of a unit on an interface. Until firstAnnouncement is done the name is only
// wished for, and no question about it is answered.
const (
	firstProbe         = 0 // three of them, a quarter of a second apart
	firstAnnouncement  = 3
	secondAnnouncement = 4
	settled            = 5
)

// The times of RFC 6762, sections 8.1, 8.2 and 8.3.
const (
	probeInterval    = 250 * time.Millisecond
	announceInterval = time.Second
	tieBreakDelay    = time.Second
	clashWindow      = 10 * time.Second
	clashLimit       = 15
	clashDelay       = 5 * time.Second
)

// A stage is how far a unit is on an interface, and when it takes its next step.
type stage struct {
	step int
	due  time.Time
}

// firstStage begins with a wait, so that hosts that are switched on together don't
// speak together.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-8.1: "the host should first wait
// for a short random delay time, uniformly distributed in the range 0-250 ms."
func (r *Responder) firstStage(now time.Time) *stage {
	return &stage{firstProbe, now.Add(time.Duration(r.random.Int64N(int64(probeInterval))))}
}

// reannounce tells everybody what has changed under a name that is ours.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-8.4: "At any time, if the rdata of
// any of a host's Multicast DNS records changes, the host MUST repeat the Announcing
// step".
func (r *Responder) reannounce(now time.Time, u *unit) {
	for nic := range u.stages {
		r.reannounceOn(now, u, nic)
	}
}

func (r *Responder) reannounceOn(now time.Time, u *unit, nic int) {
	if s := u.stages[nic]; s != nil && s.step > firstAnnouncement {
		*s = stage{firstAnnouncement, now}
	}
}

// probe asks who has the names that we wish for. All names that are due share
// packets; the questions come with what we would say.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-8.2: "For this tiebreaking to work
// correctly in all cases, the Authority Section must contain *all* the records and
// proposed rdata being probed for uniqueness."
func (r *Responder) probe(now time.Time, p *post) {
	m, size := new(dns.Msg), 12
	emit := func() {
		if len(m.Question) > 0 {
			r.multicast(p, [][]byte{pack(m)})
		}
		m, size = new(dns.Msg), 12
	}
	for _, u := range r.units {
		s := u.stages[p.Index]
		if s == nil || s.step >= firstAnnouncement || s.due.After(now) {
			continue
		}
		records := r.unique(u, p.Addrs)
		n := len(u.fullName()) + 5
		for _, rr := range records {
			n += dns.Len(rr)
		}
		if size+n > fits {
			emit()
		}
		m.Question = append(m.Question, question(u.fullName(), dns.TypeANY))
		for _, rr := range records {
			m.Ns = append(m.Ns, withoutFlush(rr))
		}
		size += n
		s.step++
		s.due = now.Add(probeInterval)
	}
	emit()
}

// announce tells what we have, twice.
func (r *Responder) announce(now time.Time, p *post) {
	var list []dns.RR
	for _, u := range r.units {
		s := u.stages[p.Index]
		if s == nil || s.step < firstAnnouncement || s.step >= settled || s.due.After(now) {
			continue
		}
		list = append(list, u.shared(r.life)...)
		list = append(list, r.unique(u, p.Addrs)...)
		s.step++
		s.due = now.Add(announceInterval)
		r.version++
	}
	if len(list) == 0 {
		return
	}
	// What is not ours any more needs no memory.
	maps.DeleteFunc(p.sent, func(_ string, t time.Time) bool { return now.Sub(t) > repeatAfter })
	list = distinct(list)
	for _, rr := range list {
		r.spoke(p, rr, now)
	}
	r.multicast(p, responses(list, nil))
}

func distinct(list []dns.RR) []dns.RR {
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(rr dns.RR) bool {
		id := identity(rr)
		was := seen[id]
		seen[id] = true
		return was
	})
}

// heed looks for claims to our names in what another host says.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-9: "A conflict occurs when a
// Multicast DNS responder has a unique record for which it is currently
// authoritative, and it receives a Multicast DNS response message containing a
// record with the same name, rrtype and rrclass, but inconsistent rdata."
func (r *Responder) heed(now time.Time, h Heard) {
	for _, rr := range slices.Concat(h.Msg.Answer, h.Msg.Extra) {
		u := r.names[fold(rr.Header().Name)]
		if u == nil || rr.Header().Ttl == 0 || r.isOurs(u, rr) || !claims(u, rr) {
			continue
		}
		s := u.stages[h.NIC]
		switch {
		case s == nil || s.step == firstProbe: // we have not asked for the name yet
		case s.step <= firstAnnouncement:
			r.giveWay(now, u)
		default:
			// "MUST immediately reset its conflicted unique record to probing state, and
			// go through the startup steps": whoever answers keeps the name.
			for _, each := range u.stages {
				*each = stage{firstProbe, r.afterClash(now)}
			}
			r.version++
		}
	}
}

// claims says whether a record is of a type that makes its name one host's own.
func claims(u *unit, rr dns.RR) bool {
	if rr.Header().Class&^flush != dns.ClassINET {
		return false
	}
	switch rr.Header().Rrtype {
	case dns.TypeSRV, dns.TypeTXT:
		return u.service != nil
	case dns.TypeA, dns.TypeAAAA:
		return u.service == nil
	}
	return false
}

// isOurs knows our own records again, those of any interface: two of them may be
// on one network, and everything that we send comes back.
func (r *Responder) isOurs(u *unit, rr dns.RR) bool {
	id := identity(rr)
	for _, p := range r.nics {
		if slices.ContainsFunc(r.unique(u, p.Addrs), func(own dns.RR) bool { return identity(own) == id }) {
			return true
		}
	}
	return false
}

// giveWay takes another name and begins again with it.
func (r *Responder) giveWay(now time.Time, u *unit) {
	for ok := true; ok; ok = r.names[fold(u.fullName())] != nil {
		u.rename()
	}
	due := r.afterClash(now)
	for _, s := range u.stages {
		*s = stage{firstProbe, due}
	}
	r.index()
	if u == r.host { // the SRV records name it
		for _, other := range r.units {
			r.reannounce(now, other)
		}
	}
}

// afterClash says when to probe again.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-8.1: "If fifteen conflicts occur
// within any ten-second period, then the host MUST wait at least five seconds
// before each successive additional probe attempt."
func (r *Responder) afterClash(now time.Time) time.Time {
	r.clashes = slices.DeleteFunc(r.clashes, func(t time.Time) bool { return now.Sub(t) > clashWindow })
	if len(r.clashes) < clashLimit {
		r.clashes = append(r.clashes, now)
	}
	if len(r.clashes) >= clashLimit {
		return now.Add(clashDelay)
	}
	return now.Add(time.Duration(r.random.Int64N(int64(probeInterval))))
}

// tieBreak compares another host's probe for one of our names with our own.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-8.2: "If the host finds that its own
// data is lexicographically earlier, then it defers to the winning host by waiting one
// second, and then begins probing for this record again."
func (r *Responder) tieBreak(now time.Time, h Heard) {
	theirs := make(map[*unit][]dns.RR)
	for _, rr := range h.Msg.Ns {
		if u := r.names[fold(rr.Header().Name)]; u != nil && claims(u, rr) {
			theirs[u] = append(theirs[u], rr)
		}
	}
	for u, records := range theirs {
		s, p := u.stages[h.NIC], r.nics[h.NIC]
		if s == nil || p == nil || s.step > firstAnnouncement || r.allOurs(u, records) {
			continue
		}
		if compareRecords(r.unique(u, p.Addrs), records) < 0 {
			*s = stage{firstProbe, now.Add(tieBreakDelay)}
		}
	}
}

// allOurs says that a probe is our own, which comes back on every interface of the
// network.
func (r *Responder) allOurs(u *unit, records []dns.RR) bool {
	return !slices.ContainsFunc(records, func(rr dns.RR) bool { return !r.isOurs(u, rr) })
}

// compareRecords puts two sets of records in the order of RFC 6762, section 8.2.1:
// sorted, then record by record by class, type and bytes; more records are later.
func compareRecords(a, b []dns.RR) int {
	return slices.CompareFunc(sorted(a), sorted(b), compareRecord)
}

func sorted(list []dns.RR) []dns.RR {
	return slices.SortedFunc(slices.Values(list), compareRecord)
}

func compareRecord(a, b dns.RR) int {
	x, y := a.Header(), b.Header()
	if x.Class&^flush != y.Class&^flush {
		return int(x.Class&^flush) - int(y.Class&^flush)
	}
	if x.Rrtype != y.Rrtype {
		return int(x.Rrtype) - int(y.Rrtype)
	}
	return bytes.Compare(rdata(a), rdata(b))
}
