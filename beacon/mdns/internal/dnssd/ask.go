package dnssd

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Next returns when Poll has to be called next; zero means not before something
// arrives.
func (b *Browser) Next() time.Time {
	if b.heard {
		return time.Unix(0, 1) // has been due all along
	}
	var next time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	remembered := func(m *memory) {
		if m != nil {
			sooner(m.expires)
			sooner(m.due())
		}
	}
	for _, v := range b.nics {
		sooner(v.next)
		for _, in := range v.instances {
			remembered(in.ptr)
			remembered(in.srv)
			remembered(in.text)
			if !in.told {
				sooner(in.chase.next())
			}
		}
		for _, h := range v.hosts {
			for _, m := range h.addrs {
				remembered(m)
			}
			if len(h.addrs) == 0 {
				sooner(h.chase.next())
			}
		}
	}
	return next
}

// Poll forgets what has expired and returns what has to be asked now.
func (b *Browser) Poll(now time.Time) []Packet {
	var out []Packet
	b.heard = false
	for _, i := range slices.Sorted(maps.Keys(b.nics)) {
		v := b.nics[i]
		b.settle(v, now)
		out = append(out, b.ask(v, now)...)
	}
	return out
}

// asks are the questions of one Poll on one interface.
type asks struct {
	all     []dns.Question
	oneShot []dns.Question // those of all that are asked from a port of our own too
}

func (a *asks) add(q dns.Question, oneShot bool) {
	if slices.Contains(a.all, q) {
		return
	}
	a.all = append(a.all, q)
	if oneShot {
		a.oneShot = append(a.oneShot, q)
	}
}

// ask collects the questions of one interface: the one for the type when its time
// has come or a service of the type is about to be forgotten, and those for single
// records.
//
// The question for the type is asked from port 5353 and from a port of our own:
// responders that answer the asker only, as hashicorp's does, would otherwise often
// answer to another program of this host, because they all share port 5353. What
// was only heard in this way is refreshed in the same.
func (b *Browser) ask(v *view, now time.Time) []Packet {
	var a asks
	var known []dns.RR
	scheduled := !v.next.After(now)
	refresh, oneShot := v.refreshPointers(now)
	if scheduled || refresh {
		a.add(question(b.kind, dns.TypePTR), scheduled || oneShot)
		known = v.known(now)
	}
	if scheduled {
		v.next = now.Add(v.interval)
		v.interval = min(growth*v.interval, lastInterval)
	}
	for _, in := range those(v.instances, func(in *instance) bool { return in.wants(now) }) {
		a.instance(in, now)
	}
	for _, h := range those(v.hosts, func(h *host) bool { return h.wants(now) }) {
		a.host(h, now)
	}
	var out []Packet
	for _, each := range queries(a.all, known) {
		out = append(out, Packet{NIC: v.Index, Bytes: each})
	}
	for _, each := range queries(a.oneShot, nil) {
		out = append(out, Packet{NIC: v.Index, Bytes: each, OneShot: true})
	}
	return out
}

// those returns the values that a question is due about, in the order of their keys.
func those[V any](m map[string]V, due func(V) bool) []V {
	var keys []string
	for key, v := range m {
		if due(v) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	list := make([]V, len(keys))
	for i, key := range keys {
		list[i] = m[key]
	}
	return list
}

func (in *instance) wants(now time.Time) bool {
	return !in.told && isDue(in.chase.next(), now) || in.srv.isDue(now) || in.text.isDue(now)
}

func (h *host) wants(now time.Time) bool {
	if len(h.addrs) == 0 {
		return isDue(h.chase.next(), now)
	}
	for _, m := range h.addrs {
		if m.isDue(now) {
			return true
		}
	}
	return false
}

func (m *memory) isDue(now time.Time) bool { return m != nil && isDue(m.due(), now) }

// refreshPointers says whether a pointer is due to be asked for again. One question
// serves them all.
func (v *view) refreshPointers(now time.Time) (refresh, oneShot bool) {
	for _, in := range v.instances {
		if in.ptr.isDue(now) {
			in.ptr.again(now)
			refresh, oneShot = true, oneShot || in.ptr.oneShot
		}
	}
	return refresh, oneShot
}

func isDue(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// known lists the pointers that need not be told again.
//
// By https://www.rfc-editor.org/rfc/rfc6762#section-7.1 a record belongs there only
// while more than half of its life is left: a responder would not take a shorter time
// for an answer that is known.
func (v *view) known(now time.Time) []dns.RR {
	var list []dns.RR
	for _, name := range slices.Sorted(maps.Keys(v.instances)) {
		m := v.instances[name].ptr
		if m != nil && m.expires.Sub(now) > m.ttl/2 && m.asked < len(refreshes) {
			list = append(list, withTTL(withoutFlush(m.rr), m.left(now)))
		}
	}
	return list
}

// instance asks for the records of an instance that are missing or about to be
// forgotten.
func (a *asks) instance(in *instance, now time.Time) {
	missing := !in.told && isDue(in.chase.next(), now)
	if missing {
		in.chase.again(now)
	}
	oneShot := in.ptr != nil && in.ptr.oneShot
	a.need(question(in.name, dns.TypeSRV), in.srv, missing, oneShot, now)
	a.need(question(in.name, dns.TypeTXT), in.text, missing, oneShot, now)
}

func (a *asks) need(q dns.Question, m *memory, missing, oneShot bool, now time.Time) {
	switch {
	case m == nil && missing:
		a.add(q, oneShot)
	case m.isDue(now):
		m.again(now)
		a.add(q, m.oneShot)
	}
}

// host does the same for a host's addresses. Nobody knows in which way they will be
// answered when none is known.
func (a *asks) host(h *host, now time.Time) {
	if len(h.addrs) == 0 && isDue(h.chase.next(), now) {
		h.chase.again(now)
		a.add(question(h.name, dns.TypeA), true)
		a.add(question(h.name, dns.TypeAAAA), true)
	}
	for _, addr := range slices.SortedFunc(maps.Keys(h.addrs), netip.Addr.Compare) {
		if m := h.addrs[addr]; m.isDue(now) {
			m.again(now)
			a.add(question(h.name, m.rr.Header().Rrtype), m.oneShot)
		}
	}
}
