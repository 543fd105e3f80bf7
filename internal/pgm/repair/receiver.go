package repair

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/pgm/packet"
)

const (
	// MaxSources bounds the sources that a receiver knows at a time.
	MaxSources = 64
	// MaxWindow bounds the packets from the first missing one on.
	MaxWindow = 16384

	// expiry is when a source that is not heard any more is forgotten.
	expiry = 300 * time.Second
	// spare is when it may be for another one, and when one is that has ended.
	spare = 90 * time.Second
	// after is for how long one is remembered that has ended, so that a packet that
	// was late on its way is not taken for the first one of another.
	after = 30 * time.Second

	// NAKs of a receiver a second, and in a row. Each can name 63 packets.
	nakRate, nakBurst = 500, 64
	// Where a packet comes from is not proved by it. To one address a source is asked in
	// so many bytes for each that has come from there, and nakOpening more, as with an
	// address that QUIC does not know yet (RFC 9000, section 8); no more than nakCredit is
	// saved.
	nakShare, nakOpening, nakCredit = 3, 2048, 64 << 10
)

// ReceiverConfig says what a Receiver takes.
type ReceiverConfig struct {
	Port   uint16 // of the group
	Budget int    // bytes that wait for others in front of them, of all sources together
	Random *rand.Rand
}

// Receiver is the receiving end of all sessions of a group.
type Receiver struct {
	cfg     ReceiverConfig
	now     time.Time
	sources map[packet.TSI]*Source
	seats   *budget.Pool[[]*Source] // by the address that a source's first packet has come from
	gone    []*Source
	bytes   int // that wait
	naks    bucket
	vain    int // NAKs that nobody has answered
}

// NewReceiver makes a Receiver that has heard nobody yet.
func NewReceiver(cfg ReceiverConfig, now time.Time) *Receiver {
	return &Receiver{cfg: cfg, now: now, sources: map[packet.TSI]*Source{}, naks: newBucket(nakRate, nakBurst, now), seats: budget.NewPool[[]*Source](budget.Rules{
		Most: budget.Amount{Places: MaxSources, Bytes: 1}, Peer: 1, Address: 1,
	})}
}

// Handle takes a packet that was sent to the group from an address. It returns the
// source whose Pull may have something now, nil for none. Packets that make no sense
// are passed over. p belongs to the Receiver.
func (r *Receiver) Handle(now time.Time, group, from netip.Addr, p []byte) *Source {
	r.now = now
	h, rest, err := packet.ParseHeader(p)
	if err != nil || h.Upstream() || h.DestPort != r.cfg.Port {
		return nil
	}
	switch h.Type {
	case packet.TypeSPM:
		m, err := h.SPM(rest)
		// Lead is one behind Trail at the least, when the window is empty.
		if err != nil || ahead(m.Lead, m.Trail) < -1 || m.NLA != from || !isHost(from) {
			return nil
		}
		return r.with(h.TSI(), group, from, len(p), func(s *Source) { s.message(m) })
	case packet.TypeODATA, packet.TypeRDATA:
		d, err := h.Data(rest)
		if err != nil || ahead(d.Sqn, d.Trail) < 0 {
			return nil
		}
		if h.Type == packet.TypeRDATA && r.sources[h.TSI()] == nil {
			return nil // of old: it says nothing of where the source is now
		}
		return r.with(h.TSI(), group, from, len(p), func(s *Source) { s.data(d) })
	case packet.TypeNCF:
		if n, err := h.NAK(rest); err == nil {
			if s := r.sources[h.TSI()]; s != nil {
				s.pays(from, len(p))
				s.confirmed(n.Sqns)
			}
		}
	}
	return nil
}

// isHost reports whether an address can be one that NAKs are sent to.
func isHost(a netip.Addr) bool {
	return a.Is4() && !a.IsMulticast() && !a.IsUnspecified() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// with calls fn with the source of a session, of which a packet of so many bytes has come.
func (r *Receiver) with(tsi packet.TSI, group, from netip.Addr, size int, fn func(*Source)) *Source {
	s := r.sources[tsi]
	if s == nil {
		seat := r.seats.From(budget.Origin(from))
		if len(r.sources) >= MaxSources && !r.evict() && !r.crowdOut(seat) {
			r.seats.Settle(seat)
			return nil
		}
		s = &Source{TSI: tsi, From: from, r: r, group: group, askAt: r.now.Add(spmrDelay), credit: nakOpening}
		s.wake(s.askAt)
		r.sources[tsi] = s
		r.sit(s, seat)
	}
	s.heard = r.now
	fn(s)
	s.pays(from, size)
	return s
}

// evict forgets the source that has been silent for longest, if it is for long
// enough: whoever makes sources up does not drive those out that are there, unless they are
// of an address that has more: see crowdOut.
func (r *Receiver) evict() bool {
	var oldest *Source
	for _, s := range r.sources {
		if s.done {
			oldest = s
			break
		}
		if oldest == nil || s.heard.Before(oldest.heard) {
			oldest = s
		}
	}
	if !oldest.done && r.now.Sub(oldest.heard) < spare {
		return false
	}
	r.forget(oldest)
	return true
}

var oneSeat = budget.Amount{Places: 1}

func (r *Receiver) sit(s *Source, seat *budget.Share[[]*Source]) {
	s.seat = seat
	seat.Owner = append(seat.Owner, s)
	seat.Take(oneSeat)
}

func (r *Receiver) rise(s *Source) {
	s.seat.Owner = slices.DeleteFunc(s.seat.Owner, func(other *Source) bool { return other == s })
	s.seat.Give(oneSeat)
	r.seats.Settle(s.seat)
}

// crowdOut forgets the newest source of the address that has most, for one of an address
// that has fewer: one host that makes sources up does not keep the others out.
func (r *Receiver) crowdOut(seat *budget.Share[[]*Source]) bool {
	return r.seats.MakeRoom(seat, oneSeat, func(crowded *budget.Share[[]*Source]) {
		r.forget(crowded.Owner[len(crowded.Owner)-1])
	}) == budget.Room
}

func (r *Receiver) forget(s *Source) {
	s.drop()
	delete(r.sources, s.TSI)
	r.rise(s)
	r.gone = append(r.gone, s)
}

// Gone returns the sources that have been forgotten since the last call.
func (r *Receiver) Gone() []*Source {
	gone := r.gone
	r.gone = nil
	return gone
}

// Poll returns the next packet to be sent, and to whom; nil when there is none now.
// Afterwards Pull of each source may have something.
func (r *Receiver) Poll(now time.Time) (to netip.Addr, p []byte) {
	r.now = now
	for _, s := range r.sources {
		if !now.Before(s.expires()) {
			r.forget(s)
			continue
		}
		if s.due.IsZero() || now.Before(s.due) {
			continue
		}
		if to, p := s.ask(); p != nil {
			return to, p
		}
	}
	return netip.Addr{}, nil
}

// Next is when Poll will have something; zero for never.
func (r *Receiver) Next() (next time.Time) {
	for _, s := range r.sources {
		next = earlier(next, earlier(s.due, s.expires()))
	}
	return next
}

// earlier is the earlier one of two times, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Vain is how many NAKs for a packet nobody has answered in time.
func (r *Receiver) Vain() int { return r.vain }

// Sources calls fn for each source.
func (r *Receiver) Sources(fn func(*Source)) {
	for _, s := range r.sources {
		fn(s)
	}
}
