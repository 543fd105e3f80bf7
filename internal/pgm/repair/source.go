package repair

import (
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/pgm/packet"
)

// Source is one session, as a receiver hears it.
//
// Of each packet from the first one on that has not been pulled, its window knows
// whether it is there, missing, or given up. What comes beyond the window is left to
// be asked for later.
type Source struct {
	TSI  packet.TSI
	From netip.Addr // where its first packet came from

	r      *Receiver
	seat   *budget.Share[[]*Source] // its address's
	group  netip.Addr
	nla    netip.Addr // where NAKs go; not valid before an SPM has come
	heard  time.Time
	due    time.Time // when ask has something to do; zero for never
	askAt  time.Time // when to ask for an SPM, unless one has come
	spm    uint32    // number of the last SPM, when nla is valid
	known  bool      // the window has a beginning, and lead is valid
	lead   uint32    // the newest packet that is known of
	trail  uint32    // the oldest one that can be had
	fin    bool      // the source has said that it ends
	done   bool      // it has, and everything has been pulled
	window ring[slot]
	credit int  // bytes that may be sent to where it is
	short  bool // they did not suffice
	// largest is the largest payload so far.
	largest int
	ready   []Item // pulled before the window
}

// slot is one packet of the window.
type slot struct {
	state state
	// tries are NAKs that got no answer, and answers that no data followed.
	naks, waits uint8
	due         time.Time
	body        []byte
}

type state uint8

const (
	backOff  state = iota // missing; a NAK will be sent, unless another receiver's is heard
	waitNCF               // a NAK was sent
	waitData              // the source has confirmed a NAK, anybody's
	have
	lost
)

// slotCost is what a packet that waits counts for beside its bytes.
const slotCost = 64

// Item is what a source has for its reader.
type Item struct {
	Body []byte // the payload of the next packet, unless
	Lost int    // so many packets were lost in front of the next one, or
	End  bool   // the source has ended
}

// message takes an SPM.
func (s *Source) message(m packet.SPM) {
	if s.nla.IsValid() && ahead(m.Sqn, s.spm) <= 0 {
		return // an older one that was late
	}
	if !s.nla.IsValid() {
		s.wake(s.r.now) // what is missing could not be asked for
	}
	if s.nla.IsValid() && s.nla != m.NLA {
		s.credit = nakOpening
	}
	s.spm, s.nla = m.Sqn, m.NLA
	if !s.known {
		s.begin(m.Lead + 1)
	}
	s.advance(m.Trail)
	s.extend(m.Lead)
	s.fin = s.fin || m.Fin
}

// where is the address that the source is asked at.
func (s *Source) where() netip.Addr {
	if s.nla.IsValid() {
		return s.nla
	}
	return s.From
}

// pays lets more be asked for a packet of so many bytes, if it comes from there.
func (s *Source) pays(from netip.Addr, size int) {
	if from != s.where() {
		return
	}
	s.credit = min(s.credit+nakShare*size, nakCredit)
	if s.short {
		s.short = false
		s.wake(s.r.now)
	}
}

// begin starts the window. What a source sent before it was heard is not asked for.
func (s *Source) begin(sqn uint32) {
	s.known, s.lead, s.trail = true, sqn-1, sqn
	s.window.first = sqn
}

// data takes a data packet.
func (s *Source) data(d packet.Data) {
	if !s.known {
		s.begin(d.Sqn)
	}
	s.advance(d.Trail)
	s.extend(d.Sqn)
	at := s.window.at(d.Sqn)
	if at == nil || at.state == have || at.state == lost {
		return // of the past, or beyond the window
	}
	s.largest = max(s.largest, len(d.Body))
	size := len(d.Body) + slotCost
	if d.Sqn != s.window.first && s.r.bytes+size > s.r.cfg.Budget {
		return // as if it had not come; what is next is always taken
	}
	s.r.bytes += size
	at.state, at.body = have, d.Body
}

// extend takes notice of packets up to lead: those that have not come are missing.
func (s *Source) extend(lead uint32) {
	if ahead(lead, s.lead) > 0 {
		s.lead = lead
		s.fin, s.done = false, false // whoever goes on has not ended
	}
	if ahead(s.lead, s.window.end()) < 0 || s.window.n >= MaxWindow {
		return
	}
	due := s.backoff()
	for ahead(s.lead, s.window.end()) >= 0 && s.window.n < MaxWindow {
		s.window.push(slot{due: due})
	}
	s.wake(due)
}

// advance takes notice that nothing in front of trail can be had any more.
func (s *Source) advance(trail uint32) {
	if ahead(trail, s.trail) <= 0 || ahead(trail, s.window.first) <= 0 {
		return
	}
	from := s.trail
	if ahead(s.window.first, from) > 0 {
		from = s.window.first
	}
	s.trail = trail
	if ahead(trail, s.window.end()) > 0 {
		s.flush(trail)
		return
	}
	for sqn := from; sqn != trail; sqn++ {
		if at := s.window.at(sqn); at.state != have {
			at.state = lost
		}
	}
}

// flush empties the window, which begins anew at trail. What was there is kept for
// Pull.
func (s *Source) flush(trail uint32) {
	for s.window.n > 0 {
		if sl := s.window.pop(); sl.state == have {
			s.ready = append(s.ready, Item{Body: sl.body})
		} else {
			s.lose(1)
		}
	}
	s.lose(ahead(trail, s.window.first))
	s.window.first = trail
	if ahead(s.lead, trail) < -1 {
		s.lead = trail - 1
	}
}

// lose makes n packets one Item with those lost before them.
func (s *Source) lose(n int) {
	if n == 0 {
		return
	}
	if last := len(s.ready) - 1; last >= 0 && s.ready[last].Lost > 0 {
		s.ready[last].Lost += n
		return
	}
	s.ready = append(s.ready, Item{Lost: n})
}

// Pull takes what is next. ok is false when there is nothing yet.
func (s *Source) Pull() (it Item, ok bool) {
	if len(s.ready) == 0 {
		s.settle()
	}
	if len(s.ready) > 0 {
		it, s.ready = s.ready[0], s.ready[1:]
		if it.Lost == 0 {
			s.r.bytes -= len(it.Body) + slotCost
		}
		return it, true
	}
	if s.fin && !s.done && s.known && s.window.n == 0 {
		s.done = true
		return Item{End: true}, true
	}
	return Item{}, false
}

// settle takes the next packet, or the next run of lost ones, out of the window.
func (s *Source) settle() {
	was := s.window.n
	for s.window.n > 0 {
		at := s.window.at(s.window.first)
		if at.state == have && len(s.ready) == 0 {
			s.ready = append(s.ready, Item{Body: s.window.pop().body})
			break
		}
		if at.state != lost {
			break
		}
		s.window.pop()
		s.lose(1)
	}
	if was == MaxWindow {
		s.extend(s.lead) // the window has moved over what did not fit
	}
}

// drop gives back what the source takes of the budget.
func (s *Source) drop() {
	for s.window.n > 0 {
		if sl := s.window.pop(); sl.state == have {
			s.r.bytes -= len(sl.body) + slotCost
		}
	}
	for _, it := range s.ready {
		if it.Lost == 0 {
			s.r.bytes -= len(it.Body) + slotCost
		}
	}
	s.ready = nil
}

// expires is when the source is forgotten unless it is heard.
func (s *Source) expires() time.Time {
	if s.done {
		return s.heard.Add(after)
	}
	return s.heard.Add(expiry)
}
