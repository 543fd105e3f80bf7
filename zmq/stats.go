package zmq

import (
	"errors"
	"net/netip"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// dropReason is why a message was not delivered.
type dropReason uint8

const (
	dropHWM       dropReason = iota // the peer's queue was full
	dropNoRoute                     // no peer has the routing id
	dropPeerGone                    // the peer went away before the message was written
	dropUnwanted                    // this socket type does not receive such messages
	dropMalformed                   // the envelope was wrong
	dropStale                       // the reply to an earlier request
	dropFlood                       // its source sends more than its share
	dropReasons
)

// Drops counts messages that were not delivered, by reason.
type Drops struct {
	// HWM: the peer's queue was full; over udp that of the system as well, where it says so
	// (Linux).
	HWM       uint64
	NoRoute   uint64 // a ROUTER had no peer of that routing id
	PeerGone  uint64 // the peer went away before the message was written
	Unwanted  uint64 // received, but not of a kind that this socket type takes
	Malformed uint64 // received without a proper envelope, or sent as a routing id alone
	Stale     uint64 // a reply to an earlier request of a REQ
	// Flood: datagrams of udp, and packets of pgm and epgm, that were refused because their
	// source sent more than its share while there was no room for all. On Linux some of
	// them may be of others, for which the system had no room meanwhile; of the packets some
	// come again.
	Flood uint64
}

// Total is the sum over all reasons.
func (d Drops) Total() uint64 {
	return d.HWM + d.NoRoute + d.PeerGone + d.Unwanted + d.Malformed + d.Stale + d.Flood
}

// Stats counts what a socket has done since it was made.
type Stats struct {
	Sent, Received           uint64 // messages that Send accepted and Recv returned
	SentBytes, ReceivedBytes uint64
	Drops                    Drops
	Queued                   int // messages that wait to be written, over all peers
	Unread                   int // messages that wait to be received
	Connected                int // peers that are there
	Handshakes               uint64
	HandshakesFailed         uint64 // the sum of Failures
	Failures                 HandshakeFailures
	// Evicted is how many handshakes a bound endpoint has ended, for peers that had been
	// silent, to make room for others; they count in HandshakesFailed, too. Nothing that
	// such a peer has sent is lost: it keeps its messages until it is in.
	Evicted     uint64
	Disconnects uint64
	// Asking is how many questions about peers of this socket the authenticator has not
	// answered yet, with those that wait for their turn: at most 4,096 of a Context are
	// open at the same time, and half of that of one address; the next is always of the
	// address with the fewest. AskedInVain is how many ended before their turn: these
	// peers were told to come again.
	Asking      int
	AskedInVain uint64
	// TooLarge is how many messages of peers were over our limits, and Refused how many of
	// ours a peer has refused, as too large for it; each has ended its connection. One
	// that was still being written then counts in Drops.PeerGone, too.
	TooLarge, Refused uint64
	// TopicsRefused is how many subscriptions were not entered, by this publisher or for
	// this subscriber: see EventTopicRefused.
	TopicsRefused uint64
	// ReportBytes is what the reports of subscriptions count for that the program of an
	// XPUB has not received yet: their bytes and 64 for each, 64 MiB at most. When they
	// are all taken, those from the address with the most make room for others.
	// ReportsDropped is how many did, or found none; they count in Drops.HWM, too.
	ReportBytes    int
	ReportsDropped uint64
	Reconnects     uint64 // attempts to connect again
	EventsLost     uint64 // events that slow monitors did not get
	// Gaps is how often messages of a multicast source were lost beyond repair, and
	// LostPackets how many packets that were, as far as it is known.
	Gaps, LostPackets uint64
	// Missed is how many messages publishers have said that this subscriber missed;
	// see WithGapNotices and WithDurable. These count in Gaps, too.
	Missed uint64
	// Full is how often a subscriber's queue was full, Kept how many messages are kept
	// for durable subscribers.
	Full uint64
	Kept int
	// Forgotten is how many messages this publisher gave up before they were sent to the
	// durable subscriber that they were for, each counted: over WithDurableBounds, for one
	// away too long, on a disk that failed, or at Close. A subscriber that comes back hears
	// of its own as Missed.
	Forgotten uint64
	// Requeued is how many messages of lost peers were handed over to others.
	Requeued uint64
	// Panics is how many panics were contained (see EventPanic), LogPanics how many
	// lines were lost because the program's logger panicked.
	Panics, LogPanics uint64
}

// counters are a socket's running totals.
type counters struct {
	out, in       tally // guarded by sendMu and recvMu
	drops         [dropReasons]atomic.Uint64
	flooder       atomic.Pointer[netip.AddrPort] // the last of whom something counts as dropFlood
	watch         dropWatch
	said          [watchedReasons - dropReasons]said
	gaps          atomic.Uint64
	tooLarge      atomic.Uint64
	topicsRefused atomic.Uint64
	refused       atomic.Uint64
	missed        atomic.Uint64
	full          atomic.Uint64

	asking      atomic.Int64
	askedInVain atomic.Uint64

	requeued atomic.Uint64
	panics   atomic.Uint64

	lostPackets atomic.Uint64
	succeeded   atomic.Uint64
	failed      [failReasons]atomic.Uint64
	evicted     atomic.Uint64
	lost        atomic.Uint64
	retried     atomic.Uint64
}

type tally struct{ msgs, bytes uint64 }

// sent counts an accepted message; the caller holds sendMu.
func (c *counters) sent(frames [][]byte) {
	c.out.msgs++
	for _, f := range frames {
		c.out.bytes += uint64(len(f))
	}
}

// received counts a message that is handed out; the caller holds recvMu.
func (c *counters) received(m *msg.Msg) {
	c.in.msgs++
	for _, f := range m.Frames {
		c.in.bytes += uint64(len(f))
	}
}

func (c *counters) drop(why dropReason) { c.dropN(why, 1) }

func (c *counters) dropN(why dropReason, n int) {
	if n > 0 {
		c.drops[why].Add(uint64(n))
		c.watch.note(why)
	}
}

// event counts what connections report.
func (c *counters) event(e link.Event) {
	switch e.Kind {
	case link.HandshakeSucceeded:
		c.succeeded.Add(1)
	case link.HandshakeFailedNoDetail:
		c.failed[failOther].Add(1)
		if errors.Is(e.Err, session.ErrCrowded) {
			c.evicted.Add(1)
		}
	case link.HandshakeFailedProtocol:
		c.failed[failProtocol].Add(1)
	case link.HandshakeFailedAuth:
		c.failed[failAuth].Add(1)
	case link.Disconnected:
		c.lost.Add(1)
		switch {
		case errors.Is(e.Err, session.ErrRefusedByPeer):
			c.refused.Add(1)
		case errors.Is(e.Err, session.ErrTooLarge):
			c.tooLarge.Add(1)
		case errors.Is(e.Err, wire.ErrIncompatible): // which libzmq has no event for
			c.failed[failIncompatible].Add(1)
		}
	case link.ConnectRetried:
		c.retried.Add(1)
	case link.Gap:
		c.gaps.Add(1)
		c.lostPackets.Add(uint64(e.Value))
	}
}

// Stats returns the socket's counters. It may be called at any time, also after
// Close.
func (s *Socket) Stats() Stats {
	s.sendMu.Lock()
	out := s.stats.out
	kept, forgotten := s.tx.kept()
	s.sendMu.Unlock()
	s.recvMu.Lock()
	in := s.stats.in
	taken := s.in.front.len()
	s.recvMu.Unlock()
	c := &s.stats
	if s.kind.counted {
		queues := s.peers.sent()
		out.msgs += queues.Msgs
		out.bytes += queues.Bytes
	}
	st := Stats{
		Sent: out.msgs, SentBytes: out.bytes, Received: in.msgs, ReceivedBytes: in.bytes,
		Drops: Drops{
			HWM: c.drops[dropHWM].Load(), NoRoute: c.drops[dropNoRoute].Load(),
			PeerGone: c.drops[dropPeerGone].Load(), Unwanted: c.drops[dropUnwanted].Load(),
			Malformed: c.drops[dropMalformed].Load(), Stale: c.drops[dropStale].Load(), Flood: c.drops[dropFlood].Load(),
		},
		Handshakes: c.succeeded.Load(), Failures: c.failures(), Evicted: c.evicted.Load(),
		Asking: int(c.asking.Load()), AskedInVain: c.askedInVain.Load(),
		Disconnects: c.lost.Load(), TooLarge: c.tooLarge.Load(), TopicsRefused: c.topicsRefused.Load(), Refused: c.refused.Load(), Reconnects: c.retried.Load(),
		EventsLost: s.monitors.eventsLost(),
		Gaps:       c.gaps.Load(), LostPackets: c.lostPackets.Load(),
		Missed: c.missed.Load(), Full: c.full.Load(), Kept: kept, Forgotten: forgotten, Requeued: c.requeued.Load(),
		Panics: c.panics.Load(), LogPanics: s.opts.get().log.Panics(),
		Unread: taken,
	}
	st.HandshakesFailed = st.Failures.Total()
	if r, ok := s.rx.(reporter); ok {
		st.ReportBytes, st.ReportsDropped = r.reported()
	}
	s.eachPeer(func(p *queue.Pipe, pr *peer) {
		st.Queued += p.Out.Pending()
		st.Unread += p.In.Len()
		if pr.ready {
			st.Connected++
		}
	})
	return st
}
