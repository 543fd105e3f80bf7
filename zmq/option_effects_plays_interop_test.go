//go:build interop && linux

package zmq_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

func effectLinger(e *effects) {
	for _, c := range []struct {
		linger int
		hears  bool
	}{{0, false}, {-1, true}} {
		endpoint := e.endpoint()
		push := e.a("PUSH", setting{"LINGER", c.linger})
		e.none(push.connect(endpoint))
		e.say(push, "last words")
		push.leave()
		pull := e.B.open("PULL")
		_, errno := pull.bind(endpoint)
		e.none(errno)
		if c.hears {
			e.hear(pull, "last words")
		} else {
			e.quiet(pull)
		}
	}
}

func effectTimeouts(e *effects) {
	for _, ms := range []int{0, 50} {
		s := e.a("DEALER", setting{"SNDTIMEO", ms}, setting{"RCVTIMEO", ms})
		e.errno(s.sendOwn("x"), "EAGAIN")
		e.errno(s.recvOwn(), "EAGAIN")
	}
}

func effectMaxMsgSize(e *effects) {
	pull := e.a("PULL", setting{"MAXMSGSIZE", 100}) // libzmq counts the handshake's commands, too
	r := e.dialRaw(e.bindAny(pull))
	r.handshake("PUSH")
	text := strings.Repeat("x", 101)
	r.write("00 64", text2hex(text[:100]))
	e.hear(pull, text[:100])
	r.write("00 65", text2hex(text))
	r.closed()
	e.quiet(pull)

	pull = e.a("PULL", setting{"MAXMSGSIZE", 0})
	r = e.dialRaw(e.bindAny(pull))
	if e.libzmq {
		r.write(greeting3, ready("PUSH"))
		r.closed()
		return
	}
	r.handshake("PUSH")
	r.write("00 64", text2hex(text[:100]))
	e.hear(pull, text[:100])
}

func effectReconnect(e *effects) {
	for _, ivl := range []int{-1, 300} {
		l, endpoint := e.rawListener()
		s := e.a("PULL", setting{"RECONNECT_IVL", ivl})
		e.none(s.connect(endpoint))
		e.accept(l, 0).Close()
		began := time.Now()
		switch {
		case ivl < 0:
			if e.accept(l, not) != nil {
				e.Fatal("dialled again")
			}
		default:
			e.accept(l, 0)
			if d := time.Since(began); d < 100*time.Millisecond { // ours is half as long at least
				e.Fatalf("dialled again after %v", d)
			}
		}
	}
}

func effectReconnectMax(e *effects) {
	l, endpoint := e.rawListener()
	l.Close()
	for _, longest := range []int{0, 80} {
		s := e.a("PULL", setting{"RECONNECT_IVL", 10}, setting{"RECONNECT_IVL_MAX", longest})
		next := s.monitor(zmq.EventConnectRetried)
		e.none(s.connect(endpoint))
		var list []int
		for range 6 {
			_, ivl := next(ztest.Patience)
			list = append(list, ivl)
		}
		// libzmq begins anew when it has reached the longest.
		if most := slices.Max(list); longest == 0 && most > 20 || longest > 0 && (most < 40 || most > 2*longest || list[0] > 20) {
			e.Fatalf("intervals of 10 ms up to %d: %v", longest, list)
		}
	}
}

func effectConnectTimeout(e *effects) {
	s := e.a("PULL", setting{"CONNECT_TIMEOUT", 100}, setting{"RECONNECT_IVL", 10})
	next := s.monitor(zmq.EventConnectRetried)
	e.none(s.connect(e.fullListener()))
	if kind, _ := next(time.Minute); kind == 0 { // Linux's own patience is two minutes
		e.Fatal("the attempt did not end")
	}
}

// fullListener is an endpoint that answers no SYN: its backlog is full.
func (e *effects) fullListener() string {
	e.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	e.ok(err)
	e.Cleanup(func() { unix.Close(fd) })
	e.ok(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	e.ok(unix.Listen(fd, 0))
	port := portOf(unix.Getsockname(fd))
	for range 4 {
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
		e.ok(err)
		e.Cleanup(func() { unix.Close(c) })
		_ = unix.Connect(c, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	}
	return fmt.Sprintf("tcp://127.0.0.1:%d", port)
}

func effectHandshake(e *effects) {
	e.dialRaw(e.bindAny(e.a("PULL", setting{"HANDSHAKE_IVL", 100}))).closed()
	e.dialRaw(e.bindAny(e.a("PULL", setting{"HANDSHAKE_IVL", 0}))).open()
}

// open makes sure that a socket does not hang up.
func (r *raw) open() {
	r.k.Helper()
	r.k.ok(r.nc.SetReadDeadline(time.Now().Add(2 * not)))
	if _, err := io.Copy(io.Discard, r.nc); err == nil || !err.(net.Error).Timeout() {
		r.k.Fatalf("hung up: %v", err)
	}
}

func effectReconnectStop(e *effects) {
	for _, stop := range []int{0, 1} {
		l, endpoint := e.rawListener()
		l.Close()
		s := e.a("PULL", setting{"RECONNECT_STOP", stop}, setting{"RECONNECT_IVL", 20})
		closed := s.monitor(zmq.EventClosed)
		e.none(s.connect(endpoint))
		if kind, _ := closed(ztest.Patience); kind == 0 {
			e.Fatal("the first attempt was not refused")
		}
		again, err := net.Listen("tcp", strings.TrimPrefix(endpoint, "tcp://"))
		e.ok(err)
		defer again.Close()
		if stop == 0 {
			e.accept(again.(*net.TCPListener), 0)
		} else if e.accept(again.(*net.TCPListener), not) != nil {
			e.Fatal("dialled again after it was refused")
		}
	}
	for _, stop := range []int{0, 2} {
		if stop == 0 && e.libzmq { // which never dials again after a protocol error
			continue
		}
		l, endpoint := e.rawListener()
		s := e.a("PULL", setting{"RECONNECT_STOP", stop}, setting{"RECONNECT_IVL", 20})
		e.none(s.connect(endpoint))
		r := e.raw(e.accept(l, 0))
		r.write(strings.Replace(greeting3, "4e554c4c", "4e4f4e45", 1)) // mechanism NONE
		r.closed()
		if stop == 0 {
			e.accept(l, 0)
		} else if e.accept(l, not) != nil {
			e.Fatal("dialled again after the handshake failed")
		}
	}
}

func effectPing(e *effects) {
	for ms, want := range map[int]uint16{2500: 25, 199: 1, 0: 0} {
		s := e.a("PULL", setting{"HEARTBEAT_IVL", 50}, setting{"HEARTBEAT_TTL", ms}, setting{"HEARTBEAT_TIMEOUT", 60_000})
		r := e.dialRaw(e.bindAny(s))
		r.handshake("PUSH")
		for range 2 {
			flags, body := r.frame()
			if flags != 4 || len(body) < 7 || string(body[:5]) != "\x04PING" || binary.BigEndian.Uint16(body[5:]) != want {
				e.Fatalf("HEARTBEAT_TTL %d: got %x %q", ms, flags, body)
			}
		}
	}
}

func effectHeartbeatTimeout(e *effects) {
	s := e.a("PULL", setting{"HEARTBEAT_IVL", 100}, setting{"HEARTBEAT_TIMEOUT", 100})
	endpoint := e.bindAny(s)
	mute := e.dialRaw(endpoint)
	mute.handshake("PUSH")
	mute.closed()
	lively := e.dialRaw(endpoint)
	lively.handshake("PUSH")
	for range 5 {
		flags, body := lively.frame()
		if flags != 4 || string(body[:5]) != "\x04PING" {
			e.Fatalf("got %x %q", flags, body)
		}
		lively.write("04 05 04", text2hex("PONG"))
	}
	effectHeartbeatZero(e)
}

// effectHeartbeatZero is where libzmq does not do what its man page says.
func effectHeartbeatZero(e *effects) {
	s := e.a("PULL", setting{"HEARTBEAT_IVL", 50}, setting{"HEARTBEAT_TIMEOUT", 0})
	r := e.dialRaw(e.bindAny(s))
	r.handshake("PUSH")
	if e.libzmq {
		r.open()
	} else {
		r.closed()
	}
}

// readyOf is the READY of a socket of A's.
func (e *effects) readyOf(typ string, options ...setting) string {
	e.Helper()
	r := e.dialRaw(e.bindAny(e.a(typ, options...)))
	r.write(greeting3, ready("DEALER"))
	r.skip(64)
	_, body := r.frame()
	return string(body)
}

func effectMetadata(e *effects) {
	if body := e.readyOf("DEALER", setting{"METADATA", "X-Role:boss"}); !strings.Contains(body, "\x06X-Role\x00\x00\x00\x04boss") {
		e.Fatalf("READY is %q", body)
	}
}

func effectRoutingID(e *effects) {
	if body := e.readyOf("DEALER", setting{"ROUTING_ID", "joe"}); !strings.Contains(body, "\x08Identity\x00\x00\x00\x03joe") {
		e.Fatalf("READY is %q", body)
	}
}

func effectStreamNotify(e *effects) {
	for _, on := range []int{1, 0} {
		stream := e.a("STREAM", setting{"STREAM_NOTIFY", on})
		r := e.dialRaw(e.bindAny(stream))
		r.write(text2hex("hi"))
		got, errno := stream.recv(soon)
		e.none(errno)
		if on == 1 && got[1] == "" {
			got, errno = stream.recv(soon)
			e.none(errno)
		} else if on == 1 {
			e.Fatalf("got %q before the connection was told", got)
		}
		if got[1] != "hi" {
			e.Fatalf("got %q", got)
		}
	}
}

// secureRole is one side of a mechanism, for either implementation.
type secureRole struct {
	theirs []setting
	ours   zmq.Option
}

func (e *effects) secured(m maker, typ string, role secureRole, more ...setting) effector {
	e.Helper()
	if t, ok := m.(*theirs); ok {
		return t.open(typ, append(role.theirs, more...)...).(effector)
	}
	s := m.open(typ, more...).(ourSocket)
	e.ok(s.s.Set(role.ours))
	return s
}

// authenticatorOf is an authenticator in the process of a maker, which lets everybody in
// and returns what it was asked.
func (e *effects) authenticatorOf(m maker) func() []string {
	e.Helper()
	var reserved []setting
	if _, ok := m.(ours); ok {
		reserved = append(reserved, setting{"RESERVED_NAME", true})
	}
	zap := m.open("ROUTER", reserved...)
	_, errno := zap.bind("inproc://zeromq.zap.01")
	e.none(errno)
	return func() []string {
		e.Helper()
		q, errno := zap.recv(soon)
		e.none(errno)
		// From routing id and empty frame: version, id, domain, address, identity, mechanism.
		e.none(zap.send(soon, q[0], "", "1.0", q[3], "200", "OK", "", ""))
		return q[2:]
	}
}

// authenticated plays a mechanism with A as the server, and then as the client, and
// returns what A's authenticator, and ours, was asked.
func (e *effects) authenticated(server, client secureRole) (requests [][]string) {
	e.Helper()
	domain := setting{"ZAP_DOMAIN", "home"}
	for i, sides := range [][2]maker{{e.A, e.B}, {e.B, e.A}} {
		if i == 1 && !e.libzmq {
			break // both are ours, and have had the authenticator
		}
		asked := e.authenticatorOf(sides[0])
		pull := e.secured(sides[0], "PULL", server, domain)
		bound := e.bindAny(pull)
		push := e.secured(sides[1], "PUSH", client)
		e.none(push.connect(bound))
		requests = append(requests, asked())
		e.say(push, "in")
		e.hear(pull, "in")
	}
	return requests
}

func effectPlain(e *effects) {
	for _, q := range e.authenticated(
		secureRole{[]setting{{"PLAIN_SERVER", 1}}, zmq.WithPlainServer()},
		secureRole{[]setting{{"PLAIN_USERNAME", "joe"}, {"PLAIN_PASSWORD", "secret"}}, zmq.WithPlainClient("joe", "secret")},
	) {
		if len(q) != 8 || q[2] != "home" || q[5] != "PLAIN" || q[6] != "joe" || q[7] != "secret" {
			e.Fatalf("the authenticator was asked %q", q)
		}
	}
}

func effectCurve(e *effects) {
	server, client := serverKeys(), clientKeys()
	key := client.PublicKey()
	role := func(serverKey string) secureRole {
		return secureRole{[]setting{{"CURVE_PUBLICKEY", client.Public()}, {"CURVE_SECRETKEY", secretText(client)}, {"CURVE_SERVERKEY", serverKey}},
			zmq.WithCurveClient(client, serverKey)}
	}
	own := secureRole{[]setting{{"CURVE_SERVER", 1}, {"CURVE_SECRETKEY", secretText(server)}}, zmq.WithCurveServer(server)}
	for _, q := range e.authenticated(own, role(server.Public())) {
		if len(q) != 7 || q[2] != "home" || q[5] != "CURVE" || q[6] != string(key[:]) {
			e.Fatalf("the authenticator was asked %q", q)
		}
	}
	pull := e.secured(e.B, "PULL", own)
	push := e.secured(e.A, "PUSH", role(newKeys().Public()), setting{"IMMEDIATE", 1})
	e.none(push.connect(e.bindAny(pull)))
	e.errno(push.send(not, "not for you"), "EAGAIN")
}

func effectReadOnly(e *effects) {
	pull := e.secured(e.A, "PULL", secureRole{[]setting{{"PLAIN_SERVER", 1}}, zmq.WithPlainServer()})
	bound := e.bindAny(pull)
	for name, want := range map[string]string{"MECHANISM": "1", "TYPE": "7", "LAST_ENDPOINT": bound} {
		if got := pull.get(name); got != want {
			e.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := e.a("DEALER").get("MECHANISM"); got != "0" {
		e.Errorf("MECHANISM is %q without one", got)
	}
}

func effectEvents(e *effects) {
	dealer := e.a("DEALER")
	is := func(want string) {
		e.Helper()
		e.until("EVENTS is "+want, func() bool { return dealer.get("EVENTS") == want })
	}
	is("0")
	r := e.dialRaw(e.bindAny(dealer))
	r.handshake("DEALER")
	is("2")
	r.write("00 01 61")
	is("3")
	e.hear(dealer, "a")
	is("2")
}

func effectNoDrop(e *effects) {
	for _, on := range []int{1, 0} {
		xpub := e.a("XPUB", setting{"XPUB_NODROP", on}, setting{"SNDHWM", 5}, setting{"SNDBUF", 4096})
		r := e.dialRaw(e.bindAny(xpub)) // which does not read any more
		r.handshake("SUB")
		r.write("00 01 01")
		e.hear(xpub, "\x01")
		errno := ""
		for i := 0; i < 500 && errno == ""; i++ {
			errno = xpub.send(not, strings.Repeat("x", 10_000))
		}
		e.errno(errno, map[int]string{1: "EAGAIN", 0: ""}[on])
	}
}

// secretText is a secret key of 32 bytes, for libzmq.
func secretText(c *cert.Cert) string {
	key := c.SecretKey().Expose()
	return string(key[:])
}
