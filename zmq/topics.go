package zmq

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-zactor/zactor/internal/queue"
)

// Subscribe asks the publishers for messages whose first frame begins with
// prefix; "" asks for all. Subscriptions are counted: two for one prefix need two
// calls of Unsubscribe. They are told again to each new peer. On an XPUB with
// manual subscriptions see WithXPubManual. Close does not wait until the peers have been
// told, as libzmq does not by default: of a subscription just before it an XPUB may not hear.
//
// Errors: ErrNotSupported on types other than SUB and XSUB, and on an XPUB without
// WithXPubManual; ErrClosed.
func (s *Socket) Subscribe(prefix string) error { return s.subscribe(prefix, true) }

// Unsubscribe takes one Subscribe back. For a prefix that was not subscribed to
// it does nothing, as in libzmq.
func (s *Socket) Unsubscribe(prefix string) error { return s.subscribe(prefix, false) }

func (s *Socket) subscribe(prefix string, add bool) error {
	if t := s.subscriber(); t != nil {
		return t.subscribe([]byte(prefix), add)
	}
	return fmt.Errorf("%w: a %s does not subscribe", ErrNotSupported, s.typ)
}

// subscriber is what takes the program's subscriptions; nil on types that have none.
func (s *Socket) subscriber() interface {
	subscribe(topic []byte, add bool) error
} {
	switch r := s.rx.(type) {
	case *xpub:
		if s.opts.get().xpubManual {
			return r
		}
	case interface{ own() *topics }:
		return r.own()
	}
	return nil
}

// WaitSubscribers waits until at least n peers have subscriptions that match a
// message whose first frame is topic, or on a RADIO have joined the group topic. It is how a publisher avoids losing its
// first messages to subscribers that are still on their way.
//
// Errors: ErrNotSupported on types other than PUB, XPUB and RADIO, ctx's error, ErrClosed.
func (s *Socket) WaitSubscribers(ctx context.Context, topic string, n int) error {
	if _, ok := s.tx.(publisher); !ok {
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
	if p, ok := s.tx.(publisher); ok {
		return p.subscribers(topic)
	}
	return 0
}

// subscribed is called when a peer of a publisher subscribes or cancels, or joins a group
// of a RADIO or leaves it.
func (s *Socket) subscribed(p *queue.Pipe, topic []byte, add bool) error {
	if f, ok := s.tx.(publisher); ok {
		return f.subscribed(p, topic, add)
	}
	return nil
}

// inspects reports whether what peers send is looked at as it arrives.
func (s *Socket) inspects() bool {
	_, ok := s.tx.(publisher)
	return ok
}

// topicsCount is the number of different topics that this socket has subscribed to,
// or that its peers have.
func (s *Socket) topicsCount() (n int) {
	s.lookAtTopics(func(t *topics) { n = t.count() }, func(p publisher) { n = p.topicCount() })
	return n
}

// Topics lists topics, sorted and each once: what a SUB or XSUB has subscribed to,
// and what the peers of a PUB or XPUB have. It is empty for other types.
func (s *Socket) Topics() []string {
	var list []string
	add := func(topic []byte) { list = append(list, string(topic)) }
	s.lookAtTopics(func(t *topics) { t.each(add) }, func(p publisher) { p.eachTopic(add) })
	slices.Sort(list)
	return list
}

// lookAtTopics calls the function that fits the socket's type, if one does.
func (s *Socket) lookAtTopics(own func(*topics), peers func(publisher)) {
	if r, ok := s.rx.(interface{ own() *topics }); ok {
		own(r.own())
		return
	}
	if p, ok := s.tx.(publisher); ok {
		s.sendMu.Lock()
		defer s.sendMu.Unlock()
		peers(p)
	}
}
