package zmq

import "github.com/go-zactor/zactor/internal/queue"

// xsub is the sender of XSUB: a message of 0x01 and a topic subscribes, 0x00 and a topic
// unsubscribes, anything else goes to all publishers and is dropped for those who have no
// room. (RFC 29)
type xsub struct {
	spread
	topics *topics
	all    map[*peer]struct{}
}

// xsubReceiver takes messages as they come, and tells publishers what is wanted.
type xsubReceiver struct {
	asTheyCome
	topics *topics
}

func newXSub(s *Socket) (sender, receiver) {
	t := newTopics(s)
	return &xsub{spread{baseSender: baseSender{s}}, t, map[*peer]struct{}{}}, xsubReceiver{topics: t}
}

func (r xsubReceiver) tell(p *queue.Pipe)   { r.topics.greet(p) }
func (r xsubReceiver) untell(p *queue.Pipe) { r.topics.leave(p) }
func (r xsubReceiver) own() *topics         { return r.topics }

func (x *xsub) put(frames [][]byte, copied bool) (flush, error) {
	subs, rest := splitUpstream(frames, x.s.opts.get().onlyFirst)
	for _, f := range subs {
		// An inproc publisher is told under its own send lock. It never takes that of
		// a subscriber, so holding ours meanwhile is safe.
		x.topics.change(append([]byte(nil), f[1:]...), f[0] == 1)
	}
	if len(rest) == 0 {
		return flush{}, nil
	}
	to := x.list[:0]
	for pr := range x.all {
		to = append(to, pr)
	}
	return x.toList(to, rest, copied)
}

func (x *xsub) places() int { return proxyBurst }

func (x *xsub) admit(p *queue.Pipe, _ newcomer) (*queue.Pipe, error) {
	x.all[peerOf(p)] = struct{}{}
	return nil, nil
}

func (x *xsub) adopt(p *queue.Pipe, _ []byte) { x.all[peerOf(p)] = struct{}{} }
func (x *xsub) remove(p *queue.Pipe)          { delete(x.all, peerOf(p)) }

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
