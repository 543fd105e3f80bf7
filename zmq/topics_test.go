package zmq_test

import (
	"slices"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

func TestTopicsOfSubscriberAndPublisher(t *testing.T) {
	over(t, func(k *kit) {
		for _, from := range []zmq.Type{zmq.Pub, zmq.XPub} {
			pub, endpoint := k.bound(from)
			one, two := k.connect(zmq.Sub, endpoint), k.connect(zmq.XSub, endpoint)
			for _, topic := range []string{"b", "a", "b", ""} {
				k.ok(one.Subscribe(topic))
			}
			k.ok(two.Subscribe("b"))
			k.ok(two.Subscribe("c"))
			topicsAre(k, one, "", "a", "b")
			topicsAre(k, two, "b", "c")
			topicsAre(k, pub, "", "a", "b", "c")

			k.ok(one.Unsubscribe("b")) // there were two
			k.ok(one.Unsubscribe(""))
			topicsAre(k, one, "a", "b")
			topicsAre(k, pub, "a", "b", "c")
			k.ok(one.Close())
			topicsAre(k, pub, "b", "c")
		}
		topicsAre(k, k.open(zmq.Push))
	})
}

// topicsAre waits until the topics of a socket are these, and as many are counted.
func topicsAre(k *kit, s *zmq.Socket, want ...string) {
	k.Helper()
	k.until("the topics of "+s.Type().String()+" are known", func() bool {
		return slices.Equal(s.Topics(), want)
	})
	n, err := s.Option("TOPICS_COUNT")
	if s.Type() == zmq.Push {
		k.is(err, zmq.ErrInvalidOption)
	} else if n != len(want) || err != nil {
		k.Errorf("a %v counts %v topics, %v; want %d", s.Type(), n, err, len(want))
	}
}
