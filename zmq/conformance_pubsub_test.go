package zmq_test

import (
	"github.com/go-zactor/zactor/zmq"
)

// The plays of PUB, SUB, XPUB and XSUB.

func playPrefix(s *stage) {
	pub, sub, _ := s.pair("PUB", "SUB")
	matches(s, pub, sub)
	s.none(sub.subscribe("", true)) // for all
	s.reach(pub, sub, "anything")
	for _, m := range []string{"", "x"} {
		s.say(pub, m)
		s.hear(sub, m)
	}
	sub, pub, _ = s.pairOf(s.B, s.A, "SUB", "PUB") // whoever binds
	matches(s, pub, sub)
}

// matches plays a subscription to "ab" of a subscriber that has none.
func matches(s *stage, pub, sub conformer) {
	s.Helper()
	s.say(pub, "ab", "before there is a subscription")
	s.none(sub.subscribe("ab", true))
	s.reach(pub, sub, "ab")
	for _, m := range []string{"a", "", "b", "Ab", "abc", "xab", "ab\x00\xff", "ab"} {
		s.say(pub, m, "x", "", "ab")
	}
	for _, m := range []string{"abc", "ab\x00\xff", "ab"} {
		s.hear(sub, m, "x", "", "ab")
	}
	s.quiet(sub)
}

func playCounted(s *stage) {
	pub, sub, _ := s.pair("PUB", "SUB")
	s.none(sub.subscribe("a", true))
	s.none(sub.subscribe("a", true))
	s.reach(pub, sub, "a")
	s.none(sub.subscribe("a", false))
	s.none(sub.subscribe("mark", true))
	s.reach(pub, sub, "mark")
	s.say(pub, "a")
	s.hear(sub, "a")
	s.none(sub.subscribe("a", false))
	s.none(sub.subscribe("never", false))
	s.say(pub, "a")
	s.say(pub, "mark")
	s.hear(sub, "mark")
	s.none(sub.subscribe("a", false)) // one too many does nothing
	s.none(sub.subscribe("a", true))
	s.reach(pub, sub, "a")
}

func playOverlap(s *stage) {
	pub, sub, _ := s.pair("PUB", "SUB")
	for _, topic := range []string{"", "a", "ab", "abc", "ab"} {
		s.none(sub.subscribe(topic, true))
	}
	s.none(sub.subscribe("z", true))
	s.reach(pub, sub, "z")
	s.say(pub, "abcd")
	s.hear(sub, "abcd")
	s.quiet(sub)
	s.none(sub.subscribe("", false)) // the others are left
	s.none(sub.subscribe("mark", true))
	s.reach(pub, sub, "mark")
	s.say(pub, "x")
	s.say(pub, "abcd")
	s.hear(sub, "abcd")
	s.quiet(sub)
}

func playPubAlone(s *stage) {
	pub := s.A.open("PUB", setting{"SNDHWM", 1})
	s.bindAny(pub)
	for range 100 {
		s.say(pub, "x")
	}
	_, errno := pub.recv(soon)
	s.errno(errno, "ENOTSUP")
	s.errno(s.B.open("SUB").send(soon, "x"), "ENOTSUP")
}

// audience is two subscribers of an XPUB.
func (s *stage) audience(options ...setting) (xpub, a, b conformer) {
	s.Helper()
	xpub, a, endpoint := s.pair("XPUB", "SUB", options...)
	b = s.B.open("SUB")
	s.none(b.connect(endpoint))
	return xpub, a, b
}

func playNotices(s *stage) {
	xpub, a, b := s.audience()
	s.none(a.subscribe("x", true))
	s.hear(xpub, "\x01x")
	s.none(a.subscribe("x", true)) // again by the same peer
	s.none(b.subscribe("x", true)) // and by another
	s.none(b.subscribe("", true))
	s.hear(xpub, "\x01")
	s.none(a.subscribe("x", false))
	s.none(a.subscribe("x", false))
	s.none(a.subscribe("mark a", true))
	s.hear(xpub, "\x01mark a")
	s.none(b.subscribe("x", false))
	s.hear(xpub, "\x00x")
	s.none(b.subscribe("", false))
	s.hear(xpub, "\x00")
}

func playGone(s *stage) {
	xpub, a, b := s.audience()
	for _, topic := range []string{"both", "only a"} {
		s.none(a.subscribe(topic, true))
		s.hear(xpub, "\x01"+topic)
	}
	s.none(b.subscribe("both", true))
	s.none(b.subscribe("b", true))
	s.hear(xpub, "\x01b")
	a.close()
	s.hear(xpub, "\x00only a")
	b.close()
	got := map[string]bool{}
	for range 2 {
		m, errno := xpub.recv(soon)
		s.none(errno)
		got[m[0]] = true
	}
	if !got["\x00b"] || !got["\x00both"] {
		s.Errorf("when the last peer goes %v is told", got)
	}
	s.quiet(xpub)
}

func playVerbose(s *stage) {
	xpub, a, b := s.audience(setting{"XPUB_VERBOSE", 1})
	for _, x := range []conformer{a, a, b} {
		s.none(x.subscribe("x", true))
		s.hear(xpub, "\x01x")
	}
	s.none(a.subscribe("x", false))
	s.none(a.subscribe("x", false))
	s.none(a.subscribe("mark", true))
	s.hear(xpub, "\x01mark")
	s.none(b.subscribe("x", false))
	s.hear(xpub, "\x00x")

	xpub, a, b = s.audience(setting{"XPUB_VERBOSER", 1}) // the later of the two rules
	s.none(xpub.set("XPUB_VERBOSE", 1))
	for _, x := range []conformer{a, b} {
		s.none(x.subscribe("x", true))
		s.hear(xpub, "\x01x")
	}
	s.none(a.subscribe("x", false))
	s.none(a.subscribe("mark", true))
	s.hear(xpub, "\x01mark")
	s.none(b.subscribe("x", false))
	s.hear(xpub, "\x00x")
}

func playVerboser(s *stage) {
	xpub, a, b := s.audience(setting{"XPUB_VERBOSER", 1})
	for range 2 {
		for _, x := range []conformer{a, b} {
			s.none(x.subscribe("x", true))
			s.hear(xpub, "\x01x")
		}
		for _, x := range []conformer{a, b} {
			s.none(x.subscribe("x", false))
			s.hear(xpub, "\x00x")
		}
	}
	for _, x := range []conformer{a, b} {
		s.none(x.subscribe("x", true))
		s.hear(xpub, "\x01x")
	}
	for _, x := range []conformer{a, b} { // one for each peer that goes
		x.close()
		s.hear(xpub, "\x00x")
	}
}

func playManual(s *stage) {
	xpub, a, b := s.audience(setting{"XPUB_MANUAL", 1})
	s.own(xpub, func(x *zmq.Socket) { s.ok(x.Subscribe("nobody")) }) // has asked yet
	s.none(a.subscribe("A", true))
	s.hear(xpub, "\x01A")
	s.none(xpub.subscribe("XA", true))
	s.none(b.subscribe("B", true))
	s.hear(xpub, "\x01B")
	s.none(xpub.subscribe("XB", true))
	s.none(a.subscribe("XA", true)) // for its own filter
	s.hear(xpub, "\x01XA")
	s.none(b.subscribe("XB", true))
	s.hear(xpub, "\x01XB")
	for _, m := range []string{"A", "B", "XA", "XB"} {
		s.say(xpub, m)
	}
	s.hear(a, "XA")
	s.hear(b, "XB")
	s.quiet(a)
	s.quiet(b)
	s.none(b.subscribe("B", false))
	s.hear(xpub, "\x00B")
	s.none(xpub.subscribe("XB", false))
	s.say(xpub, "XB")
	s.say(xpub, "XA")
	s.hear(a, "XA")
	s.quiet(b)
	a.close()
	got := map[string]bool{}
	for range 2 {
		m, errno := xpub.recv(soon)
		s.none(errno)
		got[m[0]] = true
	}
	if !got["\x00A"] || !got["\x00XA"] {
		s.Errorf("when a peer goes %v is told", got)
	}
	manualByPeer(s)
}

// manualByPeer plays that each subscription is told, the second one of a peer too, and when
// a peer goes what it had asked for, once for each peer.
func manualByPeer(s *stage) {
	s.Helper()
	xpub, a, b := s.audience(setting{"XPUB_MANUAL", 1})
	for _, x := range []conformer{a, b, b} {
		s.none(x.subscribe("both", true))
		s.hear(xpub, "\x01both")
	}
	s.none(xpub.subscribe("something else", true))
	a.close()
	s.hear(xpub, "\x00both")
	s.own(xpub, func(x *zmq.Socket) { s.ok(x.Subscribe("in vain")) }) // it is a who is gone
	b.close()
	s.hear(xpub, "\x00both")
	s.quiet(xpub)
	s.topics(xpub, 0)
}

func playWelcome(s *stage) {
	xpub := s.A.open("XPUB", setting{"XPUB_WELCOME_MSG", "W"})
	endpoint := s.bindAny(xpub)
	sub := s.B.open("SUB")
	s.none(sub.subscribe("W", true))
	s.none(sub.connect(endpoint))
	s.hear(xpub, "\x01W") // before libzmq's program has called, nothing is sent
	s.hear(sub, "W")
	s.say(xpub, "Well")
	s.hear(sub, "Well")
	s.own(xpub, func(x *zmq.Socket) { // libzmq knows no end of it
		s.ok(x.Set(zmq.WithXPubWelcomeMsg(nil)))
		late := s.B.open("SUB")
		s.none(late.subscribe("W", true))
		s.none(late.subscribe("not the first", true))
		s.none(late.connect(endpoint))
		s.hear(xpub, "\x01not the first")
		s.say(xpub, "W", "else")
		s.hear(late, "W", "else")
	})
}

func playInvert(s *stage) {
	xpub := s.A.open("XPUB", setting{"INVERT_MATCHING", 1})
	invert(s, xpub, func(topic string) { s.hear(xpub, topic) })
	pub := s.A.open("PUB", setting{"INVERT_MATCHING", 1})
	s.own(pub, func(p *zmq.Socket) { // says who is there, as libzmq's does not
		invert(s, pub, func(topic string) {
			s.until("it has heard "+topic, func() bool { return s.subscribers(p, topic[1:]) == int(topic[0]) })
		})
	})
}

// invert plays a publisher to two subscribers of which one has a subscription; heard waits
// until it has heard of one.
func invert(s *stage, pub conformer, heard func(topic string)) {
	s.Helper()
	endpoint := s.bindAny(pub)
	sub, other := s.B.open("SUB", setting{"INVERT_MATCHING", 1}), s.B.open("SUB", setting{"INVERT_MATCHING", 1})
	s.none(sub.connect(endpoint))
	s.none(other.connect(endpoint))
	s.none(sub.subscribe("ab", true))
	heard("\x01ab")
	s.none(other.subscribe("mark", true)) // by which it is known to be there
	heard("\x01mark")
	all := []string{"ab", "a", "abc", "b", ""}
	for _, m := range all {
		s.say(pub, m)
		s.hear(other, m)
	}
	for _, m := range []string{"a", "b", ""} {
		s.hear(sub, m)
	}
	s.quiet(sub)
	s.none(sub.subscribe("ab", false))
	heard("\x00ab")
	s.say(pub, "ab")
	s.hear(sub, "ab")
	other.close()
	heard("\x00mark")
	s.say(pub, "x")
	s.hear(sub, "x")
}

func playUpstream(s *stage) {
	xpub, xsub, _ := s.pair("XPUB", "XSUB")
	second := s.A.open("XPUB")
	s.none(xsub.connect(s.bindAny(second)))
	both := []conformer{xpub, second}
	s.say(xsub, "\x01a")
	for _, x := range both {
		s.hear(x, "\x01a")
		s.say(x, "a1", "x")
		s.hear(xsub, "a1", "x")
		s.say(x, "b")
	}
	for _, m := range [][]string{{"hello", "publisher"}, {"a user message", "\x01of two frames"}, {"\x02"}, {""}} {
		s.say(xsub, m...)
	}
	for _, x := range both {
		for _, m := range [][]string{{"hello", "publisher"}, {"a user message", "\x01of two frames"}, {"\x02"}, {""}} {
			s.hear(x, m...)
		}
	}
	s.say(xsub, "\x00a")
	for _, x := range both {
		s.hear(x, "\x00a")
		s.say(x, "a2")
	}
	s.quiet(xsub)
}

func playMultipartSubscription(s *stage) {
	xpub, xsub, _ := s.pair("XPUB", "XSUB")
	s.say(xsub, "\x01c", "\x01d")
	s.hear(xpub, "\x01c")
	s.hear(xpub, "\x01d")
	s.say(xsub, "\x01e", "and a message")
	s.hear(xpub, "\x01e")
	s.hear(xpub, "and a message")
	s.say(xpub, "d")
	s.hear(xsub, "d")
	s.own(xpub, func(*zmq.Socket) { // between two of libzmq the rest belongs to the message
		s.say(xsub, "\x01f", "x", "\x01g", "y")
		s.hear(xpub, "\x01f")
		s.hear(xpub, "\x01g")
		s.hear(xpub, "x", "y")
	})
	s.topics(xpub, 5)
}
