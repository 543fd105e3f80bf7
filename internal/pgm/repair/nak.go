package repair

import (
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/internal/pgm/packet"
)

// The intervals of RFC 3208, appendix and section 6.3, with the values that OpenPGM
// has in libzmq.
const (
	nakBackOff = 50 * time.Millisecond  // NAK_BO_IVL: at random up to this
	nakRepeat  = 200 * time.Millisecond // NAK_RPT_IVL: an NCF must come
	nakData    = 200 * time.Millisecond // NAK_RDATA_IVL: the data must come
	nakTries   = 50                     // NAK_NCF_RETRIES and NAK_DATA_RETRIES
	spmrDelay  = 25 * time.Millisecond  // an SPM is asked for when none has come
	spmrRepeat = time.Second            // and again
	fullTime   = 50 * time.Millisecond  // when there is room again is looked at so often
	// scanTime is the least time between two looks at all that is missing.
	scanTime = 5 * time.Millisecond
)

// backoff is when a NAK may be sent. RFC 3208, section 6.3: at a random time, so that
// of many receivers who miss a packet one asks and the others hear it answered.
func (s *Source) backoff() time.Time {
	return s.r.now.Add(time.Duration(s.r.cfg.Random.Int64N(int64(nakBackOff))))
}

// wake makes ask be called at t.
func (s *Source) wake(t time.Time) { s.due = earlier(s.due, t) }

// confirmed takes an NCF: no need to ask, the data will come.
func (s *Source) confirmed(sqns []uint32) {
	for _, sqn := range sqns {
		if at := s.window.at(sqn); at != nil && at.state < waitData {
			at.state, at.due = waitData, s.r.now.Add(nakData)
			s.wake(at.due)
		}
	}
}

// ask looks at what is missing, and returns the packet that asks for what is due. It
// is nil when nothing is, or not yet.
func (s *Source) ask() (to netip.Addr, p []byte) {
	s.due = time.Time{}
	if !s.nla.IsValid() {
		return s.askPath()
	}
	limit := s.affords()
	if !s.r.naks.ready(s.r.now) {
		limit = 0
	}
	sqns := s.collect(limit)
	if len(sqns) == 0 {
		if !s.due.IsZero() {
			s.due = later(s.due, s.r.now.Add(scanTime))
		}
		return to, nil
	}
	s.r.naks.take(1)
	h := packet.Header{SourcePort: s.r.cfg.Port, DestPort: s.TSI.Port, GSI: s.TSI.GSI}
	p = h.AppendNAK(nil, packet.TypeNAK, packet.NAK{Sqns: sqns, Source: s.nla, Group: s.group})
	s.credit -= len(p)
	return s.nla, p
}

// affords is how many packets a NAK may name that is within the credit.
func (s *Source) affords() int {
	const one, list, each = 36, 8, 4 // bytes: of a NAK for one packet, and more for others
	switch left := s.credit - one; {
	case left < 0:
		return 0
	default:
		return min(1+max(0, left-list)/each, packet.MaxList)
	}
}

// collect makes the list of the packets that a NAK is due for, limit at most. It
// looks no further than there is room for what it asks for: a reader who does not
// keep up must not have packets repeated only to drop them once more.
func (s *Source) collect(limit int) (sqns []uint32) {
	room := s.room()
	for i := range uint32(s.window.n) {
		sqn := s.window.first + i
		at := s.window.at(sqn)
		if at.state >= have {
			continue
		}
		if room--; room < 0 {
			s.wake(s.r.now.Add(fullTime))
			break
		}
		if !s.expire(at) {
			continue
		}
		if len(sqns) == limit {
			if s.affords() == 0 {
				s.short = true
			} else {
				s.wake(s.r.naks.when())
			}
			break
		}
		sqns = append(sqns, sqn)
		at.state, at.due = waitNCF, s.r.now.Add(nakRepeat)
		s.wake(at.due)
	}
	return sqns
}

// room is how many more packets may wait, judging by the largest one so far. What is
// next for the reader is always taken.
func (s *Source) room() int {
	n := (s.r.cfg.Budget - s.r.bytes) / (s.largest + slotCost)
	if front := s.window.at(s.window.first); n < 1 && front != nil && front.state < have {
		return 1
	}
	return n
}

// expire moves a packet on whose time has come. It reports whether a NAK for it is
// due.
func (s *Source) expire(at *slot) (nak bool) {
	if s.r.now.Before(at.due) {
		s.wake(at.due)
		return false
	}
	switch at.state {
	case backOff:
		return true
	case waitNCF:
		at.naks++
		s.r.vain++
	case waitData:
		at.waits++
	}
	if at.naks >= nakTries || at.waits >= nakTries {
		at.state = lost
		return false
	}
	at.state, at.due = backOff, s.backoff()
	s.wake(at.due)
	return false
}

// askPath asks for an SPM: without one it is not known where NAKs go.
func (s *Source) askPath() (netip.Addr, []byte) {
	now := s.r.now
	switch {
	case now.Before(s.askAt):
		s.wake(s.askAt)
		return netip.Addr{}, nil
	case !isHost(s.From):
		return netip.Addr{}, nil
	case s.affords() == 0:
		s.short = true
		return netip.Addr{}, nil
	case !s.r.naks.ready(now):
		s.wake(s.r.naks.when())
		return netip.Addr{}, nil
	}
	s.r.naks.take(1)
	s.askAt = now.Add(spmrRepeat)
	s.wake(s.askAt)
	h := packet.Header{SourcePort: s.r.cfg.Port, DestPort: s.TSI.Port, GSI: s.TSI.GSI}
	p := h.AppendSPMR(nil)
	s.credit -= len(p)
	return s.From, p
}

// later is the later one of two times.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
