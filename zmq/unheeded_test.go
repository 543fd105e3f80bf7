package zmq_test

import (
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// A topic over the publisher's limit is not entered, both sides are told, and the
// connection and the other topics stay.
func TestTopicOverTheLimit(t *testing.T) {
	over(t, func(k *kit) {
		for _, types := range [][2]zmq.Type{{zmq.Pub, zmq.Sub}, {zmq.XPub, zmq.XSub}} {
			const limit = 8192
			pub, endpoint := k.bound(types[0])
			sub := k.open(types[1])
			told := map[*zmq.Socket]*watcher{
				pub: k.watch(pub, zmq.EventTopicRefused|zmq.EventDisconnected),
				sub: k.watch(sub, zmq.EventTopicRefused|zmq.EventDisconnected),
			}
			k.ok(k.dial(sub, endpoint))
			fits := strings.Repeat("a", limit)
			longs := []string{strings.Repeat("b", limit+1), strings.Repeat("c", 3*limit), strings.Repeat("d", 1<<20)}
			k.ok(sub.Subscribe("before"))
			for _, topic := range longs {
				k.ok(sub.Subscribe(topic))
			}
			k.ok(sub.Subscribe(fits))
			k.ok(sub.Subscribe("after"))
			for _, topic := range []string{"before", fits, "after"} {
				k.ok(pub.WaitSubscribers(k.ctx, topic, 1))
			}
			for s, events := range told {
				for range longs {
					e := events.next()
					if e.Kind != zmq.EventTopicRefused {
						t.Fatalf("%v is told %v, %v", s.Type(), e.Kind, e.Err)
					}
					k.is(e.Err, zmq.ErrTopicRefused)
					k.mentions(e.Err, "the limit is 8192")
				}
				if n := s.Stats().TopicsRefused; n != uint64(len(longs)) {
					t.Errorf("%v counts %d topics, want %d", s.Type(), n, len(longs))
				}
			}
			for _, topic := range longs {
				k.send(pub, topic)
			}
			k.ok(sub.Unsubscribe(longs[0]))
			for _, topic := range []string{"before", fits, "after"} {
				k.send(pub, topic)
				k.want(sub, topic)
			}
			if s := pub.Stats(); s.Disconnects != 0 || s.Connected != 1 {
				t.Errorf("%d connections, %d lost", s.Connected, s.Disconnects)
			}
		}
	})
}
