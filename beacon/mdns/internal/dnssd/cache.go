package dnssd

import (
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// A memory is one record that was heard, with the times that follow from it.
type memory struct {
	rr      dns.RR
	heard   time.Time
	ttl     time.Duration
	expires time.Time
	asked   int       // how many of the refreshes have been asked for
	last    time.Time // when it was asked for last
	oneShot bool      // it came to a one-shot question, and to no other
}

// refreshes are the shares of a record's life, in percent, after which it is asked
// for again.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-5.2: "The querier should plan to
// issue a query at 80% of the record lifetime, and then if no answer is received,
// at 85%, 90%, and 95%."
var refreshes = [...]time.Duration{80, 85, 90, 95}

const (
	// goodbyeGrace is how long a record lives that was taken back.
	//
	// https://www.rfc-editor.org/rfc/rfc6762#section-10.1: "Queriers receiving a
	// Multicast DNS response with a TTL of zero SHOULD NOT immediately delete the
	// record from the cache, but instead record a TTL of 1 and then delete the record
	// one second later."
	goodbyeGrace = time.Second

	// sameQuestion is how long nobody asks the same again.
	sameQuestion = time.Second

	// maxLife bounds what a peer can make us believe.
	maxLife = 24 * time.Hour
)

func remember(rr dns.RR, now time.Time) *memory {
	ttl := min(time.Duration(rr.Header().Ttl)*time.Second, maxLife)
	return &memory{rr: rr, heard: now, ttl: ttl, expires: now.Add(ttl)}
}

// forgetSoon is what a goodbye and a flush do.
func (m *memory) forgetSoon(now time.Time) {
	if soon := now.Add(goodbyeGrace); soon.Before(m.expires) {
		m.expires = soon
		m.asked = len(refreshes) // nobody need ask
	}
}

// due is when the record has to be asked for again; zero if not any more.
func (m *memory) due() time.Time {
	if m.asked >= len(refreshes) {
		return time.Time{}
	}
	at := m.heard.Add(m.ttl * refreshes[m.asked] / 100)
	if again := m.last.Add(sameQuestion); at.Before(again) {
		return again
	}
	return at
}

// again takes note that the record was asked for. Refreshes that fell into the same
// time are one.
func (m *memory) again(now time.Time) {
	m.last = now
	for m.asked < len(refreshes) && !m.heard.Add(m.ttl*refreshes[m.asked]/100).After(now) {
		m.asked++
	}
}

// left is how many seconds the record has to live.
func (m *memory) left(now time.Time) uint32 {
	return uint32(max(0, m.expires.Sub(now)/time.Second))
}

// merge puts what was heard now over what was known. What comes to a one-shot
// question has a short life by rule, so it never shortens what is known.
func merge(old *memory, rr dns.RR, now time.Time, oneShot bool) *memory {
	if rr.Header().Ttl == 0 {
		if old != nil {
			old.forgetSoon(now)
		}
		return old
	}
	m := remember(rr, now)
	m.oneShot = oneShot
	if old != nil && oneShot && old.expires.After(m.expires) && identity(old.rr) == identity(rr) {
		return old
	}
	if old != nil {
		m.last = old.last
	}
	return m
}

// A chase asks for something that is needed and was not told, at growing intervals,
// and gives up after a while.
type chase struct {
	tries int
	at    time.Time
}

const (
	chaseFirst = 100 * time.Millisecond // it may be in the next packet
	chaseLimit = 6
)

// next is when to ask; zero when not.
func (c *chase) next() time.Time {
	if c.tries >= chaseLimit {
		return time.Time{}
	}
	return c.at
}

func (c *chase) begin(now time.Time) {
	if c.at.IsZero() {
		c.at = now.Add(chaseFirst)
	}
}

func (c *chase) again(now time.Time) {
	c.at = now.Add(sameQuestion << c.tries)
	c.tries++
}

// An instance is what is known of one service on one interface.
type instance struct {
	name  string // full, as it was heard first
	place place
	host  string // folded; where srv points
	ptr   *memory
	srv   *memory
	text  *memory
	chase chase
	told  bool // whether it was given out and not taken back
	stale bool // whether it has changed since it was given out
}

// A host is what is known of the addresses of one host on one interface.
type host struct {
	name  string
	addrs map[netip.Addr]*memory
	chase chase
	stale bool // whether addrs has changed since the last settling
}

func addrOf(rr dns.RR) (netip.Addr, bool) {
	switch r := rr.(type) {
	case *dns.A:
		return netip.AddrFromSlice(r.A.To4())
	case *dns.AAAA:
		a, ok := netip.AddrFromSlice(r.AAAA)
		return a, ok && !a.Is4In6()
	}
	return netip.Addr{}, false
}
