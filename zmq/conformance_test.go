package zmq_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// behaviour is one thing that libzmq's manual says of its sockets, as a play of two
// sides. A is the one that has the behaviour, B the one that it is shown to.
type behaviour struct {
	section, name string
	play          func(s *stage)
}

// drafts are behaviours that Debian's libzmq was built without, so that our sockets
// play them among themselves only.
var drafts = []behaviour{
	{"XPUB", "XPUB_MANUAL_LAST_VALUE: the next message is for the last one to subscribe", playLastValue},
	{"XSUB", "XSUB_VERBOSE_UNSUBSCRIBE tells every cancellation", playVerboseUnsubscribe},
	{"XSUB", "ONLY_FIRST_SUBSCRIBE: behind a subscription no frame is one", playOnlyFirst},
	{"ROUTER", "ROUTER_NOTIFY: an empty message when a peer comes and when it goes", playNotify},
	{"messages", "HELLO_MSG is the first on a connection", playHello},
	{"messages", "DISCONNECT_MSG is received when an accepted peer goes", playDisconnectMsg},
	{"messages", "HICCUP_MSG is received when a connected peer is lost", playHiccupMsg},
}

// behaviours are played by our sockets over each transport (TestConformance), and by
// ours and libzmq's in every mixture, libzmq with itself included, which shows that
// the play is right (TestInteropConformance). docs/conformance.md lists them.
var behaviours = []behaviour{
	{"PAIR", "messages go both ways", playPair},
	{"PUSH, PULL", "messages arrive whole and in order", playPipeline},
	{"PUSH, PULL", "each peer gets every second message", playRoundRobin},
	{"PUSH, PULL", "Send waits while there is no peer", playPushWaits},
	{"PUSH, PULL", "the other direction is ENOTSUP", playDirections},
	{"PUB, SUB", "a subscription is a prefix of the first frame", playPrefix},
	{"PUB, SUB", "two subscriptions need two cancellations", playCounted},
	{"PUB, SUB", "overlapping subscriptions bring one copy", playOverlap},
	{"PUB, SUB", "Send does not wait without subscribers; Recv is ENOTSUP", playPubAlone},
	{"XPUB", "the first subscription and the last cancellation are told", playNotices},
	{"XPUB", "a peer that goes is told as cancellations", playGone},
	{"XPUB", "XPUB_VERBOSE tells every subscription", playVerbose},
	{"XPUB", "XPUB_VERBOSER tells every cancellation, too", playVerboser},
	{"XPUB", "XPUB_MANUAL: subscribed is what the program says", playManual},
	{"XPUB", "XPUB_WELCOME_MSG comes first", playWelcome},
	{"XPUB", "INVERT_MATCHING sends what does not match", playInvert},
	{"XSUB", "subscribes by message, and sends the rest upstream", playUpstream},
	{"XSUB", "behind a subscription every frame may be one", playMultipartSubscription},
	{"REQ, REP", "strict turns: EFSM out of turn", playTurns},
	{"REQ, REP", "REQ_RELAXED and REQ_CORRELATE: a late reply is not taken for the next", playRelaxed},
	{"REQ, REP", "a REQ is an empty frame and a body to a ROUTER", playEnvelope},
	{"REQ, REP", "a REP gives back the whole envelope", playHops},
	{"ROUTER", "the routing id is the first frame, in both directions", playRouter},
	{"ROUTER", "a peer without a name gets five bytes, the first of them zero", playAutoID},
	{"ROUTER", "a message to nobody is dropped", playUnroutable},
	{"ROUTER", "ROUTER_MANDATORY: it is EHOSTUNREACH", playMandatory},
	{"ROUTER", "ROUTER_HANDOVER: a new peer takes a name over", playHandover},
	{"ROUTER", "CONNECT_ROUTING_ID names the peer of the next connect", playConnectID},
	{"ROUTER", "PROBE_ROUTER sends an empty message to each new peer", playProbe},
	{"queues", "CONFLATE keeps the last message", playConflate},
	{"queues", "SNDHWM and RCVHWM: a full peer is EAGAIN, and nothing is lost", playHWM},
	{"queues", "IMMEDIATE: nothing waits for a peer that is not there", playImmediate},
	{"queues", "messages wait for a peer that is not there yet", playEarly},
	{"options", "values against the rule are EINVAL", playInvalid},
	{"options", "options of other types are EINVAL", playForeignOptions},
	{"endpoints", "an address is bound once: EADDRINUSE", playAddrInUse},
	{"endpoints", "unbind of what is not bound is ENOENT", playNoEndpoint},
}

func TestConformance(t *testing.T) {
	for _, b := range slices.Concat(behaviours, drafts) {
		t.Run(b.section+"/"+b.name, func(t *testing.T) {
			runOver(t, schemes[:3], func(k *kit) { b.play(&stage{k, ours{k}, ours{k}}) })
		})
	}
}

// docs/conformance.md is the list, for people.
func TestConformancePage(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`# Conformance

Made by ` + "`go test ./zmq -run ConformancePage -update`" + `; a test fails when it is stale. The
sections on options at its end are made by the interop tests that they name.

Each line is a play of two sides in zmq/conformance_test.go. "ours" plays it with
zactor on both sides, over inproc, ipc and tcp: ` + "`go test ./zmq -run Conformance`" + `. "libzmq
4.3.4" plays it over ipc and tcp with libzmq on either side and, to show that the play
is right, on both: ` + "`go test -tags interop ./zmq -run InteropConformance`" + `. A play that
fails anywhere fails the test, so that "same" and "ok" is all that there can be; "draft"
marks what Debian's libzmq was built without. IMMEDIATE is not played over inproc, where
to connect and to be connected are one, nor EADDRINUSE over ipc, where libzmq takes
the address of a living server away and we do not (DESIGN.md, section 5).

| Section | Behaviour | ours | libzmq 4.3.4 |
|---|---|---|---|
`)
	for _, x := range behaviours {
		fmt.Fprintf(&b, "| %s | %s | ok | same |\n", x.section, x.name)
	}
	for _, x := range drafts {
		fmt.Fprintf(&b, "| %s | %s | ok | draft |\n", x.section, x.name)
	}
	for _, section := range []string{"options", "effects"} {
		b.WriteByte('\n')
		b.Write(zmq.Section(t, "conformance.md", section))
	}
	zmq.CheckDoc(t, "conformance.md", b.Bytes())
}

func playPair(s *stage) {
	a, b, _ := s.pair("PAIR", "PAIR")
	s.say(b, "to", "", "a")
	s.hear(a, "to", "", "a")
	s.say(a, "to b")
	s.hear(b, "to b")
}

func playPipeline(s *stage) {
	pull, push, _ := s.pair("PULL", "PUSH")
	for i := range 200 {
		s.say(push, strconv.Itoa(i), "", "end")
	}
	for i := range 200 {
		s.hear(pull, strconv.Itoa(i), "", "end")
	}
}

func playRoundRobin(s *stage) {
	push := s.A.open("PUSH")
	endpoint := s.bindAny(push)
	pulls := []conformer{s.B.open("PULL"), s.B.open("PULL")}
	for _, p := range pulls {
		s.none(p.connect(endpoint))
	}
	// Both are there once each has got something.
	for got := [2]bool{}; !got[0] || !got[1]; {
		s.say(push, "probe")
		for i, p := range pulls {
			if _, errno := p.recv(not); errno == "" {
				got[i] = true
			}
		}
	}
	for range 20 {
		s.say(push, "x")
	}
	for range 10 {
		s.hear(pulls[0], "x")
		s.hear(pulls[1], "x")
	}
	s.quiet(pulls[0])
}

func playPushWaits(s *stage) {
	push := s.A.open("PUSH")
	endpoint := s.bindAny(push)
	s.errno(push.send(not, "x"), "EAGAIN")
	pull := s.B.open("PULL")
	s.none(pull.connect(endpoint))
	s.say(push, "y")
	s.hear(pull, "y")
}

func playDirections(s *stage) {
	pull, push, _ := s.pair("PULL", "PUSH")
	s.errno(pull.send(soon, "x"), "ENOTSUP")
	_, errno := push.recv(soon)
	s.errno(errno, "ENOTSUP")
}

func playPrefix(s *stage) {
	pub, sub, _ := s.pair("PUB", "SUB")
	s.none(sub.subscribe("ab", true))
	s.reach(pub, sub, "ab")
	for _, m := range []string{"a", "", "b", "abc", "xab"} {
		s.say(pub, m, "ab")
	}
	s.hear(sub, "abc", "ab")
	s.quiet(sub)
	s.none(sub.subscribe("", true))
	s.reach(pub, sub, "anything")
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
}

func playOverlap(s *stage) {
	pub, sub, _ := s.pair("PUB", "SUB")
	for _, topic := range []string{"", "a", "ab"} {
		s.none(sub.subscribe(topic, true))
	}
	s.none(sub.subscribe("z", true))
	s.reach(pub, sub, "z")
	s.say(pub, "abc")
	s.hear(sub, "abc")
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
	s.none(b.subscribe("x", true))
	s.none(b.subscribe("mark", true))
	s.hear(xpub, "\x01mark")
	s.none(a.subscribe("x", false))
	s.none(a.subscribe("mark a", true))
	s.hear(xpub, "\x01mark a")
	s.none(b.subscribe("x", false))
	s.hear(xpub, "\x00x")
}

func playGone(s *stage) {
	xpub, a, b := s.audience()
	s.none(a.subscribe("only a", true))
	s.hear(xpub, "\x01only a")
	s.none(b.subscribe("b", true))
	s.hear(xpub, "\x01b")
	a.close()
	s.hear(xpub, "\x00only a")
	b.close()
	s.hear(xpub, "\x00b")
}

func playVerbose(s *stage) {
	xpub, a, b := s.audience(setting{"XPUB_VERBOSE", 1})
	for _, x := range []conformer{a, b} {
		s.none(x.subscribe("x", true))
		s.hear(xpub, "\x01x")
	}
	s.none(a.subscribe("x", false))
	s.none(a.subscribe("mark", true))
	s.hear(xpub, "\x01mark")
}

func playVerboser(s *stage) {
	xpub, a, b := s.audience(setting{"XPUB_VERBOSER", 1})
	for _, x := range []conformer{a, b} {
		s.none(x.subscribe("x", true))
		s.hear(xpub, "\x01x")
	}
	for _, x := range []conformer{a, b} {
		s.none(x.subscribe("x", false))
		s.hear(xpub, "\x00x")
	}
}

func playManual(s *stage) {
	xpub, a, b := s.audience(setting{"XPUB_MANUAL", 1})
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
}

func playInvert(s *stage) {
	xpub := s.A.open("XPUB", setting{"INVERT_MATCHING", 1})
	endpoint := s.bindAny(xpub)
	sub := s.B.open("SUB", setting{"INVERT_MATCHING", 1})
	s.none(sub.connect(endpoint))
	s.none(sub.subscribe("ab", true))
	s.hear(xpub, "\x01ab")
	for _, m := range []string{"ab", "a", "abc", "b"} {
		s.say(xpub, m)
	}
	s.hear(sub, "a")
	s.hear(sub, "b")
	s.quiet(sub)
}

func playUpstream(s *stage) {
	xpub, xsub, _ := s.pair("XPUB", "XSUB")
	s.say(xsub, "\x01a")
	s.hear(xpub, "\x01a")
	s.say(xpub, "a1", "x")
	s.hear(xsub, "a1", "x")
	s.say(xsub, "hello", "publisher")
	s.hear(xpub, "hello", "publisher")
	s.say(xsub, "\x00a")
	s.hear(xpub, "\x00a")
	s.say(xpub, "a2")
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
}

func playTurns(s *stage) {
	rep, req, _ := s.pair("REP", "REQ")
	_, errno := req.recv(soon)
	s.errno(errno, "EFSM")
	s.errno(rep.send(soon, "x"), "EFSM")
	s.say(req, "question")
	s.errno(req.send(soon, "x"), "EFSM")
	s.hear(rep, "question")
	_, errno = rep.recv(soon)
	s.errno(errno, "EFSM")
	s.say(rep, "answer", "in two")
	s.hear(req, "answer", "in two")
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
}

func playEnvelope(s *stage) {
	req := s.A.open("REQ", setting{"ROUTING_ID", "me"})
	endpoint := s.bindAny(req)
	router := s.B.open("ROUTER")
	s.none(router.connect(endpoint))
	s.say(req, "body", "and more")
	s.hear(router, "me", "", "body", "and more")
	s.say(router, "me", "", "reply")
	s.hear(req, "reply")
}

func playHops(s *stage) {
	rep, dealer, _ := s.pair("REP", "DEALER")
	s.say(dealer, "no delimiter") // is skipped
	s.say(dealer, "X", "Y", "", "body", "", "more")
	s.hear(rep, "body", "", "more")
	s.say(rep, "answer")
	s.hear(dealer, "X", "Y", "", "answer")
}

func playRouter(s *stage) {
	router := s.A.open("ROUTER")
	endpoint := s.bindAny(router)
	for _, id := range []string{"one", "two"} {
		dealer := s.B.open("DEALER", setting{"ROUTING_ID", id})
		s.none(dealer.connect(endpoint))
		s.say(dealer, "hello", "")
		s.hear(router, id, "hello", "")
		s.say(router, id, "", "reply")
		s.hear(dealer, "", "reply")
	}
}

func playAutoID(s *stage) {
	router, dealer, _ := s.pair("ROUTER", "DEALER")
	s.say(dealer, "hello")
	m, errno := router.recv(soon)
	s.none(errno)
	if len(m) != 2 || len(m[0]) != 5 || m[0][0] != 0 {
		s.Fatalf("got %q", m)
	}
	s.say(router, m[0], "reply")
	s.hear(dealer, "reply")
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
}

func playMandatory(s *stage) {
	router, dealer, _ := s.pair("ROUTER", "DEALER", setting{"ROUTER_MANDATORY", 1})
	s.say(dealer, "hello")
	m, errno := router.recv(soon)
	s.none(errno)
	s.errno(router.send(soon, "nobody", "x"), "EHOSTUNREACH")
	s.say(router, m[0], "y")
	s.hear(dealer, "y")
	dealer.close()
	for range 100 {
		if errno = router.send(soon, m[0], "z"); errno != "" {
			break
		}
		_, _ = router.recv(not)
	}
	s.errno(errno, "EHOSTUNREACH")
}

func playHandover(s *stage) {
	router := s.A.open("ROUTER", setting{"ROUTER_HANDOVER", 1})
	endpoint := s.bindAny(router)
	var last conformer
	for i := range 3 {
		last = s.B.open("DEALER", setting{"ROUTING_ID", "same"}, setting{"RECONNECT_IVL", -1})
		s.none(last.connect(endpoint))
		s.say(last, strconv.Itoa(i))
		s.hear(router, "same", strconv.Itoa(i))
	}
	s.say(router, "same", "to the last")
	s.hear(last, "to the last")
}

func playConnectID(s *stage) {
	endpoint := s.endpoint()
	router := s.A.open("ROUTER", setting{"ROUTER_MANDATORY", 1})
	s.none(router.set("CONNECT_ROUTING_ID", "server"))
	s.none(router.connect(endpoint))
	s.say(router, "server", "early")
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
	}
}

func playConflate(s *stage) {
	endpoint := s.endpoint()
	push := s.A.open("PUSH", setting{"CONFLATE", 1})
	s.none(push.connect(endpoint))
	for i := range 50 {
		s.say(push, strconv.Itoa(i))
	}
	pull := s.B.open("PULL")
	_, errno := pull.bind(endpoint)
	s.none(errno)
	s.hear(pull, "49")
	s.quiet(pull)
}

func playHWM(s *stage) {
	endpoint := s.endpoint()
	push := s.A.open("PUSH", setting{"SNDHWM", 5})
	s.none(push.connect(endpoint))
	for i := range 5 {
		s.say(push, strconv.Itoa(i))
	}
	s.errno(push.send(not, "too many"), "EAGAIN")
	pull := s.B.open("PULL", setting{"RCVHWM", 5})
	_, errno := pull.bind(endpoint)
	s.none(errno)
	for i := range 5 {
		s.hear(pull, strconv.Itoa(i))
	}
	s.say(push, "room again")
	s.hear(pull, "room again")
}

func playImmediate(s *stage) {
	endpoint := s.endpoint()
	push := s.A.open("PUSH", setting{"IMMEDIATE", 1}, setting{"RECONNECT_IVL", 10})
	if s.scheme == "inproc" {
		return // where to be connected and to be there are one
	}
	s.none(push.connect(endpoint))
	s.errno(push.send(not, "x"), "EAGAIN")
	pull := s.B.open("PULL")
	_, errno := pull.bind(endpoint)
	s.none(errno)
	s.say(push, "y")
	s.hear(pull, "y")
}

func playEarly(s *stage) {
	endpoint := s.endpoint()
	dealer := s.A.open("DEALER", setting{"ROUTING_ID", "d"}, setting{"RECONNECT_IVL", 10})
	s.none(dealer.connect(endpoint))
	s.say(dealer, "early", "bird")
	router := s.B.open("ROUTER")
	_, errno := router.bind(endpoint)
	s.none(errno)
	s.hear(router, "d", "early", "bird")
}

func playInvalid(s *stage) {
	x := s.A.open("ROUTER")
	for _, bad := range []setting{
		{"SNDHWM", -1}, {"RCVHWM", -1}, {"BACKLOG", -1}, {"IMMEDIATE", 2}, {"CONFLATE", 2}, {"TCP_KEEPALIVE", 2},
		{"RECONNECT_IVL_MAX", -1}, {"HANDSHAKE_IVL", -1}, {"CONNECT_TIMEOUT", -1}, {"HEARTBEAT_IVL", -1},
		{"HEARTBEAT_TTL", 6553600}, {"RATE", 0}, {"MULTICAST_HOPS", 0}, {"MULTICAST_MAXTPDU", 0}, {"IPV6", 2}, {"USE_FD", -2},
		{"TCP_ACCEPT_FILTER", "nonsense"}, {"METADATA", "no colon"}, {"ROUTING_ID", ""},
	} {
		if got := x.set(bad.name, bad.value); got != "EINVAL" {
			s.Errorf("%s = %v: %q, want EINVAL", bad.name, bad.value, got)
		}
	}
}

func playForeignOptions(s *stage) {
	x := s.A.open("PULL")
	for _, o := range []setting{
		{"ROUTER_MANDATORY", 1}, {"ROUTER_HANDOVER", 1}, {"REQ_RELAXED", 1}, {"REQ_CORRELATE", 1},
		{"XPUB_VERBOSE", 1}, {"XPUB_VERBOSER", 1}, {"XPUB_MANUAL", 1}, {"XPUB_NODROP", 1}, {"PROBE_ROUTER", 1},
	} {
		if got := x.set(o.name, o.value); got != "EINVAL" {
			s.Errorf("%s: %q, want EINVAL", o.name, got)
		}
	}
}

func playAddrInUse(s *stage) {
	if s.scheme == "ipc" {
		return // libzmq takes the path over, also from one that is alive; DESIGN.md
	}
	pull := s.A.open("PULL")
	endpoint := s.bindAny(pull)
	_, errno := s.A.open("PULL").bind(endpoint)
	s.errno(errno, "EADDRINUSE")
}

func playNoEndpoint(s *stage) {
	pull := s.A.open("PULL")
	endpoint := s.bindAny(pull)
	s.none(pull.unbind(endpoint))
	s.errno(pull.unbind(endpoint), "ENOENT")
}
