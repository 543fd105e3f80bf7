package zmq_test

import (
	"strconv"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// The plays of REQ, REP and ROUTER.

func playTurns(s *stage) {
	lone := s.B.open("REQ")
	s.bindAny(lone)
	s.errno(lone.send(s.not(), "to nobody"), "EAGAIN")
	_, errno := lone.recv(soon) // what was not sent begins no turn
	s.errno(errno, "EFSM")
	rep, req, _ := s.pair("REP", "REQ")
	_, errno = req.recv(soon)
	s.errno(errno, "EFSM")
	s.errno(rep.send(soon, "x"), "EFSM")
	s.own(req, func(req *zmq.Socket) {
		_, err := req.TryRecv()
		s.is(err, zmq.ErrState)
	})
	s.own(rep, func(rep *zmq.Socket) { s.is(rep.TrySend(msg.NewString("x")), zmq.ErrState) })
	for i := range 20 {
		s.say(req, "question", "", strconv.Itoa(i)) // which is not split at its own empty frame
		s.errno(req.send(soon, "x"), "EFSM")
		s.hear(rep, "question", "", strconv.Itoa(i))
		_, errno = rep.recv(soon)
		s.errno(errno, "EFSM")
		s.say(rep, "answer", "in two", strconv.Itoa(i))
		s.errno(rep.send(soon, "x"), "EFSM")
		s.hear(req, "answer", "in two", strconv.Itoa(i))
		_, errno = req.recv(soon)
		s.errno(errno, "EFSM")
	}
}

func playRelaxed(s *stage) {
	req := s.A.open("REQ", setting{"REQ_RELAXED", 1}, setting{"REQ_CORRELATE", 1})
	endpoint := s.bindAny(req)
	router := s.B.open("ROUTER")
	s.none(router.connect(endpoint))
	s.say(req, "one")
	first, errno := router.recv(soon)
	s.none(errno)
	if len(first) != 4 || len(first[1]) != 4 || first[2] != "" || first[3] != "one" {
		s.Fatalf("the first request is %q", first)
	}
	s.say(req, "two")
	second, errno := router.recv(soon)
	s.none(errno)
	if len(second) != 4 || second[1] == first[1] || second[3] != "two" {
		s.Fatalf("the second request is %q, after %q", second, first)
	}
	s.say(router, first[0], first[1], "", "late")
	s.say(router, second[0], second[1], "", "right")
	s.hear(req, "right")
	s.own(req, func(req *zmq.Socket) {
		if n := req.Stats().Drops.Stale; n != 1 {
			s.Errorf("counted %d stale replies, want 1", n)
		}
	})
	s.say(router, second[0], second[1], "", "twice")
	_, errno = req.recv(soon)
	s.errno(errno, "EFSM")
}

func playEnvelope(s *stage) {
	req := s.A.open("REQ", setting{"ROUTING_ID", "me"})
	endpoint := s.bindAny(req)
	router := s.B.open("ROUTER")
	s.none(router.connect(endpoint))
	s.say(req, "body", "", "and more")
	s.hear(router, "me", "", "body", "", "and more")
	s.own(req, func(*zmq.Socket) { // libzmq's ends the connection
		s.say(router, "me", "no delimiter")
		s.say(router, "me", "no", "")
		s.say(router, "me", "")
	})
	s.say(router, "me", "", "reply", "", "in three")
	s.hear(req, "reply", "", "in three")
	s.own(req, func(req *zmq.Socket) {
		if n := req.Stats().Drops.Malformed; n != 3 {
			s.Errorf("counted %d malformed replies, want 3", n)
		}
	})
}

func playHops(s *stage) {
	rep, dealer, _ := s.pair("REP", "DEALER")
	for _, skipped := range [][]string{{"no delimiter"}, {"no", "delimiter", "at all"}, {"no body", ""}, {""}} {
		s.say(dealer, skipped...) // no peer can make the server see an error
	}
	s.say(dealer, "X", "Y", "", "body", "", "more")
	s.hear(rep, "body", "", "more")
	s.own(rep, func(rep *zmq.Socket) {
		if n := rep.Stats().Drops.Malformed; n != 4 {
			s.Errorf("counted %d malformed requests, want 4", n)
		}
	})
	s.say(rep, "answer", "", "more")
	s.hear(dealer, "X", "Y", "", "answer", "", "more")
	s.say(dealer, "", "")
	s.hear(rep, "")
	s.say(rep, "")
	s.hear(dealer, "", "")
}

func playRouter(s *stage) {
	router := s.A.open("ROUTER", setting{"ROUTING_ID", "the server"})
	endpoint := s.bindAny(router)
	for _, typ := range []string{"DEALER", "REQ", "ROUTER"} {
		peer := s.B.open(typ, setting{"ROUTING_ID", "a " + typ}, setting{"PROBE_ROUTER", 1})
		s.none(peer.connect(endpoint))
		s.hear(router, "a "+typ, "")
		said, heard := []string{"", "hello"}, []string{"", "reply"}
		if typ == "REQ" { // has its envelope made
			said, heard = said[1:], heard[1:]
		}
		if typ == "ROUTER" { // which calls the other by its name, too
			s.say(router, "a ROUTER", "you know me now")
			s.hear(peer, "the server", "you know me now")
			said, heard = append([]string{"the server"}, said...), append([]string{"the server"}, heard...)
		}
		s.say(peer, said...)
		s.hear(router, "a "+typ, "", "hello")
		s.say(router, "a "+typ, "", "reply")
		s.hear(peer, heard...)
	}
}

func playAutoID(s *stage) {
	router := s.A.open("ROUTER")
	endpoint := s.bindAny(router)
	ids := map[string]bool{}
	for i := range 5 {
		dealer := s.B.open("DEALER")
		s.none(dealer.connect(endpoint))
		s.say(dealer, "hello")
		m, errno := router.recv(soon)
		s.none(errno)
		if len(m) != 2 || len(m[0]) != 5 || m[0][0] != 0 || m[1] != "hello" {
			s.Fatalf("got %q", m)
		}
		ids[m[0]] = true
		s.say(router, m[0], "you are", strconv.Itoa(i))
		s.hear(dealer, "you are", strconv.Itoa(i))
	}
	if len(ids) != 5 {
		s.Errorf("five peers have the names %v", ids)
	}
}

func playUnroutable(s *stage) {
	router, dealer, _ := s.pair("ROUTER", "DEALER")
	s.say(dealer, "hello")
	m, errno := router.recv(soon)
	s.none(errno)
	s.say(router, "nobody", "x")
	s.say(router, m[0], "y")
	s.hear(dealer, "y")
	s.quiet(dealer)
	s.own(router, func(router *zmq.Socket) {
		if d := router.Stats().Drops; d.NoRoute != 1 || d.Total() != 1 {
			s.Errorf("drops %+v, want one without a route", d)
		}
	})
	s.none(router.set("ROUTER_MANDATORY", 1))
	s.errno(router.send(soon, "nobody", "x"), "EHOSTUNREACH")
}

func playMandatory(s *stage) {
	router, dealer, _ := s.pair("ROUTER", "DEALER", setting{"ROUTER_MANDATORY", 1})
	s.say(dealer, "hello")
	m, errno := router.recv(soon)
	s.none(errno)
	s.errno(router.send(soon, "nobody", "x"), "EHOSTUNREACH")
	s.own(router, func(router *zmq.Socket) {
		s.mentions(router.SendString(s.ctx, "nobody", "x"), `"nobody"`)
		s.is(router.TrySend(msg.NewString("nobody", "x")), zmq.ErrHostUnreachable)
	})
	s.say(router, m[0], "y")
	s.hear(dealer, "y")
	dealer.close()
	s.own(router, func(router *zmq.Socket) {
		s.until("it is noticed that it has gone", func() bool { return router.Stats().Connected == 0 })
		s.is(router.SendString(s.ctx, m[0], "z"), zmq.ErrHostUnreachable)
	})
	s.until("it is known that the peer has gone", func() bool {
		errno = router.send(soon, m[0], "z")
		_, _ = router.recv(0) // libzmq does such things in calls
		return errno != ""
	})
	s.errno(errno, "EHOSTUNREACH")
}

func playHandover(s *stage) {
	router := s.A.open("ROUTER", setting{"ROUTER_HANDOVER", 1})
	endpoint := s.bindAny(router)
	var peers []conformer
	for i := range 3 {
		x := s.B.open("DEALER", setting{"ROUTING_ID", "same"}, setting{"RECONNECT_IVL", -1})
		s.none(x.connect(endpoint))
		s.say(x, strconv.Itoa(i))
		s.hear(router, "same", strconv.Itoa(i))
		peers = append(peers, x)
	}
	s.say(router, "same", "to the last")
	s.hear(peers[2], "to the last")
	s.own(router, func(router *zmq.Socket) {
		s.until("the others are disconnected", func() bool { return router.Stats().Connected == 1 })
	})
	s.quiet(peers[0])
	s.quiet(peers[1])
}

func playConnectID(s *stage) {
	endpoint := s.endpoint()
	router := s.A.open("ROUTER", setting{"ROUTER_MANDATORY", 1})
	s.none(router.set("CONNECT_ROUTING_ID", "server"))
	s.none(router.connect(endpoint))
	s.say(router, "server", "early")
	s.own(router, func(router *zmq.Socket) { // libzmq takes it, and sends to one of the two
		err := s.dial(router, s.endpoint(), zmq.WithConnectRoutingID("server"))
		s.is(err, zmq.ErrInvalidOption)
		s.mentions(err, "server")
	})
	dealer := s.B.open("DEALER", setting{"ROUTING_ID", "another"})
	_, errno := dealer.bind(endpoint)
	s.none(errno)
	s.hear(dealer, "early")
	s.say(dealer, "hello")
	s.hear(router, "server", "hello")
	s.errno(router.send(soon, "another", "x"), "EHOSTUNREACH")
}

func playProbe(s *stage) {
	for _, typ := range []string{"DEALER", "REQ", "ROUTER"} {
		router := s.B.open("ROUTER")
		endpoint := s.bindAny(router)
		x := s.A.open(typ, setting{"ROUTING_ID", "x"}, setting{"PROBE_ROUTER", 1})
		s.none(x.connect(endpoint))
		s.hear(router, "x", "")
		if typ == "DEALER" {
			s.say(x, "hello")
			s.hear(router, "x", "hello")
		}
	}
}
