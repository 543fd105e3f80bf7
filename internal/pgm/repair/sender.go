package repair

import (
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/internal/pgm/packet"
)

const (
	// burstTime is how much of the rate may be saved up: enough for a program that is
	// woken late, and little enough for a receiver's buffer.
	burstTime = 20 * time.Millisecond
	// A packet is not repeated again so soon, whoever asks.
	repairHold = 20 * time.Millisecond
	// Answers that are multicast at once, whoever asks: so many a second, so many in
	// a row. A storm of NAKs gets no more.
	answerRate, answerBurst = 1000, 64
)

// SenderConfig says what a Sender sends as.
type SenderConfig struct {
	Header   packet.Header // the ports and the GSI
	Source   netip.Addr    // where NAKs are to go
	Group    netip.Addr
	Rate     int    // bytes a second, of all that is sent
	Window   int    // bytes that can be repeated
	Payload  int    // bytes of payload in a packet at most
	Overhead int    // bytes that the layers below add to a packet
	First    uint32 // number of the first data packet
}

// Sender is the sending end of a session.
type Sender struct {
	cfg     SenderConfig
	window  ring[kept]
	bytes   int // of the window
	rate    bucket
	answers bucket
	spm     schedule
	spmSqn  uint32
	ended   bool

	confirm [][]uint32 // NCFs to be sent
	repairs []uint32   // packets to be repeated
	data    bool       // new data goes next: it takes turns with repairs
	active  time.Time  // when data was last sent, or asked for
	scratch []byte
}

// kept is a data packet that can be repeated.
type kept struct {
	packet   []byte
	queued   bool      // it is in repairs
	repeated time.Time // the last time
}

// NewSender begins a session.
func NewSender(cfg SenderConfig, now time.Time) *Sender {
	rate := float64(cfg.Rate)
	largest := float64(cfg.Payload + packet.DataOverhead + cfg.Overhead)
	return &Sender{
		cfg:     cfg,
		window:  ring[kept]{first: cfg.First},
		rate:    newBucket(rate, max(rate*burstTime.Seconds(), largest), now),
		answers: newBucket(answerRate, answerBurst, now),
		spm:     newSchedule(now),
		scratch: make([]byte, 0, cfg.Payload),
	}
}

// Poll returns the next packet to be multicast, nil when there is none now. It asks
// fill for new data when there may be some: fill appends a payload of at most size
// bytes to dst, or nothing. The packet is valid until the next call.
func (s *Sender) Poll(now time.Time, fill func(dst []byte, size int) []byte) []byte {
	p := s.next(now, fill)
	if p != nil {
		s.rate.take(len(p) + s.cfg.Overhead)
	}
	return p
}

func (s *Sender) next(now time.Time, fill func([]byte, int) []byte) []byte {
	if len(s.confirm) > 0 {
		return s.ncf()
	}
	if !now.Before(s.spm.when(now)) {
		return s.message(now)
	}
	if !s.rate.ready(now) {
		return nil
	}
	for range 2 {
		s.data = !s.data
		if s.data {
			if p := s.original(now, fill); p != nil {
				return p
			}
		} else if p := s.repeat(now); p != nil {
			return p
		}
	}
	return nil
}

// ncf confirms a NAK. RFC 3208, section 6.3: a source answers a NAK with an NCF at
// once, ahead of the data.
func (s *Sender) ncf() []byte {
	sqns := s.confirm[0]
	s.confirm = s.confirm[1:]
	return s.cfg.Header.AppendNAK(nil, packet.TypeNCF, packet.NAK{Sqns: sqns, Source: s.cfg.Source, Group: s.cfg.Group})
}

// message makes an SPM.
func (s *Sender) message(now time.Time) []byte {
	s.spm.sent(now)
	spm := packet.SPM{Sqn: s.spmSqn, Trail: s.window.first, Lead: s.window.end() - 1, NLA: s.cfg.Source, Fin: s.ended}
	s.spmSqn++
	return s.cfg.Header.AppendSPM(nil, spm)
}

// original makes a packet of new data, and keeps it.
func (s *Sender) original(now time.Time, fill func([]byte, int) []byte) []byte {
	s.scratch = fill(s.scratch[:0], s.cfg.Payload)
	if len(s.scratch) == 0 {
		return nil
	}
	size := packet.DataOverhead + len(s.scratch)
	s.makeRoom(size)
	p := s.cfg.Header.AppendData(make([]byte, 0, size), packet.Data{
		Sqn: s.window.end(), Trail: s.window.first, Body: s.scratch,
	})
	s.window.push(kept{packet: p})
	s.bytes += s.cost(size)
	s.spm.data(now)
	s.active = now
	return p
}

// makeRoom gives up the oldest packets, so that one of the given size fits into the
// window. The newest is always kept.
func (s *Sender) makeRoom(size int) {
	for s.window.n > 1 && s.bytes+s.cost(size) > s.cfg.Window {
		s.bytes -= s.cost(len(s.window.pop().packet))
	}
}

// cost is what a packet takes of the window: as much as of the rate, so that the
// window reaches back as far in time as it is meant to.
func (s *Sender) cost(size int) int { return size + s.cfg.Overhead }

// repeat makes an RDATA, unless nothing is asked for that is still there.
func (s *Sender) repeat(now time.Time) []byte {
	for len(s.repairs) > 0 {
		k := s.window.at(s.repairs[0])
		s.repairs = s.repairs[1:]
		if k == nil {
			continue // the window has moved on
		}
		k.queued, k.repeated = false, now
		packet.Repeat(k.packet, s.window.first)
		s.active = now
		return k.packet
	}
	return nil
}

// Next is when Poll will have something. data says whether there is new data.
func (s *Sender) Next(now time.Time, data bool) time.Time {
	if len(s.confirm) > 0 {
		return now
	}
	t := s.spm.when(now)
	if data || len(s.repairs) > 0 {
		if r := s.rate.when(); r.Before(t) {
			t = r
		}
	}
	return t
}

// Handle takes a packet that came to the source's address. What is not for this
// session, or makes no sense, is passed over.
func (s *Sender) Handle(now time.Time, p []byte) {
	h, rest, err := packet.ParseHeader(p)
	own := packet.TSI{GSI: s.cfg.Header.GSI, Port: s.cfg.Header.SourcePort}
	if err != nil || !h.Upstream() || h.TSI() != own || h.Group() != s.cfg.Header.DestPort {
		return
	}
	switch h.Type {
	case packet.TypeNAK:
		if n, err := h.NAK(rest); err == nil && n.Source == s.cfg.Source && n.Group == s.cfg.Group {
			s.asked(now, n.Sqns)
		}
	case packet.TypeSPMR:
		if s.answers.ready(now) && s.spm.atOnce == 0 {
			s.answers.take(1)
			s.spm.atOnce = 1
		}
	}
}

// asked queues the confirmation of a NAK, and the repair of what is still there.
func (s *Sender) asked(now time.Time, sqns []uint32) {
	if !s.answers.ready(now) {
		return // whoever needs it will ask again
	}
	known := sqns[:0]
	for _, sqn := range sqns {
		k := s.window.at(sqn)
		if k == nil {
			continue
		}
		known = append(known, sqn)
		if !k.queued && now.Sub(k.repeated) >= repairHold {
			k.queued = true
			s.repairs = append(s.repairs, sqn)
		}
	}
	if len(known) > 0 {
		s.answers.take(1)
		s.confirm = append(s.confirm, known)
		s.active = now
	}
}

// Repairing reports whether something that was asked for is still to be sent.
func (s *Sender) Repairing() bool { return len(s.repairs) > 0 || len(s.confirm) > 0 }

// Active is when data was last sent, repeated or asked for; zero for never.
func (s *Sender) Active() time.Time { return s.active }

// End makes the next packets of Poll the SPMs that end the session.
func (s *Sender) End() {
	s.ended = true
	s.spm.atOnce = openings
}

// Ended reports whether they have been sent.
func (s *Sender) Ended() bool { return s.ended && s.spm.atOnce == 0 }
