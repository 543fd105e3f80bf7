package dnssd

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/go-zactor/zactor/beacon/internal/rate"
)

// Errors of Add.
var (
	ErrTaken = errors.New("service is announced already")
	ErrText  = errors.New("text record too long")
)

// MaxText is how many bytes all strings of a service may have together.
//
// https://www.rfc-editor.org/rfc/rfc6763#section-6.2: "Keeping the TXT record under
// 1300 bytes should allow it to fit in a single 1500-byte Ethernet packet."
const MaxText = 1300

// A Responder makes services known: it probes for their names, announces them,
// answers questions, defends the names, and says goodbye. It is not safe for
// several goroutines.
//
// The names are the same on all interfaces; probing, announcing and the addresses
// go by interface.
type Responder struct {
	life   Lifetime
	random *rand.Rand
	// Delegated says that another program answers the questions for PTR, SRV and TXT
	// records that ask for a unicast answer, from the Zone.
	Delegated bool

	host    *unit
	units   []*unit // the host first, then the services as they were added
	nics    map[int]*post
	ready   []Packet // to be sent by the next Poll
	clashes []time.Time

	replies *rate.Fair // to single addresses

	names    map[string]*unit     // by folded full name
	pointers map[string][]pointer // by folded owner name
	version  int                  // changes with everything that Zone shows
}

// A unit is a name that has to be ours alone, with all that is known under it: the
// host, or one service.
type unit struct {
	wanted  string   // the label that was asked for
	label   string   // the label that it has
	tries   int      // how many labels there were
	service *Service // nil for the host
	stages  map[int]*stage
}

// A pointer is a shared record and the unit that it belongs to.
type pointer struct {
	unit *unit
	rr   dns.RR
}

// A post is what the Responder does on one interface.
type post struct {
	NIC
	pending map[string]*answer   // by identity
	sent    map[string]time.Time // when a record was multicast last, by identity
}

// NewResponder makes a Responder for a host that wants to be called label.
func NewResponder(label string, life Lifetime, random *rand.Rand) (*Responder, error) {
	if err := checkLabel(label); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	host := &unit{wanted: label, label: label, tries: 1, stages: make(map[int]*stage)}
	r := &Responder{life: life, random: random, host: host, units: []*unit{host}, nics: make(map[int]*post), replies: rate.New(maxReplies)}
	r.index()
	return r, nil
}

// Check says whether a service can be announced.
func (s *Service) Check() error {
	if err := checkLabel(s.Instance); err != nil {
		return fmt.Errorf("instance: %w", err)
	}
	for _, sub := range s.Subtypes {
		if err := checkLabel(sub); err != nil {
			return fmt.Errorf("subtype: %w", err)
		}
	}
	size := 0
	for _, t := range s.Text {
		if len(t) > 255 {
			return fmt.Errorf("%w: %.20q has %d bytes: the limit is 255", ErrText, t, len(t))
		}
		size += 1 + len(t)
	}
	if size > MaxText {
		return fmt.Errorf("%w: %d bytes: the limit is %d", ErrText, size, MaxText)
	}
	return nil
}

// Add begins to announce a service. Its name may change when it turns out to be
// taken.
func (r *Responder) Add(now time.Time, s Service) error {
	if err := s.Check(); err != nil {
		return err
	}
	if r.find(s.Instance, s.Type) != nil {
		return fmt.Errorf("%w: %q of type %s", ErrTaken, s.Instance, s.Type)
	}
	u := &unit{wanted: s.Instance, label: s.Instance, tries: 1, service: &s, stages: make(map[int]*stage)}
	for r.names[fold(u.fullName())] != nil {
		u.rename()
	}
	for _, p := range r.nics {
		u.stages[p.Index] = r.firstStage(now)
	}
	r.units = append(r.units, u)
	r.index()
	return nil
}

// Update replaces the port, text and subtypes of the service that was added under
// the same instance and type, and announces them.
func (r *Responder) Update(now time.Time, s Service) error {
	if err := s.Check(); err != nil {
		return err
	}
	u := r.find(s.Instance, s.Type)
	if u == nil {
		return r.Add(now, s)
	}
	u.service = &s
	r.reannounce(now, u)
	r.index()
	return nil
}

// Remove says goodbye to a service.
func (r *Responder) Remove(instance, kind string) {
	u := r.find(instance, kind)
	if u == nil {
		return
	}
	r.farewell(u)
	r.units = slices.DeleteFunc(r.units, func(o *unit) bool { return o == u })
	r.index()
}

// Bye says goodbye to everything. The Responder is of no use afterwards.
func (r *Responder) Bye() {
	for n := len(r.units); n > 0; n-- {
		r.farewell(r.units[n-1])
		r.units = r.units[:n-1]
	}
	r.host = &unit{}
	r.index()
}

// find looks a service up by the name that it was added under.
func (r *Responder) find(instance, kind string) *unit {
	for _, u := range r.units {
		if u.service != nil && u.wanted == instance && fold(u.service.Type) == fold(kind) {
			return u
		}
	}
	return nil
}

// Label returns the name that a service has now, and whether it has been announced
// on any interface.
func (r *Responder) Label(instance, kind string) (label string, announced bool) {
	u := r.find(instance, kind)
	if u == nil {
		return "", false
	}
	return r.label(u)
}

func (r *Responder) label(u *unit) (label string, announced bool) {
	for _, s := range u.stages {
		announced = announced || s.step > firstAnnouncement
	}
	return u.label, announced
}

// Version changes whenever Zone or Label would answer otherwise.
func (r *Responder) Version() int { return r.version }

// SetNICs tells the Responder which interfaces there are. A new one is probed and
// told everything; on one whose addresses have changed the new ones are announced.
func (r *Responder) SetNICs(now time.Time, nics []NIC) {
	gone := make(map[int]bool)
	for i := range r.nics {
		gone[i] = true
	}
	for _, n := range nics {
		delete(gone, n.Index)
		p := r.nics[n.Index]
		switch {
		case p == nil:
			r.nics[n.Index] = &post{NIC: n, pending: make(map[string]*answer), sent: make(map[string]time.Time)}
			for _, u := range r.units {
				u.stages[n.Index] = r.firstStage(now)
			}
		case !slices.Equal(p.Addrs, n.Addrs):
			p.NIC = n
			r.reannounceOn(now, r.host, p.Index)
		default:
			p.NIC = n
		}
	}
	for i := range gone {
		delete(r.nics, i)
		for _, u := range r.units {
			delete(u.stages, i)
		}
	}
}

// index makes the tables that questions are looked up in.
func (r *Responder) index() {
	r.version++
	r.names = make(map[string]*unit, len(r.units))
	r.pointers = make(map[string][]pointer)
	for _, u := range r.units {
		r.names[fold(u.fullName())] = u
		for _, rr := range u.shared(r.life) {
			owner := fold(rr.Header().Name)
			r.pointers[owner] = append(r.pointers[owner], pointer{u, rr})
		}
	}
}

func (u *unit) fullName() string {
	if u.service == nil {
		return Escape(u.label) + "." + Domain
	}
	return u.service.fullName(u.label)
}

// rename gives the unit the next name to try.
func (u *unit) rename() {
	u.tries++
	format := "-%d"
	if u.service != nil {
		format = " (%d)"
	}
	u.label = numbered(u.wanted, u.tries, format)
}

func (u *unit) shared(life Lifetime) []dns.RR {
	if u.service == nil {
		return nil
	}
	return u.service.shared(u.label, life)
}

// unique returns the records under the unit's own name, as an interface with these
// addresses shows them.
func (r *Responder) unique(u *unit, addrs []netip.Addr) []dns.RR {
	if u.service == nil {
		return addresses(u.fullName(), addrs, r.life)
	}
	return u.service.unique(u.label, r.host.fullName(), r.life)
}

// farewell takes back what was announced of a unit.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-10.1: "the host SHOULD send an
// unsolicited Multicast DNS response packet, giving the same resource record name,
// rrtype, rrclass, and rdata, but an RR TTL of zero."
func (r *Responder) farewell(u *unit) {
	for _, p := range r.posts() {
		s := u.stages[p.Index]
		if s == nil || s.step <= firstAnnouncement {
			continue
		}
		var list []dns.RR
		for _, rr := range slices.Concat(u.shared(r.life), r.unique(u, p.Addrs)) {
			if !r.sharedByAnother(u, rr) {
				delete(p.pending, identity(rr))
				list = append(list, withTTL(rr, 0))
			}
		}
		r.multicast(p, responses(list, nil))
	}
}

// sharedByAnother says that a second service of ours has the very same record, as
// those of one type have the one that lists the type.
func (r *Responder) sharedByAnother(u *unit, rr dns.RR) bool {
	id := identity(rr)
	return slices.ContainsFunc(r.pointers[fold(rr.Header().Name)], func(p pointer) bool {
		return p.unit != u && slices.Contains(r.units, p.unit) && identity(p.rr) == id
	})
}

func (r *Responder) multicast(p *post, packets [][]byte) {
	for _, b := range packets {
		r.ready = append(r.ready, Packet{NIC: p.Index, Bytes: b})
	}
}

// posts returns the interfaces in the order of their indices, so that the same
// calls always have the same outcome.
func (r *Responder) posts() []*post {
	list := make([]*post, 0, len(r.nics))
	for _, p := range r.nics {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *post) int { return a.Index - b.Index })
	return list
}

// Next returns when Poll has to be called next; zero means not before something
// arrives.
func (r *Responder) Next() time.Time {
	var next time.Time
	if len(r.ready) > 0 {
		return time.Unix(0, 1) // has been due all along
	}
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for _, u := range r.units {
		for _, s := range u.stages {
			if s.step < settled {
				sooner(s.due)
			}
		}
	}
	for _, p := range r.nics {
		for _, a := range p.pending {
			sooner(a.due)
		}
	}
	return next
}

// Poll returns what has to be sent now.
func (r *Responder) Poll(now time.Time) []Packet {
	for _, p := range r.posts() {
		r.probe(now, p)
		r.announce(now, p)
		r.answer(now, p)
	}
	out := r.ready
	r.ready = nil
	return out
}
