package dnssd

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// A Finding is one service as it was found on one interface.
type Finding struct {
	NIC       int
	Interface string
	Instance  string // the name that people see
	Type      string // the full name of its type
	Host      string // the full name of its host
	Port      uint16
	Text      []string     // raw strings
	Addrs     []netip.Addr // in order; link-local ones with the interface as their zone
}

// A Key names a Finding.
type Key struct {
	NIC  int
	Name string // folded
}

// A Browser finds the services of one type, continuously. It is not safe for
// several goroutines.
type Browser struct {
	kind   string
	limit  int
	random *rand.Rand
	found  func(Key, Finding)
	lost   func(Key)

	nics    map[int]*view
	heard   bool   // whether there is something for Poll to settle
	Refused uint64 // instances, hosts and addresses above the limits
}

// A view is what is known on one interface, and when it will be asked about.
type view struct {
	NIC
	instances map[string]*instance // by folded name
	places    places               // of the instances
	hosts     map[string]*host     // by folded name
	targets   map[string]bool      // the folded names of the hosts of all instances
	next      time.Time            // of the question for the type
	interval  time.Duration        // before the question after that
}

// The times of RFC 6762, section 5.2.
const (
	firstQueryMin = 20 * time.Millisecond
	firstQueryMax = 120 * time.Millisecond
	firstInterval = time.Second
	growth        = 3
	lastInterval  = time.Hour

	maxAddrs     = 16   // of one host
	maxHeardText = 4096 // bytes of one TXT record
)

// NewBrowser makes a Browser for a type, from ParseType. It calls found when a
// service is found or has changed, and lost when it has gone. On each interface it
// remembers limit services at most; above it the address that has told of the most gives
// way.
func NewBrowser(kind string, limit int, random *rand.Rand, found func(Key, Finding), lost func(Key)) *Browser {
	return &Browser{kind: kind, limit: limit, random: random, found: found, lost: lost, nics: make(map[int]*view)}
}

// SetNICs tells the Browser which interfaces there are. What was found on one that
// has gone is lost; on a new one the questions begin.
func (b *Browser) SetNICs(now time.Time, nics []NIC) {
	gone := maps.Clone(b.nics)
	for _, n := range nics {
		delete(gone, n.Index)
		if v := b.nics[n.Index]; v != nil {
			v.NIC = n
			continue
		}
		b.nics[n.Index] = &view{
			NIC: n, instances: make(map[string]*instance), places: newPlaces(b.limit), hosts: make(map[string]*host), targets: make(map[string]bool),
			next: now.Add(b.between(firstQueryMin, firstQueryMax)), interval: firstInterval,
		}
	}
	for i, v := range gone {
		for name, in := range v.instances {
			if in.told {
				b.lost(Key{i, name})
			}
		}
		delete(b.nics, i)
	}
}

func (b *Browser) between(x, y time.Duration) time.Duration {
	return x + time.Duration(b.random.Int64N(int64(y-x)))
}

// Handle takes a packet that has arrived. What follows from it is told by the next Poll:
// looking through all that is known costs too much for each packet of a flood. The records
// of a packet are read in the order in which they depend on each other, whatever order they
// are in.
func (b *Browser) Handle(now time.Time, h Heard) {
	v := b.nics[h.NIC]
	if v == nil || !h.Msg.Response || h.From.Port() != Port {
		return
	}
	b.heard = true
	records := slices.Concat(h.Msg.Answer, h.Msg.Ns, h.Msg.Extra)
	for _, read := range []func(*view, time.Time, dns.RR, Heard){b.readPointer, b.readInstance, b.readAddress} {
		for _, rr := range records {
			if rr.Header().Class&^flush == dns.ClassINET {
				read(v, now, rr, h)
			}
		}
	}
}

func (b *Browser) readPointer(v *view, now time.Time, rr dns.RR, from Heard) {
	ptr, ok := rr.(*dns.PTR)
	if !ok || fold(ptr.Hdr.Name) != fold(b.kind) || !b.fits(ptr.Ptr) {
		return
	}
	key := fold(ptr.Ptr)
	in := v.instances[key]
	if in == nil {
		if ptr.Hdr.Ttl == 0 {
			return
		}
		at, ok := v.places.take(from.From.Addr(), key, func(name string) { b.drop(v, name) })
		if !ok {
			b.Refused++
			return
		}
		in = &instance{name: ptr.Ptr, place: at}
		v.instances[key] = in
	}
	in.ptr = merge(in.ptr, ptr, now, from.OneShot)
}

// fits says whether a name is that of an instance of our type.
func (b *Browser) fits(name string) bool {
	_, rest := cut(name)
	return fold(rest) == fold(b.base())
}

// base is the type without its subtype.
func (b *Browser) base() string {
	if _, base, ok := strings.Cut(b.kind, "._sub."); ok {
		return base
	}
	return b.kind
}

func (b *Browser) readInstance(v *view, now time.Time, rr dns.RR, from Heard) {
	in := v.instances[fold(rr.Header().Name)]
	if in == nil {
		return
	}
	switch rec := rr.(type) {
	case *dns.SRV:
		if b.replaces(in.srv, rr, now) {
			in.srv, in.stale = merge(in.srv, rr, now, from.OneShot), true
			in.host = fold(in.srv.rr.(*dns.SRV).Target)
			v.targets[in.host] = true
		}
	case *dns.TXT:
		if size := dns.Len(rec); size > maxHeardText {
			b.Refused++
		} else if b.replaces(in.text, rr, now) {
			in.text, in.stale = merge(in.text, rr, now, from.OneShot), true
		}
	}
}

// replaces decides whether what was heard takes the place of what is known, since
// an instance has one SRV and one TXT record. A goodbye counts only for what it
// says goodbye to.
func (b *Browser) replaces(old *memory, rr dns.RR, now time.Time) bool {
	if rr.Header().Ttl > 0 {
		return true
	}
	if old != nil && identity(old.rr) == identity(rr) {
		old.forgetSoon(now)
	}
	return false
}

func (b *Browser) readAddress(v *view, now time.Time, rr dns.RR, from Heard) {
	addr, ok := addrOf(rr)
	h := v.hosts[fold(rr.Header().Name)]
	if !ok {
		return
	}
	if h == nil {
		if len(v.hosts) >= b.limit {
			b.Refused++ // some of them may go with the next Poll: then it is asked for
			return
		}
		if h = v.wanted(rr.Header().Name); h == nil {
			return
		}
	}
	if rr.Header().Class&flush != 0 {
		h.flush(addr, now)
	}
	old := h.addrs[addr]
	if old == nil && (rr.Header().Ttl == 0 || len(h.addrs) >= maxAddrs) {
		return
	}
	h.addrs[addr] = merge(old, rr, now, from.OneShot)
	h.stale = h.stale || old == nil
}

// flush forgets the other addresses of the same family that were not heard just now.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-10.2: "all old records with that
// name, rrtype, and rrclass that were received more than one second ago are declared
// invalid, and marked to expire from the cache in one second."
func (h *host) flush(but netip.Addr, now time.Time) {
	for a, m := range h.addrs {
		if a != but && a.Is4() == but.Is4() && now.Sub(m.heard) > time.Second {
			m.forgetSoon(now)
		}
	}
}

// wanted makes a place for the addresses of a host, if an instance is there.
func (v *view) wanted(name string) *host {
	key := fold(name)
	if !v.targets[key] {
		return nil
	}
	h := &host{name: name, addrs: make(map[netip.Addr]*memory)}
	v.hosts[key] = h
	return h
}

// settle forgets what has expired, and tells what has changed.
func (b *Browser) settle(v *view, now time.Time) {
	over := func(m *memory) bool { return m != nil && !m.expires.After(now) }
	for _, h := range v.hosts {
		n := len(h.addrs)
		maps.DeleteFunc(h.addrs, func(_ netip.Addr, m *memory) bool { return over(m) })
		h.stale = h.stale || len(h.addrs) < n
	}
	used := make(map[string]bool, len(v.targets))
	for key, in := range v.instances {
		if over(in.srv) {
			in.srv, in.host, in.stale = nil, "", true
		}
		if over(in.text) {
			in.text, in.stale = nil, true
		}
		if in.ptr == nil || over(in.ptr) {
			b.drop(v, key)
			continue
		}
		used[in.host] = true
		b.tell(v, key, in, now)
	}
	maps.DeleteFunc(v.hosts, func(key string, h *host) bool {
		h.stale = false
		return !used[key]
	})
	v.targets = used
}

// tell gives an instance out when it is complete, or begins to ask for what it lacks.
func (b *Browser) tell(v *view, key string, in *instance, now time.Time) {
	h := v.hosts[in.host]
	if in.srv != nil && h == nil {
		h = v.wanted(in.srv.rr.(*dns.SRV).Target)
	}
	if in.srv != nil && in.text != nil && len(h.addrs) > 0 {
		in.chase, h.chase = chase{}, chase{}
		if in.stale || h.stale || !in.told {
			in.told, in.stale = true, false
			b.found(Key{v.Index, key}, b.finding(v, in, h))
		}
		return
	}
	b.retract(v, key, in)
	if in.srv == nil || in.text == nil {
		in.chase.begin(now)
	} else {
		h.chase.begin(now)
	}
}

func (b *Browser) retract(v *view, key string, in *instance) {
	if in.told {
		in.told = false
		b.lost(Key{v.Index, key})
	}
}

// drop forgets an instance.
func (b *Browser) drop(v *view, key string) {
	in := v.instances[key]
	b.retract(v, key, in)
	delete(v.instances, key)
	v.places.give(in.place)
}

func (b *Browser) finding(v *view, in *instance, h *host) Finding {
	label, _ := cut(in.name)
	srv := in.srv.rr.(*dns.SRV)
	f := Finding{
		NIC: v.Index, Interface: v.Name, Instance: label, Type: b.base(), Host: srv.Target, Port: srv.Port,
	}
	for _, t := range in.text.rr.(*dns.TXT).Txt {
		if raw := Unescape(t); raw != "" {
			f.Text = append(f.Text, raw)
		}
	}
	for a := range h.addrs {
		if a.Is6() && a.IsLinkLocalUnicast() {
			a = a.WithZone(v.Name)
		}
		f.Addrs = append(f.Addrs, a)
	}
	slices.SortFunc(f.Addrs, netip.Addr.Compare)
	return f
}

// Counts returns how many services and hosts are remembered, complete or not.
func (b *Browser) Counts() (instances, hosts int) {
	for _, v := range b.nics {
		instances += len(v.instances)
		hosts += len(v.hosts)
	}
	return instances, hosts
}
