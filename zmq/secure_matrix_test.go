package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// refusal is one reason for which a server must not let a client in.
type refusal struct {
	name   string
	setup  func(k *kit)              // of the authenticator
	client []zmq.Option              // in place of the good ones
	kind   zmq.EventMask             // that the server must report
	value  uint32                    // of it; 0: any
	prompt func(k *kit, addr string) // plays the client instead of a socket
	late   bool                      // the authenticator says yes when the server has reported already
}

const (
	authFailed  = zmq.EventHandshakeFailedAuth
	noDetail    = zmq.EventHandshakeFailedNoDetail
	protoFailed = zmq.EventHandshakeFailedProtocol
	anyFailure  = authFailed | protoFailed | noDetail
)

// roles are the mechanisms, each with a server and a client that it lets in.
var roles = map[string]struct{ server, client []zmq.Option }{
	"NULL":  {[]zmq.Option{zmq.WithZAPDomain("home")}, nil},
	"PLAIN": {[]zmq.Option{zmq.WithPlainServer(), zmq.WithZAPDomain("home")}, []zmq.Option{zmq.WithPlainClient(goodUser, goodPass)}},
	"CURVE": {
		[]zmq.Option{zmq.WithCurveServer(serverCert), zmq.WithZAPDomain("home")},
		[]zmq.Option{zmq.WithCurveClient(clientCert, serverCert.Public())},
	},
}

// handlerFaults are what an authenticator can do wrong, or say.
func handlerFaults() []refusal {
	raw := func(name string, kind zmq.EventMask, value uint32, fn func([][]byte) ([][][]byte, bool)) refusal {
		return refusal{name: name, kind: kind, value: value, setup: func(k *kit) { k.authenticator(fn) }}
	}
	says := func(name string, kind zmq.EventMask, value uint32, texts ...string) refusal {
		return raw(name, kind, value, answers(texts...))
	}
	twice := func(request [][]byte) ([][][]byte, bool) {
		return [][][]byte{
			withID(request, []string{"", "1.0", "ID", "400", "no", "", ""}),
			withID(request, []string{"", "1.0", "ID", "200", "OK", "x", ""}),
		}, true
	}
	return []refusal{
		{name: "no handler", kind: noDetail, value: uint32(syscall.EFAULT)},
		raw("silent handler", authFailed, 300, func([][]byte) ([][][]byte, bool) { return nil, true }),
		raw("closing handler", noDetail, uint32(syscall.EFAULT), func([][]byte) ([][][]byte, bool) { return nil, false }),
		{name: "late handler", kind: authFailed, value: 300, late: true},
		raw("400 and then 200", authFailed, 400, twice),
		says("300", authFailed, 300, "", "1.0", "ID", "300", "later", "", ""),
		says("400", authFailed, 400, "", "1.0", "ID", "400", "no", "", ""),
		says("500", authFailed, 500, "", "1.0", "ID", "500", "broken", "", ""),
		says("status 20", protoFailed, 0x20000004, "", "1.0", "ID", "20", "OK", "x", ""),
		says("status 2000", protoFailed, 0x20000004, "", "1.0", "ID", "2000", "OK", "x", ""),
		says("empty status", protoFailed, 0x20000004, "", "1.0", "ID", "", "OK", "x", ""),
		says("status with a blank", protoFailed, 0x20000004, "", "1.0", "ID", "200 ", "OK", "x", ""),
		says("wrong id", protoFailed, 0x20000002, "", "1.0", "1", "200", "OK", "x", ""),
		says("empty id", protoFailed, 0x20000002, "", "1.0", "", "200", "OK", "x", ""),
		says("wrong version", protoFailed, 0x20000003, "", "1.1", "ID", "200", "OK", "x", ""),
		says("no delimiter", protoFailed, 0x20000001, "x", "1.0", "ID", "200", "OK", "x", ""),
		says("six frames", protoFailed, 0x20000001, "", "1.0", "ID", "200", "OK", "x"),
		says("eight frames", protoFailed, 0x20000001, "", "1.0", "ID", "200", "OK", "x", "", ""),
		says("one frame", protoFailed, 0x20000001, "200"),
		says("bad metadata", protoFailed, 0x20000005, "", "1.0", "ID", "200", "OK", "x", "\x05Hello\x00\x00\x00\xffWorld"),
	}
}

// withAuth sets up our own authenticator.
func withAuth(fn func(a *auth.Auth)) func(*kit) {
	return func(k *kit) {
		a, err := auth.New(k.zctx, auth.WithThrottle(0, 0, 0))
		k.ok(err)
		k.Cleanup(func() { a.Close() })
		fn(a)
	}
}

// open is an authenticator that lets the good ones in.
func openAuth(more ...func(a *auth.Auth)) func(*kit) {
	return withAuth(func(a *auth.Auth) {
		p := new(auth.Passwords)
		_ = p.Set(goodUser, goodPass)
		_ = p.Set("other", "other-password")
		a.Plain("home", p)
		a.Curve("home", cert.NewMemStore(clientCert))
		for _, fn := range more {
			fn(a)
		}
	})
}

type panicking struct{}

func (panicking) Lookup(string) (*cert.Cert, bool) { panic("certificate store") }

func (panicking) Verify(context.Context, string, []byte) (bool, error) { panic("password store") }

type failing struct{}

func (failing) Verify(context.Context, string, []byte) (bool, error) {
	return true, errors.New("no connection to the directory")
}

// policyFaults are the clients that an authenticator of ours must refuse.
func policyFaults() map[string][]refusal {
	login := func(user, pass string) []zmq.Option { return []zmq.Option{zmq.WithPlainClient(user, pass)} }
	no := func(name string, client []zmq.Option, more ...func(a *auth.Auth)) refusal {
		return refusal{name: name, setup: openAuth(more...), client: client, kind: authFailed, value: 400}
	}
	addresses := []refusal{
		no("address denied", nil, func(a *auth.Auth) { _ = a.Deny("127.0.0.0/8", "ipc") }),
		no("address denied in the domain", nil, func(a *auth.Auth) { _ = a.DenyIn("home", "0.0.0.0/0", "ipc") }),
		no("address not allowed", nil, func(a *auth.Auth) { _ = a.Allow("10.0.0.0/8") }),
		no("address not allowed in the domain", nil, func(a *auth.Auth) { _ = a.AllowIn("home", "192.0.2.1") }),
		no("denied in all domains, allowed in one", nil, func(a *auth.Auth) {
			_ = a.Deny("127.0.0.0/8", "ipc")
			_ = a.AllowIn("home", "127.0.0.0/8", "ipc")
		}),
	}
	big := clientCert.Clone()
	for i := range 70 {
		_ = big.SetMeta(fmt.Sprint("m", i), "x")
	}
	throwing := no("store panics", nil, func(a *auth.Auth) { a.Plain("home", panicking{}); a.Curve("home", panicking{}) })
	throwing.value = 500
	down := no("store fails", nil, func(a *auth.Auth) { a.Plain("home", failing{}) })
	down.value = 300
	large := no("metadata too large", nil, func(a *auth.Auth) { a.Curve("home", cert.NewMemStore(big)) })
	large.value = 500
	wrongServer := no("wrong server key", []zmq.Option{zmq.WithCurveClient(clientCert, otherCert.Public())})
	wrongServer.kind, wrongServer.value = protoFailed, 0x11000001
	return map[string][]refusal{
		"NULL": addresses,
		"PLAIN": append([]refusal{
			no("wrong password", login(goodUser, badPass)),
			no("unknown user", login("nobody", goodPass)),
			no("another's password", login(goodUser, "other-password")),
			no("empty user", login("", goodPass)),
			no("empty password", login(goodUser, "")),
			no("both empty", login("", "")),
			no("upper case", login("ADMIN", goodPass)),
			no("beginning of the password", login(goodUser, goodPass[:len(goodPass)-1])),
			no("password and more", login(goodUser, goodPass+"\x00")),
			no("revoked user", nil, func(a *auth.Auth) { a.RevokeUser(goodUser) }),
			no("passwords of another domain", nil, func(a *auth.Auth) {
				p := new(auth.Passwords)
				_ = p.Set(goodUser, goodPass)
				a.Plain("home", nil)
				a.Plain("other", p)
			}),
			{name: "nothing configured", setup: withAuth(func(*auth.Auth) {}), kind: authFailed, value: 400},
			no("keys only", nil, func(a *auth.Auth) { a.Plain("home", nil); a.CurveAny("home") }),
			no("empty store", nil, func(a *auth.Auth) { a.Plain("home", new(auth.Passwords)) }),
			throwing, down,
		}, addresses...),
		"CURVE": append([]refusal{
			no("unknown key", []zmq.Option{zmq.WithCurveClient(otherCert, serverCert.Public())}),
			no("the server's own key", []zmq.Option{zmq.WithCurveClient(serverCert, serverCert.Public())}),
			no("revoked key", nil, func(a *auth.Auth) { _ = a.Revoke(clientCert.Public()) }),
			no("revoked key, any key allowed", nil, func(a *auth.Auth) { a.CurveAny("home"); _ = a.Revoke(clientCert.Public()) }),
			no("keys of another domain", nil, func(a *auth.Auth) { a.Curve("home", nil); a.CurveAny("other") }),
			{name: "nothing configured", setup: withAuth(func(*auth.Auth) {}), kind: authFailed, value: 400},
			no("passwords only", nil, func(a *auth.Auth) { a.Curve("home", nil) }),
			no("removed key", nil, func(a *auth.Auth) {
				s := cert.NewMemStore(clientCert)
				a.Curve("home", s)
				s.Remove(clientCert.Public())
			}),
			throwing, large, wrongServer,
		}, addresses...),
	}
}

// mismatches are clients that are none: another mechanism, or another server.
func mismatches(role string) (list []refusal) {
	others := map[string][]zmq.Option{
		"NULL client":  nil,
		"PLAIN client": {zmq.WithPlainClient(goodUser, goodPass)},
		"CURVE client": {zmq.WithCurveClient(clientCert, serverCert.Public())},
		"PLAIN server": {zmq.WithPlainServer()},
		"CURVE server": {zmq.WithCurveServer(serverCert)},
	}
	for name, opts := range others {
		mechanism, isServer := name[:strings.IndexByte(name, ' ')], strings.HasSuffix(name, "server")
		if mechanism == role && !isServer {
			continue
		}
		if opts == nil {
			opts = []zmq.Option{zmq.WithLinger(0)} // an option that changes nothing
		}
		r := refusal{name: "against a " + name, setup: openAuth(), client: opts, kind: protoFailed, value: 0x11000002}
		if mechanism == role {
			r.kind, r.value = noDetail, 0 // both wait for HELLO, until their time is up
		}
		list = append(list, r)
	}
	return list
}

// shortWait is what stands for the five seconds that an authenticator may take,
// and for the time of a handshake that can't end.
const shortWait = 150 * time.Millisecond

// greetings are the beginnings of connections that are less than they should be.
func greetings(role string) (list []refusal) {
	signature := "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f"
	v3 := func(minor byte, mechanism string) string {
		g := signature + "\x03" + string(minor) + mechanism + strings.Repeat("\x00", 20-len(mechanism))
		return g + strings.Repeat("\x00", 64-len(g))
	}
	ready := "\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
	order := "\x00\x05order"
	texts := map[string]string{
		"unversioned 1.0":          "\x01\x00" + "\x06\x00order",
		"unversioned 1.0, long id": "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00" + "\x06\x00order",
		"revision 0":               signature + "\x00\x05" + "\x00\x00" + order,
		"revision 1":               signature + "\x01\x05" + "\x00\x00" + order,
		"lower case":               v3(1, strings.ToLower(role)) + ready + order,
		"beginning of the name":    v3(1, role[:len(role)-1]) + ready + order,
		"name and more":            v3(1, role+"X") + ready + order,
		"name, zero, more":         v3(1, role+"\x00X") + ready + order,
		"empty name":               v3(1, "") + ready + order,
		"GSSAPI":                   v3(1, "GSSAPI") + ready + order,
	}
	if role != "NULL" {
		texts["3.0 NULL"] = v3(0, "NULL") + ready + order
		texts["3.1 NULL"] = v3(1, "NULL") + ready + order
		texts["9.9 NULL"] = strings.Replace(v3(1, "NULL"), "\x03\x01", "\x09\x09", 1) + ready + order
	}
	for name, text := range texts {
		list = append(list, refusal{name: "greeting " + name, setup: openAuth(), kind: anyFailure, prompt: speak(text)})
	}
	return list
}

// speak plays a peer that says its piece and listens to the end. Nothing that was
// meant for a real peer may reach it.
func speak(text string) func(*kit, string) {
	return func(k *kit, addr string) {
		c, err := net.Dial("tcp", addr)
		k.ok(err)
		k.converse(c, text)
	}
}

func (k *kit) converse(c net.Conn, text string) {
	k.Helper()
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(ztest.Patience))
	_, _ = c.Write([]byte(text)) // it may be refused before the end
	var heard []byte
	p := make([]byte, 4096)
	for {
		n, err := c.Read(p)
		heard = append(heard, p[:n]...)
		if err != nil {
			break
		}
	}
	if strings.Contains(string(heard), fromServer) {
		k.Error("the server's message reached a peer that was not let in")
	}
}

// TestSecureMatrix tries to get in in every wrong way there is, over connections
// that either side has made. Nobody gets a message, and the server says why.
func TestSecureMatrix(t *testing.T) {
	t.Parallel()
	printed := new(paper)
	t.Cleanup(func() {
		printed.check(t, append(secretsOf(serverCert, clientCert, otherCert), goodPass, badPass, "other-password")...)
	})
	policies := policyFaults()
	n := 0
	t.Cleanup(func() {
		if !t.Failed() {
			ztest.Record(t, "A3", "ways to get in", "%d were tried, over connections that either side has made: nobody was let in, no message passed", n)
		}
	})
	for role := range roles {
		var all []refusal
		all = append(all, handlerFaults()...)
		all = append(all, policies[role]...)
		all = append(all, mismatches(role)...)
		all = append(all, greetings(role)...)
		for _, r := range all {
			for _, direction := range []string{"server binds", "server connects"} {
				n++
				t.Run(role+"/"+r.name+"/"+direction, func(t *testing.T) {
					t.Parallel()
					k := newKit(t, "tcp")
					tryToGetIn(k, role, r, direction == "server binds", printed)
				})
			}
		}
	}
}

const (
	fromServer = "from-the-server"
	fromClient = "order: pay 100"
)

// TestSecureMatrixControl lets the good ones in, with the same means: else the
// matrix would show nothing.
func TestSecureMatrixControl(t *testing.T) {
	t.Parallel()
	for role, opts := range roles {
		for _, serverBinds := range []bool{true, false} {
			t.Run(fmt.Sprint(role, "/server binds ", serverBinds), func(t *testing.T) {
				k := newKit(t, "tcp")
				openAuth()(k)
				server, client := k.open(zmq.Dealer, opts.server...), k.open(zmq.Dealer, opts.client...)
				if serverBinds {
					k.ok(client.Connect(k.bind(server)))
				} else {
					k.ok(server.Connect(k.bind(client)))
				}
				k.send(server, fromServer)
				k.want(client, fromServer)
				k.send(client, fromClient)
				m, err := server.Recv(k.ctx)
				k.ok(err)
				want := map[string]string{"NULL": "", "PLAIN": goodUser, "CURVE": clientCert.Public()}[role]
				if m.PopString() != fromClient || m.Peer().UserID != want || m.Peer().Mechanism != role {
					k.Errorf("the message is from %+v, want the user %q", m.Peer(), want)
				}
			})
		}
	}
}

// tryToGetIn plays one case.
func tryToGetIn(k *kit, role string, r refusal, serverBinds bool, printed *paper) {
	if r.setup != nil {
		r.setup(k)
	}
	sayYes := func() {}
	if r.late {
		sayYes = k.lateAuthenticator()
	}
	if strings.HasPrefix(r.name, "silent") || r.late {
		k.zctx.SetZAPTimeout(shortWait)
	}
	common := []zmq.Option{
		zmq.WithReconnectInterval(-1, 0), zmq.WithHandshakeInterval(ztest.Patience), zmq.WithLinger(0), zmq.WithLogger(printed.logger()),
	}
	if r.kind == noDetail && r.value == 0 { // it ends by its time only
		common[1] = zmq.WithHandshakeInterval(shortWait)
	}
	serverOpts, clientOpts := roles[role].server, roles[role].client
	if r.client != nil {
		clientOpts = r.client
	}
	server := k.open(zmq.Dealer, append(common[:4:4], serverOpts...)...)
	events := k.watch(server, anyFailure|zmq.EventHandshakeSucceeded)
	switch {
	case r.prompt != nil && serverBinds:
		r.prompt(k, strings.TrimPrefix(k.bind(server), "tcp://"))
	case r.prompt != nil:
		lureServer(k, server, r)
	default:
		client := k.open(zmq.Dealer, append(common[:4:4], clientOpts...)...)
		defer printOutcome(k, client, r, printed)
		if serverBinds {
			k.ok(client.Connect(k.bind(server)))
		} else {
			k.ok(server.Connect(k.bind(client)))
			_ = server.TrySend(msgOf(fromServer)) // it may be over already
		}
		_ = client.TrySend(msgOf(fromClient))
	}
	e := events.next()
	printed.print(e, e.Err)
	if e.Kind&r.kind == 0 || r.value != 0 && e.Value != r.value {
		k.Errorf("the server reported %v with %#x (%v), want %v with %#x", e.Kind, e.Value, e.Err, r.kind, r.value)
	}
	sayYes()
	nothingPassed(k, server)
}

// lateAuthenticator lets whoever asks in, but not before it is told to.
func (k *kit) lateAuthenticator() (sayYes func()) {
	told := make(chan struct{})
	s := k.authenticator(func(request [][]byte) ([][][]byte, bool) {
		select {
		case <-told:
		case <-k.ctx.Done():
		}
		return answers("", "1.0", "ID", "200", "OK", "x", "")(request)
	})
	return func() {
		close(told)
		k.until("the late answer is given", func() bool { return s.Stats().Sent > 0 })
	}
}

// lureServer lets the server connect to a peer that says its piece.
func lureServer(k *kit, server *zmq.Socket, r refusal) {
	k.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	k.ok(err)
	defer l.Close()
	k.ok(server.Connect("tcp://" + l.Addr().String()))
	k.send(server, fromServer)
	c, err := l.Accept()
	k.ok(err)
	addr := make(chan string, 1)
	go relayOnce(k, c, addr)
	r.prompt(k, <-addr)
}

// relayOnce joins a connection with the next one to an address of its own.
func relayOnce(k *kit, c net.Conn, addr chan<- string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		k.Error(err)
		close(addr)
		return
	}
	defer l.Close()
	addr <- l.Addr().String()
	d, err := l.Accept()
	if err != nil {
		k.Error(err)
		return
	}
	done := make(chan struct{})
	go func() { defer close(done); copyAndClose(d, c) }()
	copyAndClose(c, d)
	<-done
}

func copyAndClose(dst, src net.Conn) {
	p := make([]byte, 4096)
	for {
		n, err := src.Read(p)
		if n > 0 {
			if _, werr := dst.Write(p[:n]); werr != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	dst.Close()
	src.Close()
}

// nothingPassed looks for messages that should not be there.
func nothingPassed(k *kit, s *zmq.Socket) {
	k.Helper()
	if m, err := s.TryRecv(); err == nil {
		k.Errorf("a message was delivered: %q", text(m))
	}
	if st := s.Stats(); st.Received != 0 || st.Unread != 0 || st.Connected != 0 {
		k.Errorf("received %d, unread %d, connected %d; want none", st.Received, st.Unread, st.Connected)
	}
}

// printOutcome looks at the client when the server has decided.
func printOutcome(k *kit, client *zmq.Socket, r refusal, printed *paper) {
	nothingPassed(k, client)
	if r.value == 400 && client.Stats().HandshakesFailed == 0 {
		k.until("the client hears that it was refused", func() bool { return client.Stats().HandshakesFailed > 0 })
	}
	printed.print(client.Peers(), client.WaitConnected(ended, 1), client.TrySend(msgOf("x")))
	for _, name := range []string{"PLAIN_USERNAME", "CURVE_PUBLICKEY", "CURVE_SERVERKEY", "PLAIN_SERVER", "ZAP_DOMAIN"} {
		v, err := client.Option(name)
		k.ok(err)
		printed.print(v)
	}
}
