package lastvalue

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/msg"
)

const (
	// maxSubscriptions is how many a subscriber may have.
	maxSubscriptions = 65536
	// walkAtOnce is how many places of the log are looked at for one subscriber, before it
	// is another one's turn.
	walkAtOnce = 1024
)

// subscriber is one connection with a subscription. It is live: then it has all that its
// subscriptions match, and each new value is sent to it as it comes. Or it walks along the
// log, and is live at the end of it.
//
// A walk is for two kinds of subscriptions at once. Those that are settled had everything
// up to the number done before it, so they need what is newer. Those that are joining need
// all. What comes in between waits for the next walk.
type subscriber struct {
	id       msg.PeerID
	address  string
	sub      pattern.Subscriber[*subscriber]
	prefixes map[string]uint32 // the round in which each one joined, or joins
	lengths  [maxTopic + 1]bool
	round    uint32 // of the walk; what joined before it is settled

	live    bool
	cursor  uint64 // the number of the last place that the walk has passed
	done    uint64
	another bool // something joins in the next walk
	behind  bool // it has been told of as such
}

func newSubscriber(id msg.PeerID, address string) *subscriber {
	s := &subscriber{id: id, address: address, prefixes: map[string]uint32{}, live: true}
	s.sub.Value = s
	return s
}

// join enters a subscription, or says a known one again: it is answered by the next walk
// that begins. now is the number of the last value.
func (s *subscriber) join(prefix string, now uint64) {
	s.lengths[len(prefix)] = true
	switch {
	case s.live: // a walk begins
		s.round++
		s.live, s.cursor, s.done = false, 0, now
		s.prefixes[prefix] = s.round
	case s.cursor == 0: // it has not begun yet
		s.prefixes[prefix] = s.round
	default:
		s.prefixes[prefix], s.another = s.round+1, true
	}
}

// fell is called for a live subscriber that had no room for the value with a number.
func (s *subscriber) fell(seq uint64) {
	s.round++
	s.live, s.cursor, s.done = false, seq-1, seq-1
}

// arrive ends a walk at the end of the log. It reports whether the subscriber is live now;
// else what has joined meanwhile is walked for.
func (s *subscriber) arrive(now uint64) bool {
	s.round++
	s.done = now
	if s.live = !s.another; !s.live {
		s.another, s.cursor = false, 0
	}
	return s.live
}

// wants reports whether the walk has to send a value. With again, what joins gets also what
// a settled subscription has brought.
func (s *subscriber) wants(e *entry, again bool) bool {
	settled, joining := false, false
	for n := range min(len(e.topic), maxTopic) + 1 {
		if !s.lengths[n] {
			continue
		}
		if round, ok := s.prefixes[e.topic[:n]]; ok {
			settled = settled || round < s.round
			joining = joining || round == s.round
		}
	}
	if e.seq <= s.done {
		return joining && (again || !settled)
	}
	return joining || settled
}

// subscribed takes the report of a subscription.
func (c *Cache) subscribed(peer msg.Peer, prefix string) {
	id := peer.ID()
	s := c.subs[id]
	if s == nil {
		s = newSubscriber(id, peer.RemoteAddr)
		c.subs[id] = s
	}
	_, known := s.prefixes[prefix]
	switch {
	case known && !c.c.repeat:
		return
	case !known && (len(s.prefixes) >= maxSubscriptions || len(prefix) > maxTopic):
		c.refuse(prefix, s.address, fmt.Errorf("%w: %d, and one of %d bytes", ErrSubscriptions, len(s.prefixes), len(prefix)))
		return
	}
	c.index.Add([]byte(prefix), &s.sub)
	s.join(prefix, c.table.seq)
	c.walking[s] = struct{}{}
}

// cancelled takes the report that a subscription is over. When a subscriber goes there is
// one for each.
func (c *Cache) cancelled(peer msg.Peer, prefix string) {
	s := c.subs[peer.ID()]
	if s == nil {
		return
	}
	delete(s.prefixes, prefix)
	c.index.Remove([]byte(prefix), &s.sub)
	if len(s.prefixes) == 0 {
		c.forget(s)
	}
}

// forget takes a subscriber out.
func (c *Cache) forget(s *subscriber) {
	c.index.RemoveAll(&s.sub, nil)
	delete(c.subs, s.id)
	delete(c.walking, s)
}
