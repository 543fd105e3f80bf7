package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/vectors"
	"github.com/go-zactor/zactor/zmq"
)

func TestSecurityOptionsAreReadable(t *testing.T) {
	k := alone(t, "tcp")
	for _, tt := range []struct {
		opts []zmq.Option
		want map[string]any
	}{
		{nil, map[string]any{"MECHANISM": zmq.MechanismNull, "PLAIN_SERVER": false, "CURVE_SERVER": false, "ZAP_DOMAIN": "", "CURVE_PUBLICKEY": ""}},
		{[]zmq.Option{zmq.WithPlainServer()}, map[string]any{"MECHANISM": zmq.MechanismPlain, "PLAIN_SERVER": true, "PLAIN_USERNAME": ""}},
		{[]zmq.Option{zmq.WithPlainClient(goodUser, goodPass)}, map[string]any{"MECHANISM": zmq.MechanismPlain, "PLAIN_SERVER": false, "PLAIN_USERNAME": goodUser}},
		{[]zmq.Option{zmq.WithCurveServer(serverCert)}, map[string]any{
			"MECHANISM": zmq.MechanismCurve, "CURVE_SERVER": true, "CURVE_PUBLICKEY": serverCert.Public(), "CURVE_SERVERKEY": ""}},
		{[]zmq.Option{zmq.WithZAPDomain("home"), zmq.WithPlainServer(), zmq.WithCurveClient(clientCert, serverCert.Public())}, map[string]any{
			"MECHANISM": zmq.MechanismCurve, "CURVE_SERVER": false, "PLAIN_SERVER": false, "ZAP_DOMAIN": "home",
			"CURVE_PUBLICKEY": clientCert.Public(), "CURVE_SERVERKEY": serverCert.Public()}},
	} {
		s := k.open(zmq.Dealer, tt.opts...)
		for name, want := range tt.want {
			if got, err := s.Option(name); err != nil || got != want {
				t.Errorf("%v: %s is %v, %v; want %v", tt.opts, name, got, err, want)
			}
		}
	}
	for _, secret := range []string{"PLAIN_PASSWORD", "CURVE_SECRETKEY"} {
		_, err := k.open(zmq.Dealer).Option(secret)
		k.is(err, zmq.ErrInvalidOption)
	}
}

func TestSecurityOptionsAreChecked(t *testing.T) {
	k := alone(t, "tcp")
	public, err := cert.FromPublic(clientCert.Public())
	k.ok(err)
	for name, opt := range map[string]zmq.Option{
		"no certificate":            zmq.WithCurveServer(nil),
		"no secret key":             zmq.WithCurveServer(public),
		"no certificate, as client": zmq.WithCurveClient(nil, serverCert.Public()),
		"no secret key, as client":  zmq.WithCurveClient(public, serverCert.Public()),
		"short server key":          zmq.WithCurveClient(clientCert, serverCert.Public()[:39]),
		"server key of zeros":       zmq.WithCurveClient(clientCert, strings.Repeat("0", 40)),
		"long user":                 zmq.WithPlainClient(strings.Repeat("u", 256), ""),
		"long password":             zmq.WithPlainClient("", strings.Repeat("p", 256)),
		"long domain":               zmq.WithZAPDomain(strings.Repeat("d", 256)),
		"domain with a zero":        zmq.WithZAPDomain("a\x00b"),
	} {
		if _, err := zmq.NewDealer(k.zctx, opt); !errors.Is(err, zmq.ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Secrets do not show, whatever is printed.
func TestSecurityShowsNoSecrets(t *testing.T) {
	k := alone(t, "tcp")
	p := new(paper)
	public, err := cert.FromPublic(clientCert.Public())
	k.ok(err)
	wrong, err := cert.FromKeys(serverCert.Public(), z85Secret(t, serverCert))
	k.ok(err)
	for _, opt := range []zmq.Option{
		zmq.WithPlainClient(goodUser, goodPass), zmq.WithCurveServer(serverCert), zmq.WithCurveClient(clientCert, serverCert.Public()),
		zmq.WithCurveServer(public), zmq.WithPlainClient(goodUser, goodPass+strings.Repeat("x", 250)), zmq.WithCurveServer(wrong),
	} {
		s, err := zmq.NewDealer(k.zctx, opt)
		p.print(opt, err)
		if s != nil {
			defer s.Close()
			p.print(s, s.Peers(), s.Stats())
		}
	}
	// Whoever takes the secret key for the public one must not find it in a log.
	_, err = zmq.NewDealer(k.zctx, zmq.WithCurveClient(clientCert, z85Secret(t, serverCert)+"x"))
	p.print(err)
	passwords := new(auth.Passwords)
	k.ok(passwords.Set(goodUser, goodPass))
	p.print(passwords, *clientCert, clientCert, clientCert.SecretKey())
	p.check(t, append(secretsOf(serverCert, clientCert), goodPass)...)
}

func z85Secret(t *testing.T, c *cert.Cert) string {
	t.Helper()
	key := c.SecretKey().Expose()
	text, err := cert.EncodeZ85(key[:])
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A refused client says so, in calls that wait and in those that come later; and it
// gets in once its key is known, if it connects again.
func TestSecurityRefusalIsTold(t *testing.T) {
	wired(t, func(k *kit) { refusalIsTold(k) })
}

// So does one that queues nothing for a peer who is away, and has no queue to keep.
func TestSecurityRefusalIsToldWithoutAQueue(t *testing.T) {
	for name, opt := range map[string]zmq.Option{"immediate": zmq.WithImmediate(true), "priority": zmq.WithPeerPriority(1)} {
		t.Run(name, func(t *testing.T) { wired(t, func(k *kit) { refusalIsTold(k, opt) }) })
	}
}

func refusalIsTold(k *kit, opts ...zmq.Option) {
	a, err := auth.New(k.zctx)
	k.ok(err)
	defer a.Close()
	store := cert.NewMemStore()
	a.Curve(auth.AnyDomain, store)
	server, endpoint := k.bound(zmq.Router, zmq.WithCurveServer(serverCert))
	client := k.open(zmq.Dealer, append(opts, zmq.WithCurveClient(clientCert, serverCert.Public()))...)
	received := k.blocked(func() error { _, err := client.Recv(k.ctx); return err })
	events := k.watch(client, anyFailure)
	k.ok(client.Connect(endpoint))
	k.is(k.result(received), zmq.ErrAuth)
	if e := events.next(); e.Kind != authFailed || e.Value != 400 || !errors.Is(e.Err, zmq.ErrAuth) {
		k.Errorf("the client reported %v", e)
	}
	k.is(client.SendString(k.ctx, "x"), zmq.ErrAuth)
	k.is(client.TrySend(msgOf("x")), zmq.ErrAuth)
	k.is(client.WaitConnected(k.ctx, 1), zmq.ErrAuth)
	k.mentions(client.WaitConnected(k.ctx, 1), "400")

	store.Insert(clientCert)
	k.ok(client.Connect(endpoint))
	k.send(client, "hello")
	if got := k.recv(server); got[1] != "hello" {
		k.Errorf("received %q", got)
	}
	if n := client.Stats().Panics; n > 0 {
		k.Errorf("%d panics", n)
	}
}

// Every type tells, also those that never wait.
func TestSecurityRefusalIsToldByEveryType(t *testing.T) {
	t.Parallel()
	pairs := map[zmq.Type]zmq.Type{
		zmq.Pair: zmq.Pair, zmq.Pub: zmq.Sub, zmq.Sub: zmq.Pub, zmq.Req: zmq.Rep, zmq.Rep: zmq.Req, zmq.Dealer: zmq.Router,
		zmq.Router: zmq.Dealer, zmq.Pull: zmq.Push, zmq.Push: zmq.Pull, zmq.XPub: zmq.XSub, zmq.XSub: zmq.XPub,
	}
	k := newKit(t, "tcp")
	k.authenticator(answers("", "1.0", "ID", "400", "no", "", ""))
	for typ, peer := range pairs {
		everyTypeTells(k, typ, peer)
		everyTypeTells(k, typ, peer, zmq.WithImmediate(true))
	}
}

func everyTypeTells(k *kit, typ, peer zmq.Type, opts ...zmq.Option) {
	_, endpoint := k.bound(peer, zmq.WithPlainServer())
	client := k.connect(typ, endpoint, append(opts, zmq.WithPlainClient(goodUser, goodPass))...)
	k.is(client.WaitConnected(k.ctx, 1), zmq.ErrAuth)
	sends := !slices.Contains([]zmq.Type{zmq.Sub, zmq.Pull, zmq.Rep}, typ)
	if err := client.SendString(k.ctx, "id", "x"); sends && !errors.Is(err, zmq.ErrAuth) {
		k.Errorf("%v: Send returned %v", typ, err)
	}
	receives := !slices.Contains([]zmq.Type{zmq.Pub, zmq.Push, zmq.Req}, typ)
	if _, err := client.Recv(k.ctx); receives && !errors.Is(err, zmq.ErrAuth) {
		k.Errorf("%v: Recv returned %v", typ, err)
	}
	if n := client.Stats().Panics; n > 0 {
		k.Errorf("%v: %d panics", typ, n)
	}
}

// A refused client goes on, seldom; when it is let in, what was sent before gets there,
// and calls do what they did.
func TestSecurityRefusalIsNotFinal(t *testing.T) {
	wired(t, func(k *kit) {
		a, err := auth.New(k.zctx)
		k.ok(err)
		defer a.Close()
		store := cert.NewMemStore()
		a.Curve(auth.AnyDomain, store)
		endpoint := k.endpoint()
		client := k.open(zmq.Push, zmq.WithCurveClient(clientCert, serverCert.Public()), zmq.WithReconnectInterval(time.Millisecond, 20*time.Millisecond))
		k.ok(client.Connect(endpoint))
		k.send(client, "early")
		server := k.open(zmq.Pull, zmq.WithCurveServer(serverCert))
		_, err = server.Bind(endpoint)
		k.ok(err)
		k.is(client.WaitConnected(k.ctx, 1), zmq.ErrAuth)
		k.is(client.SendString(k.ctx, "x"), zmq.ErrAuth)
		k.ok(server.Unbind(endpoint)) // nobody is there any more, and nobody refuses
		k.until("the client waits for a server", func() bool { return !errors.Is(client.WaitConnected(ended, 1), zmq.ErrAuth) })
		_, err = server.Bind(endpoint)
		k.ok(err)
		k.is(client.WaitConnected(k.ctx, 1), zmq.ErrAuth)

		store.Insert(clientCert)
		k.until("the client is let in", func() bool { return client.WaitConnected(k.ctx, 1) == nil })
		k.send(client, "late")
		k.want(server, "early")
		k.want(server, "late")
	})
}

// Without the endpoint that refused us there is nobody who does.
func TestSecurityRefusalEndsWithItsEndpoint(t *testing.T) {
	k := alone(t, "tcp")
	k.authenticator(answers("", "1.0", "ID", "400", "no", "", ""))
	_, strict := k.bound(zmq.Pull, zmq.WithPlainServer())
	lenient, open := k.bound(zmq.Pull)
	push := k.open(zmq.Push)
	k.ok(push.Connect(strict, zmq.WithPlainClient(goodUser, goodPass)))
	k.is(push.WaitConnected(k.ctx, 1), zmq.ErrAuth)
	k.ok(push.Connect(open))
	k.send(push, "x")
	k.want(lenient, "x")
	k.ok(push.Disconnect(open))
	k.is(push.SendString(k.ctx, "x"), zmq.ErrAuth)
	k.ok(push.Disconnect(strict))
	k.is(push.SendString(ended, "x"), context.Canceled)
}

// Whoever answers in place of the server, once, keeps no client away from it: not of
// CURVE, where an ERROR before WELCOME is nobody's word, and not of PLAIN.
func TestSecurityImpostor(t *testing.T) {
	v := loadKnown(t)
	for name, options := range map[string]struct{ server, client []zmq.Option }{
		"curve": {[]zmq.Option{zmq.WithCurveServer(serverCert)}, []zmq.Option{zmq.WithCurveClient(clientCert, serverCert.Public())}},
		"plain": {[]zmq.Option{zmq.WithPlainServer()}, []zmq.Option{zmq.WithPlainClient(goodUser, goodPass)}},
	} {
		t.Run(name, func(t *testing.T) {
			k := alone(t, "tcp")
			l, err := net.Listen("tcp", "127.0.0.1:0")
			k.ok(err)
			client := k.open(zmq.Push, append(options.client, zmq.WithReconnectInterval(time.Millisecond, 20*time.Millisecond))...)
			k.ok(client.Connect("tcp://" + l.Addr().String()))
			k.send(client, "hello")
			c, err := l.Accept()
			k.ok(err)
			_, err = c.Write(append(vectors.Bytes(t, v.Frames["greeting_"+name+"_server"]), "\x04\x0a\x05ERROR\x03400"...))
			k.ok(err)
			_, _ = io.Copy(io.Discard, c) // until the client has had enough
			k.ok(c.Close())
			k.ok(l.Close())
			server := k.open(zmq.Pull, append(options.server, zmq.WithAllowAnyKey(true))...)
			k.until("the server has its address", func() bool { _, err := server.Bind("tcp://" + l.Addr().String()); return err == nil })
			k.want(server, "hello")
		})
	}
}

// A refusal by one peer does not end a socket that has others, or may get some.
func TestSecurityRefusalByOneOfTwo(t *testing.T) {
	k := alone(t, "tcp")
	k.authenticator(answers("", "1.0", "ID", "400", "no", "", ""))
	_, strict := k.bound(zmq.Pull, zmq.WithPlainServer())
	lenient, open := k.bound(zmq.Pull)
	push := k.open(zmq.Push)
	events := k.watch(push, zmq.EventConnectRetried)
	k.ok(push.Connect(open))
	k.ok(push.Connect(strict, zmq.WithPlainClient(goodUser, goodPass)))
	events.next()
	for range 3 {
		k.send(push, "x")
		k.want(lenient, "x")
	}
	bound, endpoint := k.bound(zmq.Push)
	events = k.watch(bound, zmq.EventConnectRetried)
	k.ok(bound.Connect(strict, zmq.WithPlainClient(goodUser, goodPass)))
	events.next()
	sent := k.blocked(func() error { return bound.SendString(k.ctx, "y") })
	pull := k.connect(zmq.Pull, endpoint)
	k.ok(k.result(sent))
	k.want(pull, "y")
}

// A wrong server key is told apart from a server that is not there.
func TestSecurityWrongServerKey(t *testing.T) {
	k := alone(t, "tcp")
	_, endpoint := k.bound(zmq.Pull, zmq.WithCurveServer(serverCert), zmq.WithAllowAnyKey(true))
	wrong := k.open(zmq.Push, zmq.WithCurveClient(clientCert, otherCert.Public()))
	events := k.watch(wrong, anyFailure|zmq.EventConnectRetried)
	k.ok(wrong.Connect(endpoint))
	for _, e := range events.sequence(noDetail, zmq.EventConnectRetried) {
		k.is(e.Err, zmq.ErrServerKey)
	}
	k.mentions(wrong.WaitConnected(ended, 1), "server key")

	absent := k.open(zmq.Push, zmq.WithCurveClient(clientCert, otherCert.Public()))
	events = k.watch(absent, anyFailure|zmq.EventConnectRetried)
	k.ok(absent.Connect("tcp://" + ztest.Vacant(t)))
	if e := events.next(); e.Kind != zmq.EventConnectRetried || errors.Is(e.Err, zmq.ErrServerKey) {
		t.Errorf("nobody there: %v", e)
	}
	k.mentions(absent.WaitConnected(ended, 1), "refused")
}

func TestSecurityAllowAnyKey(t *testing.T) {
	k := alone(t, "tcp")
	server, endpoint := k.bound(zmq.Pull, zmq.WithCurveServer(serverCert), zmq.WithAllowAnyKey(true))
	plain, plainEndpoint := k.bound(zmq.Pull, zmq.WithPlainServer(), zmq.WithAllowAnyKey(true))
	k.send(k.connect(zmq.Push, endpoint, zmq.WithCurveClient(otherCert, serverCert.Public())), "anybody")
	m, err := server.Recv(k.ctx)
	k.ok(err)
	if m.PopString() != "anybody" || m.Peer().UserID != "" || m.Peer().Mechanism != "CURVE" {
		t.Errorf("from %+v: nobody vouched for it", m.Peer())
	}
	k.send(k.connect(zmq.Push, plainEndpoint, zmq.WithPlainClient("who", "ever")), "anybody")
	k.want(plain, "anybody")

	// An authenticator that is there has the last word.
	a, err := auth.New(k.zctx)
	k.ok(err)
	defer a.Close()
	late := k.connect(zmq.Push, endpoint, zmq.WithCurveClient(otherCert, serverCert.Public()))
	k.is(late.WaitConnected(k.ctx, 1), zmq.ErrAuth)
}

func TestSecurityReservedName(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Rep)
	_, err := s.Bind("inproc://zeromq.zap.01")
	k.is(err, zmq.ErrInvalidEndpoint)
	k.mentions(err, "WithReservedName")
	_, err = s.Bind("inproc://zeromq.zap.01", zmq.WithReservedName(true))
	k.ok(err)
	_, err = auth.New(k.zctx)
	k.is(err, zmq.ErrAddrInUse)
}

// What a stock authenticator is asked, frame by frame.
func TestSecurityRequest(t *testing.T) {
	wired(t, func(k *kit) {
		address := "127.0.0.1"
		if k.scheme == "ipc" {
			address = fmt.Sprintf(":%d:%d:%d", os.Getuid(), os.Getgid(), os.Getpid())
		}
		key := clientCert.PublicKey()
		for mechanism, credentials := range map[string][]string{"NULL": nil, "PLAIN": {goodUser, goodPass}, "CURVE": {string(key[:])}} {
			k := newKit(k.T, k.scheme)
			requests := make(chan []string, 1)
			rep := k.open(zmq.Rep, zmq.WithReservedName(true))
			_, err := rep.Bind("inproc://zeromq.zap.01")
			k.ok(err)
			go func() {
				m, err := rep.Recv(k.ctx)
				if err != nil {
					return
				}
				requests <- text(m)
				_ = rep.SendString(k.ctx, "1.0", string(m.Frames[1]), "200", "OK", "somebody", "")
			}()
			server := k.open(zmq.Router, append(roles[mechanism].server, zmq.WithRoutingID("the-server"))...)
			endpoint := k.bindLoopback(server)
			client := k.open(zmq.Dealer, append(roles[mechanism].client, zmq.WithRoutingID("the-client"))...)
			k.ok(client.Connect(endpoint))
			k.send(client, "x")
			m, err := server.Recv(k.ctx)
			k.ok(err)
			if m.Peer().UserID != "somebody" {
				k.Errorf("%s: user %q", mechanism, m.Peer().UserID)
			}
			got := <-requests
			want := append([]string{"1.0", got[1], "home", address, "the-server", mechanism}, credentials...)
			if !same(got, want) || len(got[1]) < 20 {
				k.Errorf("%s: asked %q, want %q", mechanism, got, want)
			}
		}
	})
}

// bindLoopback binds where a client comes from 127.0.0.1.
func (k *kit) bindLoopback(s *zmq.Socket) string {
	k.Helper()
	if k.scheme != "tcp" {
		return k.bind(s)
	}
	bound, err := s.Bind("tcp://127.0.0.1:*")
	k.ok(err)
	return bound
}

// Many peers ask at once, and an authenticator that is a REP answers one by one.
func TestSecurityManyQuestions(t *testing.T) {
	k := alone(t, "ipc")
	rep := k.open(zmq.Rep, zmq.WithReservedName(true), zmq.WithRecvHWM(1), zmq.WithSendHWM(1))
	_, err := rep.Bind("inproc://zeromq.zap.01")
	k.ok(err)
	var ids sync.Map
	var twice atomic.Int32
	go func() {
		for m, err := range rep.Messages(k.ctx) {
			if err != nil {
				return
			}
			if _, known := ids.LoadOrStore(string(m.Frames[1]), true); known {
				twice.Add(1)
			}
			if rep.SendString(k.ctx, "1.0", string(m.Frames[1]), "200", "OK", string(m.Frames[6]), "") != nil {
				return
			}
		}
	}()
	server, endpoint := k.bound(zmq.Pull, zmq.WithPlainServer())
	const n = 100
	for i := range n {
		name := fmt.Sprint("user-", i)
		k.send(k.connect(zmq.Push, endpoint, zmq.WithPlainClient(name, "")), name)
	}
	for range n {
		m, err := server.Recv(k.ctx)
		k.ok(err)
		if name := m.PopString(); m.Peer().UserID != name {
			t.Errorf("the message of %q is from user %q", name, m.Peer().UserID)
		}
	}
	if twice.Load() > 0 {
		t.Errorf("%d request ids came twice", twice.Load())
	}
}

// When too many questions wait, the next ones have to come back.
func TestSecurityTooManyQuestions(t *testing.T) {
	k := alone(t, "tcp")
	k.authenticator(answers("", "1.0", "ID", "200", "OK", "", ""))
	free := k.zctx.OccupyDesk()
	server, endpoint := k.bound(zmq.Pull, zmq.WithPlainServer())
	events := k.watch(server, anyFailure)
	client := k.connect(zmq.Push, endpoint, zmq.WithPlainClient("", ""))
	e := events.next()
	if e.Kind != authFailed || e.Value != 300 {
		t.Errorf("%v with %d", e, e.Value)
	}
	k.mentions(e.Err, "too many")
	free()
	k.send(client, "in")
	k.want(server, "in")
}

// The authenticator's word and the peer's own are never mixed up.
func TestSecurityUserIDIsNotThePeers(t *testing.T) {
	k := alone(t, "tcp")
	v := loadKnown(t)
	server, endpoint := k.bound(zmq.Dealer)
	c := k.call(strings.TrimPrefix(endpoint, "tcp://"))
	c.say(vectors.Bytes(t, v.Frames["greeting_null_3_1"]))
	c.say(vectors.Bytes(t, v.Special["ready_claims_user_id_accept_but_never_shown_as_authenticated_user"]))
	c.say([]byte("\x00\x01x"))
	m, err := server.Recv(k.ctx)
	k.ok(err)
	if p := m.Peer(); p.UserID != "" || p.Vouched("User-Id") != "" || p.Property("User-Id") != "admin" {
		t.Errorf("user %q, vouched %q, claimed %q", p.UserID, p.Vouched("User-Id"), p.Property("User-Id"))
	}
}

func TestSecurityMetadata(t *testing.T) {
	k := alone(t, "tcp")
	k.authenticator(answers("", "1.0", "ID", "200", "OK", "joe", "\x06X-Role\x00\x00\x00\x05guest"))
	server, endpoint := k.bound(zmq.Pull, zmq.WithPlainServer())
	k.send(k.connect(zmq.Push, endpoint, zmq.WithPlainClient("", ""), zmq.WithMetadata("X-Role", "admin"), zmq.WithMetadata("X-Other", "mine")), "x")
	m, err := server.Recv(k.ctx)
	k.ok(err)
	p := m.Peer()
	if p.UserID != "joe" || p.Vouched("X-Role") != "guest" || p.Property("X-Role") != "guest" || p.Vouched("X-Other") != "" || p.Property("X-Other") != "mine" {
		t.Errorf("user %q, roles %q and %q, others %q and %q",
			p.UserID, p.Vouched("X-Role"), p.Property("X-Role"), p.Vouched("X-Other"), p.Property("X-Other"))
	}
	if m.Clone().Peer().Vouched("X-Role") != "guest" {
		t.Error("a clone forgets what was vouched for")
	}
}

func TestExpel(t *testing.T) {
	wired(t, func(k *kit) {
		k.authenticator(func(request [][]byte) ([][][]byte, bool) {
			return [][][]byte{withID(request, []string{"", "1.0", "ID", "200", "OK", string(request[7]), ""})}, true
		})
		server, endpoint := k.bound(zmq.Router, zmq.WithPlainServer(), zmq.WithZAPDomain("home"))
		once := zmq.WithReconnectInterval(-1, 0)
		good := k.connect(zmq.Dealer, endpoint, zmq.WithPlainClient("good", ""), once)
		bad := k.connect(zmq.Dealer, endpoint, zmq.WithPlainClient("bad", ""), once)
		k.ok(server.WaitConnected(k.ctx, 2))
		events := k.watch(server, zmq.EventDisconnected)
		n := k.zctx.Expel(func(p zmq.PeerInfo) bool {
			if p.Mechanism != "PLAIN" || p.Domain != "home" || p.Type != "DEALER" {
				k.Errorf("asked about %+v", p)
			}
			return p.UserID == "bad"
		})
		if n != 1 {
			k.Errorf("%d connections ended, want 1", n)
		}
		k.is(events.next().Err, zmq.ErrAuth)
		k.until("the bad one is gone", func() bool { return bad.Stats().Connected == 0 })
		k.send(good, "still here")
		if got := k.recv(server); got[1] != "still here" {
			k.Errorf("received %q", got)
		}
	})
}

// Who is let in while permissions are withdrawn has to ask again: nobody can tell
// whether it was his.
func TestExpelWhileAsking(t *testing.T) {
	k := alone(t, "tcp")
	asked := 0
	k.authenticator(func(request [][]byte) ([][][]byte, bool) {
		if asked++; asked == 1 {
			k.zctx.Expel(func(zmq.PeerInfo) bool { return false })
		}
		return answersOK(request), true
	})
	server, endpoint := k.bound(zmq.Pull, zmq.WithPlainServer())
	events := k.watch(server, zmq.EventHandshakeSucceeded|zmq.EventDisconnected)
	client := k.connect(zmq.Push, endpoint, zmq.WithPlainClient("", ""), zmq.WithReconnectInterval(time.Millisecond, 0))
	list := events.sequence(zmq.EventHandshakeSucceeded, zmq.EventDisconnected, zmq.EventHandshakeSucceeded)
	k.is(list[1].Err, zmq.ErrAuth)
	k.send(client, "x")
	k.want(server, "x")
}

func answersOK(request [][]byte) [][][]byte {
	return [][][]byte{withID(request, []string{"", "1.0", "ID", "200", "OK", "", ""})}
}

// A connection that waits for the authenticator ends with its socket.
func TestSecurityCloseWhileAsking(t *testing.T) {
	k := alone(t, "tcp")
	asked := make(chan struct{}, 8)
	k.authenticator(func([][]byte) ([][][]byte, bool) { asked <- struct{}{}; return nil, true })
	k.zctx.SetZAPTimeout(time.Hour) // who waits for the authenticator waits for ever
	server, endpoint := k.bound(zmq.Pull, zmq.WithPlainServer(), zmq.WithHandshakeInterval(time.Hour))
	client := k.connect(zmq.Push, endpoint, zmq.WithPlainClient("", ""), zmq.WithLinger(0))
	<-asked
	closed := make(chan error, 1)
	go func() { closed <- server.Close() }()
	k.ok(k.result(closed))
	client.Close()
}
