package zmq_test

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
	s.say(xpub, "b")
	s.say(xpub, "a")
	s.hear(xsub, "a")
}

func playNotify(s *stage) {
	router := s.A.open("ROUTER", setting{"ROUTER_NOTIFY", 3})
	endpoint := s.bindAny(router)
	dealer := s.B.open("DEALER", setting{"ROUTING_ID", "d"})
	s.none(dealer.connect(endpoint))
	s.say(dealer, "hello")
	s.hear(router, "d", "")
	s.hear(router, "d", "hello")
	dealer.close()
	s.hear(router, "d", "")
}

func playHello(s *stage) {
	router := s.A.open("ROUTER", setting{"HELLO_MSG", "welcome"})
	endpoint := s.endpoint()
	dealer := s.B.open("DEALER", setting{"ROUTING_ID", "d"}, setting{"HELLO_MSG", "hi"}, setting{"RECONNECT_IVL", 10})
	s.none(dealer.connect(endpoint))
	s.say(dealer, "was waiting")
	_, errno := router.bind(endpoint)
	s.none(errno)
	s.hear(router, "d", "hi")
	s.hear(router, "d", "was waiting")
	s.hear(dealer, "welcome")
}

func playDisconnectMsg(s *stage) {
	router := s.A.open("ROUTER", setting{"DISCONNECT_MSG", "gone"})
	endpoint := s.bindAny(router)
	dealer := s.B.open("DEALER", setting{"ROUTING_ID", "d"})
	s.none(dealer.connect(endpoint))
	s.say(dealer, "hello")
	s.hear(router, "d", "hello")
	dealer.close()
	s.hear(router, "d", "gone")
}

func playHiccupMsg(s *stage) {
	router := s.B.open("ROUTER")
	endpoint := s.bindAny(router)
	dealer := s.A.open("DEALER", setting{"ROUTING_ID", "d"}, setting{"HICCUP_MSG", "lost"}, setting{"RECONNECT_IVL", 10})
	s.none(dealer.connect(endpoint))
	s.say(dealer, "hello")
	s.hear(router, "d", "hello")
	s.none(router.unbind(endpoint))
	s.hear(dealer, "lost")
}
