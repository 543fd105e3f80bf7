package zmq_test

import (
	"github.com/go-zactor/zactor/zmq"
)

// The plays of what is a draft in libzmq.

func playLastValue(s *stage) {
	xpub, a, b := s.audience(setting{"XPUB_MANUAL_LAST_VALUE", 1})
	for _, x := range []conformer{a, b} {
		s.none(x.subscribe("A", true))
		s.hear(xpub, "\x01A")
		s.none(xpub.subscribe("A", true))
		s.say(xpub, "A", "last value")
		s.hear(x, "A", "last value")
	}
	s.say(xpub, "A", "for all")
	for _, x := range []conformer{a, b} {
		s.hear(x, "A", "for all")
		s.quiet(x)
	}
	s.none(b.subscribe("A", true))
	s.hear(xpub, "\x01A")
	s.none(xpub.subscribe("A", true))
	b.close()
	s.hear(xpub, "\x00A")
	s.say(xpub, "A", "for all that are left") // for who asked last is gone
	s.hear(a, "A", "for all that are left")
}

func playVerboseUnsubscribe(s *stage) {
	xpub := s.B.open("XPUB", setting{"XPUB_VERBOSER", 1})
	endpoint := s.bindAny(xpub)
	xsub := s.A.open("XSUB", setting{"XSUB_VERBOSE_UNSUBSCRIBE", 1})
	s.none(xsub.connect(endpoint))
	for _, m := range []string{"\x01a", "\x01a", "\x00a", "\x00a", "\x00never"} {
		s.say(xsub, m)
		s.hear(xpub, m)
	}
	s.none(xsub.set("XSUB_VERBOSE_UNSUBSCRIBE", 0))
	for _, m := range []string{"\x01a", "\x01a", "\x00a", "\x00never", "\x01mark"} {
		s.say(xsub, m)
	}
	for _, m := range []string{"\x01a", "\x01a", "\x01mark"} {
		s.hear(xpub, m)
	}
}

func playOnlyFirst(s *stage) {
	xpub, xsub, _ := s.pair("XPUB", "XSUB", setting{"ONLY_FIRST_SUBSCRIBE", 1})
	s.none(xsub.set("ONLY_FIRST_SUBSCRIBE", 1))
	s.say(xsub, "\x01a", "x", "\x01b")
	s.hear(xpub, "\x01a")
	s.hear(xpub, "x", "\x01b")
	s.say(xsub, "x", "\x01b")
	s.hear(xpub, "x", "\x01b")
	s.topics(xpub, 1)
	s.say(xpub, "b")
	s.say(xpub, "a")
	s.hear(xsub, "a")
}

// playNotify plays each value of the option, on the side that binds and on the other.
func playNotify(s *stage) {
	for when := range 4 {
		router := s.A.open("ROUTER", setting{"ROUTER_NOTIFY", when})
		endpoint := s.bindAny(router)
		dealer := s.B.open("DEALER", setting{"ROUTING_ID", "d"})
		s.none(dealer.connect(endpoint))
		s.say(dealer, "first")
		s.say(dealer, "last")
		if when&1 != 0 {
			s.hear(router, "d", "")
		}
		s.hear(router, "d", "first")
		dealer.close()
		s.hear(router, "d", "last")
		if when&2 != 0 {
			s.hear(router, "d", "")
		}
		s.own(router, func(router *zmq.Socket) {
			s.until("it is gone", func() bool { return router.Stats().Connected == 0 })
		})
		s.quiet(router)
	}
	dealer := s.B.open("DEALER", setting{"ROUTING_ID", "d"})
	endpoint := s.bindAny(dealer)
	router := s.A.open("ROUTER", setting{"ROUTER_NOTIFY", 3}, setting{"RECONNECT_IVL", 10})
	s.none(router.connect(endpoint))
	for range 3 {
		s.hear(router, "d", "")
		s.none(dealer.unbind(endpoint))
		s.hear(router, "d", "")
		s.again(dealer, endpoint)
	}
	s.hear(router, "d", "")
}

func playHello(s *stage) {
	router := s.A.open("ROUTER", setting{"HELLO_MSG", "welcome"})
	endpoint := s.endpoint()
	dealer := s.B.open("DEALER", setting{"ROUTING_ID", "d"}, setting{"HELLO_MSG", "hi"}, setting{"RECONNECT_IVL", 10})
	s.none(dealer.connect(endpoint))
	s.say(dealer, "was waiting")
	s.again(router, endpoint)
	s.hear(router, "d", "hi")
	s.hear(router, "d", "was waiting")
	s.hear(dealer, "welcome")
	s.none(router.unbind(endpoint))
	s.again(router, endpoint)
	s.hear(router, "d", "hi")
	s.hear(dealer, "welcome")
}

// playDisconnectMsg: it comes behind all that the peer had sent, and not when the program
// itself unbinds.
func playDisconnectMsg(s *stage) {
	router := s.A.open("ROUTER", setting{"DISCONNECT_MSG", "gone"})
	endpoint := s.bindAny(router)
	for _, id := range []string{"a", "b"} {
		dealer := s.B.open("DEALER", setting{"ROUTING_ID", id})
		s.none(dealer.connect(endpoint))
		s.say(dealer, "hello")
		s.say(dealer, "bye")
		s.hear(router, id, "hello")
		dealer.close()
		s.hear(router, id, "bye")
		s.hear(router, id, "gone")
	}
	dealer := s.B.open("DEALER", setting{"ROUTING_ID", "stays"})
	s.none(dealer.connect(endpoint))
	s.say(dealer, "hello")
	s.hear(router, "stays", "hello")
	s.none(router.unbind(endpoint))
	s.own(router, func(router *zmq.Socket) {
		s.until("it is gone", func() bool { return router.Stats().Connected == 0 })
	})
	s.quiet(router)
}

// playHiccupMsg: it comes behind all that the peer had sent, and not when the program
// itself disconnects.
func playHiccupMsg(s *stage) {
	router := s.B.open("ROUTER")
	endpoint := s.bindAny(router)
	dealer := s.A.open("DEALER", setting{"ROUTING_ID", "d"}, setting{"HICCUP_MSG", "lost"}, setting{"RECONNECT_IVL", 10})
	s.none(dealer.connect(endpoint))
	for range 3 {
		s.say(dealer, "hello")
		s.hear(router, "d", "hello")
		s.say(router, "d", "last words")
		s.none(router.unbind(endpoint))
		s.hear(dealer, "last words")
		s.hear(dealer, "lost")
		s.again(router, endpoint)
	}
	s.say(dealer, "hello")
	s.hear(router, "d", "hello")
	s.own(dealer, func(dealer *zmq.Socket) {
		s.ok(dealer.Disconnect(endpoint))
		s.until("it is gone", func() bool { return dealer.Stats().Connected == 0 })
	})
	s.quiet(dealer)
}
