package members

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// Memberlist gossips news by UDP, a few times, and leaves what that misses to exchanges of
// all that two members know, over TCP, every half minute at most: packets are lost, a member
// answers one who joins before it hears of the next, and a broadcast can push another out of
// memberlist's queue (hashicorp/memberlist#263: one of the same length, after one that
// superseded the only one there). So a member exchanges by itself soon after there is news,
// and then ever more rarely, until memberlist's own exchanges are as frequent.

// crowd is how many members have their state exchanged at the full pace. Exchanges about
// the news of others are as much rarer as there are more, which bounds what they cost.
const crowd = 32

// pace says when to exchange. It has no clock: times are passed in.
type pace struct {
	first, last time.Duration // the shortest interval, and the one that is no longer worth it

	due   time.Time     // zero: not before there is news
	after time.Duration // the interval from due to the next
}

// news brings the next exchange forward, never back. What this member has to say itself
// does not wait longer where there are many; nor does what it hears of the first of others,
// whom it has just joined.
func (p *pace) news(now time.Time, own bool, others int) {
	wait := p.scaled(others)
	if own || others == 1 {
		wait = p.first
	}
	if wait >= p.last {
		return
	}
	if due := now.Add(wait); p.due.IsZero() || due.Before(p.due) {
		p.due = due
	}
	p.after = max(2*wait, p.scaled(others))
}

// done has the next exchange wait longer than this one did.
func (p *pace) done(now time.Time) {
	p.due = time.Time{}
	if p.after < p.last {
		p.due = now.Add(p.after)
		p.after *= 2
	}
}

func (p *pace) scaled(others int) time.Duration {
	return p.first * time.Duration(max(others, crowd)) / crowd
}

// news is told of what others may have missed. It does not block.
func (m *Members) news(own bool) {
	m.mu.Lock()
	m.pace.news(time.Now(), own, len(m.known))
	m.mu.Unlock()
	m.wake()
}

// wake has exchanges look what there is to do. It does not block.
func (m *Members) wake() {
	select {
	case m.pending <- struct{}{}:
	default: // who is woken sees this, too
	}
}

// exchanges goes on until ctx ends.
func (m *Members) exchanges(ctx context.Context) {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.pending:
		case <-t.C:
		}
		m.tasks.Step("members: announce again", m.insist)
		with, wait := m.due(time.Now())
		if !m.isCarried() {
			wait = min(wait, m.config.list.GossipInterval)
		}
		if with.IsValid() {
			m.tasks.Step("members: exchange with a member", func() {
				_, _ = m.list.Join([]string{with.String()}) // one that fails is logged; another comes
			})
		}
		t.Reset(wait)
	}
}

// due is whom to exchange with now, if it is time, and how long to wait then.
func (m *Members) due(now time.Time) (with netip.AddrPort, wait time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.pace.due.IsZero() && !now.Before(m.pace.due) {
		with = m.partner()
		m.pace.done(now)
	}
	if m.pace.due.IsZero() {
		return with, m.pace.last // news come first
	}
	return with, m.pace.due.Sub(now)
}

// partner takes members in turn, each round in another order. It is zero while none is
// known. The caller holds mu.
func (m *Members) partner() netip.AddrPort {
	for range 2 {
		for len(m.round) > 0 {
			name := m.round[0]
			m.round = m.round[1:]
			if s, known := m.known[name]; known {
				return netip.AddrPortFrom(s.from, s.port)
			}
		}
		m.round = slices.Collect(maps.Keys(m.known))
		rand.Shuffle(len(m.round), func(i, j int) { m.round[i], m.round[j] = m.round[j], m.round[i] })
	}
	return netip.AddrPort{}
}

// paceOf is first five rounds of gossip long, and a little more or less than others', so
// that not all exchange at once.
func paceOf(gossip, every time.Duration) pace {
	first := 4*gossip + rand.N(2*gossip)
	return pace{first: first, last: every}
}
