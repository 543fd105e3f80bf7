package zmq

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/wire"
)

// topics are the own subscriptions of a SUB or XSUB, and the publishers who must
// know of them. mu is held while they are told, so that they all hear of changes
// in one order.
type topics struct {
	mu    sync.Mutex
	pipes map[*pipe.Pipe]struct{}

	setMu sync.RWMutex // guards set; taken after mu
	set   pattern.SubCount
}

func (t *topics) init() { t.pipes = map[*pipe.Pipe]struct{}{} }

// none reports whether there is no subscription.
func (t *topics) none() bool {
	t.setMu.RLock()
	defer t.setMu.RUnlock()
	return t.set.Len() == 0
}

// match reports whether a message with this first frame was subscribed to. The
// publisher filters too; what it sent before it heard of a cancellation is
// dropped here.
func (t *topics) match(first []byte) bool {
	t.setMu.RLock()
	defer t.setMu.RUnlock()
	return t.set.Match(first)
}

// Subscribe asks the publishers for messages whose first frame begins with
// prefix; "" asks for all. Subscriptions are counted: two for one prefix need two
// calls of Unsubscribe. They are told again to each new peer. On an XPUB with
// manual subscriptions see WithXPubManual.
//
// Errors: ErrNotSupported on types other than SUB and XSUB, and on an XPUB without
// WithXPubManual; ErrClosed.
func (s *Socket) Subscribe(prefix string) error { return s.subscribe(prefix, true) }

// Unsubscribe takes one Subscribe back. For a prefix that was not subscribed to
// it does nothing, as in libzmq.
func (s *Socket) Unsubscribe(prefix string) error { return s.subscribe(prefix, false) }

func (s *Socket) subscribe(prefix string, add bool) error {
	if s.typ == XPub && s.opts.get().xpubManual {
		return s.subscribeAsker([]byte(prefix), add)
	}
	if !s.row.Subscribes {
		return fmt.Errorf("%w: a %s does not subscribe", ErrNotSupported, s.typ)
	}
	if s.closed.Load() {
		return s.over()
	}
	s.changeTopic([]byte(prefix), add)
	return nil
}

// changeTopic counts a subscription and tells the publishers.
func (s *Socket) changeTopic(topic []byte, add bool) {
	t := &s.topics
	t.mu.Lock()
	defer t.mu.Unlock()
	t.setMu.Lock()
	tell := true
	if add {
		t.set.Add(topic) // each one is told, the first or not
	} else {
		tell, _ = t.set.Remove(topic) // only the last one is
		tell = tell || s.opts.get().xsubVerbose
	}
	t.setMu.Unlock()
	if !tell {
		return
	}
	for p := range t.pipes {
		tellTopic(p, topic, add)
	}
}

// tellTopic sends one subscription to one publisher.
func tellTopic(p *pipe.Pipe, topic []byte, add bool) {
	if peer := p.Peer(); peer != nil {
		_ = peer.Owner().(*host).socket().subscribed(peer, topic, add) // limits are for the wire
		return
	}
	cmd := wire.Command{Kind: wire.Subscribe, Data: topic}
	if !add {
		cmd.Kind = wire.Cancel
	}
	if p.Out.Control(cmd) {
		p.Kick()
	}
}

// greet tells a new publisher of all subscriptions, before anything else.
func (t *topics) greet(p *pipe.Pipe) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pipes[p] = struct{}{}
	t.setMu.RLock()
	var all [][]byte
	t.set.All(func(topic []byte) { all = append(all, append([]byte(nil), topic...)) })
	t.setMu.RUnlock()
	for _, topic := range all {
		tellTopic(p, topic, true)
	}
}

func (t *topics) leave(p *pipe.Pipe) {
	t.mu.Lock()
	delete(t.pipes, p)
	t.mu.Unlock()
}

// putUpstream sends from an XSUB: 0x01 and a topic subscribes, 0x00 and a topic
// unsubscribes, anything else goes to all publishers and is dropped for those who
// have no room.
func (s *Socket) putUpstream(frames [][]byte, copied bool) (kick, error) {
	subs, rest := splitUpstream(frames, s.opts.get().onlyFirst)
	for _, f := range subs {
		// An inproc publisher is told under its own send lock. It never takes that of
		// a subscriber, so holding ours meanwhile is safe.
		s.changeTopic(append([]byte(nil), f[1:]...), f[0] == 1)
	}
	if len(rest) == 0 {
		return kick{}, nil
	}
	return s.toAll(rest, copied), nil
}

// splitUpstream separates the frames that are subscriptions from those that are the
// program's message. As in libzmq a message that does not begin with a subscription
// has none; with onlyFirst no other frame is one.
func splitUpstream(frames [][]byte, onlyFirst bool) (subs, rest [][]byte) {
	if !isSubscription(frames[0]) {
		return nil, frames
	}
	for i, f := range frames {
		if isSubscription(f) && (i == 0 || !onlyFirst) {
			subs = append(subs, f)
		} else {
			rest = append(rest, f)
		}
	}
	return subs, rest
}

func isSubscription(frame []byte) bool { return len(frame) > 0 && frame[0] <= 1 }

// subscription splits a subscription message. ok is false for any other message.
func subscription(frames [][]byte) (topic []byte, add, ok bool) {
	if len(frames) != 1 || len(frames[0]) == 0 || frames[0][0] > 1 {
		return nil, false, false
	}
	return frames[0][1:], frames[0][0] == 1, true
}

// WaitSubscribers waits until at least n peers have subscriptions that match a
// message whose first frame is topic, or on a RADIO have joined the group topic. It is how a publisher avoids losing its
// first messages to subscribers that are still on their way.
//
// Errors: ErrNotSupported on types other than PUB, XPUB and RADIO, ctx's error, ErrClosed.
func (s *Socket) WaitSubscribers(ctx context.Context, topic string, n int) error {
	if s.row.Send != pattern.SendFan && s.row.Send != pattern.SendGroup {
		return fmt.Errorf("%w: a %s has no subscribers", ErrNotSupported, s.typ)
	}
	why := func() string {
		if text := s.whyNoPeer(); text != "" {
			return text
		}
		return fmt.Sprintf("%d of the %d wanted peers have subscribed to %q", s.subscribersOf(topic), n, topic)
	}
	return s.waitFor(ctx, "wait for subscribers", why, func() bool { return s.subscribersOf(topic) >= n })
}

// subscribersOf is how many peers get a message of a topic, or of a group.
func (s *Socket) subscribersOf(topic string) int {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	if s.row.Groups {
		return len(s.out.groups.members.Members([]byte(topic)))
	}
	return s.out.fan.index.Subscribers([]byte(topic))
}

// topicsCount is the number of different topics that this socket has subscribed to,
// or that its peers have.
func (s *Socket) topicsCount() int {
	if s.row.Send == pattern.SendFan {
		s.sendMu.Lock()
		defer s.sendMu.Unlock()
		return s.out.fan.index.Topics()
	}
	s.topics.setMu.RLock()
	defer s.topics.setMu.RUnlock()
	return s.topics.set.Len()
}

// Topics lists topics, sorted and each once: what a SUB or XSUB has subscribed to,
// and what the peers of a PUB or XPUB have. It is empty for other types.
func (s *Socket) Topics() []string {
	var list []string
	add := func(topic []byte) { list = append(list, string(topic)) }
	if s.row.Subscribes {
		s.topics.setMu.RLock()
		s.topics.set.All(add)
		s.topics.setMu.RUnlock()
	} else {
		s.sendMu.Lock()
		s.out.fan.index.All(add)
		s.sendMu.Unlock()
	}
	slices.Sort(list)
	return list
}
