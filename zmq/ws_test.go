package zmq_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	mathbig "math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// wsKeyPair is a certificate for localhost and 127.0.0.1, and its key, in PEM.
var wsKeyPair = sync.OnceValues(func() (certPEM, keyPEM string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: mathbig.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	certPEM = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return certPEM, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
})

// wsWays are the ways in which ws is carried and secured, each with the options of the
// side that binds and of the one that connects.
func wsWays() map[string][2][]zmq.Option {
	certPEM, keyPEM := wsKeyPair()
	tlsServer, tlsClient := []zmq.Option{zmq.WithWSSCert(certPEM), zmq.WithWSSKey(keyPEM)}, []zmq.Option{zmq.WithWSSTrust(certPEM)}
	curveServer := zmq.WithCurveServer(serverCert)
	curveClient := zmq.WithCurveClient(clientCert, serverCert.Public())
	return map[string][2][]zmq.Option{
		"ws/NULL":   {},
		"ws/PLAIN":  {{zmq.WithPlainServer()}, {zmq.WithPlainClient(goodUser, goodPass)}},
		"ws/CURVE":  {{curveServer}, {curveClient}},
		"wss/NULL":  {tlsServer, tlsClient},
		"wss/PLAIN": {append(tlsServer, zmq.WithPlainServer()), append(tlsClient, zmq.WithPlainClient(goodUser, goodPass))},
		"wss/CURVE": {append(tlsServer, curveServer), append(tlsClient, curveClient)},
	}
}

// wsPairs are the types that talk to each other; the first binds.
var wsPairs = [][2]zmq.Type{
	{zmq.Rep, zmq.Req}, {zmq.Router, zmq.Req}, {zmq.Rep, zmq.Dealer}, {zmq.Router, zmq.Dealer}, {zmq.Dealer, zmq.Router},
	{zmq.Dealer, zmq.Dealer}, {zmq.Router, zmq.Router}, {zmq.Pub, zmq.Sub}, {zmq.Sub, zmq.Pub}, {zmq.XPub, zmq.Sub},
	{zmq.Pub, zmq.XSub}, {zmq.XPub, zmq.XSub}, {zmq.Push, zmq.Pull}, {zmq.Pull, zmq.Push}, {zmq.Pair, zmq.Pair},
	{zmq.Client, zmq.Server}, {zmq.Server, zmq.Client}, {zmq.Radio, zmq.Dish}, {zmq.Dish, zmq.Radio}, {zmq.Gather, zmq.Scatter},
	{zmq.Peer, zmq.Peer}, {zmq.Channel, zmq.Channel},
}

// wsAuth lets the peers of the tests in.
func wsAuth(k *kit) *auth.Auth {
	a, err := auth.New(k.zctx)
	k.ok(err)
	k.Cleanup(func() { a.Close() })
	passwords := new(auth.Passwords)
	k.ok(passwords.Set(goodUser, goodPass))
	a.Plain(auth.AnyDomain, passwords)
	a.CurveAny(auth.AnyDomain)
	return a
}

// Every two types find each other over ws and wss, with each mechanism.
func TestWSPairs(t *testing.T) {
	t.Parallel()
	for way, opts := range wsWays() {
		t.Run(way, func(t *testing.T) {
			k := alone(t, "ws")
			wsAuth(k)
			scheme, mechanism, _ := strings.Cut(way, "/")
			for _, types := range wsPairs {
				binder, connecter := k.open(types[0], opts[0]...), k.open(types[1], opts[1]...)
				endpoint, err := binder.Bind(scheme + "://127.0.0.1:*")
				k.ok(err)
				k.ok(connecter.Connect(endpoint))
				for i, s := range []*zmq.Socket{binder, connecter} {
					if err := s.WaitConnected(k.ctx, 1); err != nil {
						t.Fatalf("%v: %v", types, err)
					}
					if p := s.Peers()[0]; p.Mechanism != mechanism || p.Type != types[1-i].String() {
						t.Errorf("%v: the peer is %+v", types, p)
					}
				}
				binder.Close()
				connecter.Close()
			}
		})
	}
}

// Messages of all sizes come through, in both directions, with a heartbeat that beats
// all the time.
func TestWSMessages(t *testing.T) {
	t.Parallel()
	for way, opts := range wsWays() {
		t.Run(way, func(t *testing.T) {
			k := alone(t, "ws")
			wsAuth(k)
			scheme, _, _ := strings.Cut(way, "/")
			beat := zmq.WithHeartbeat(2*time.Millisecond, ztest.Patience, 0)
			binder, connecter := k.open(zmq.Dealer, append(opts[0], beat)...), k.open(zmq.Dealer, append(opts[1], beat)...)
			endpoint, err := binder.Bind(scheme + "://127.0.0.1:*/path?query=1")
			k.ok(err)
			k.ok(connecter.Connect(endpoint))
			sizes := []int{0, 1, 124, 125, 126, 254, 255, 256, 8191, 8192, 16384, 65534, 65535, 65536, 300000, 1 << 20}
			for _, way := range [][2]*zmq.Socket{{binder, connecter}, {connecter, binder}} {
				var sender sync.WaitGroup
				sender.Go(func() {
					for i, size := range sizes {
						_ = way[0].Send(k.ctx, msgOf("head", wsBody(size, i), ""))
					}
				})
				for i, size := range sizes {
					m, err := way[1].Recv(k.ctx)
					k.ok(err)
					if m.Len() != 3 || string(m.Frames[0]) != "head" || string(m.Frames[1]) != wsBody(size, i) || len(m.Frames[2]) != 0 {
						t.Fatalf("message %d of %d bytes came with %d frames, %d bytes", i, size, m.Len(), m.Size())
					}
				}
				sender.Wait()
			}
		})
	}
}

func wsBody(size, seed int) string {
	var pattern [251]byte
	for i := range pattern {
		pattern[i] = byte(i*31 + seed)
	}
	return strings.Repeat(string(pattern[:]), size/len(pattern)+1)[:size]
}

// wsBrowser connects as a page does: a library that is not ours, no READY, no greeting.
func wsBrowser(k *kit, endpoint string, subprotocols ...string) *websocket.Conn {
	k.Helper()
	c, _, err := websocket.Dial(k.ctx, strings.Replace(endpoint, "0.0.0.0", "127.0.0.1", 1), &websocket.DialOptions{Subprotocols: subprotocols})
	k.ok(err)
	k.Cleanup(func() { c.CloseNow() })
	c.SetReadLimit(1 << 20)
	return c
}

func wsRead(k *kit, c *websocket.Conn) string {
	k.Helper()
	typ, b, err := c.Read(k.ctx)
	k.ok(err)
	if typ != websocket.MessageBinary {
		k.Errorf("got a message of type %v", typ)
	}
	return string(b)
}

func wsWrite(k *kit, c *websocket.Conn, messages ...string) {
	k.Helper()
	for _, m := range messages {
		k.ok(c.Write(k.ctx, websocket.MessageBinary, []byte(m)))
	}
}

// A SUB in a browser subscribes, gets messages, is pinged and pings, and cancels.
func TestWSBrowserSubscribes(t *testing.T) {
	k := alone(t, "ws")
	pub := k.open(zmq.Pub, zmq.WithHeartbeat(5*time.Millisecond, ztest.Patience, 0))
	endpoint, err := pub.Bind("ws://127.0.0.1:*")
	k.ok(err)
	c := wsBrowser(k, endpoint+"/any/path", "ZWS2.0")
	wsWrite(k, c, "\x00")
	if id := wsRead(k, c); id != "\x00" {
		t.Fatalf("the first message is %q, want an empty routing id", id)
	}
	wsWrite(k, c, "\x00\x01news")
	k.ok(pub.WaitSubscribers(k.ctx, "news", 1))
	k.ok(pub.SendString(k.ctx, "sports", "no"))
	k.ok(pub.SendString(k.ctx, "news", "first"))
	if a, b := wsRead(k, c), wsRead(k, c); a != "\x01news" || b != "\x00first" {
		t.Errorf("got %q, %q", a, b)
	}
	ctx := c.CloseRead(k.ctx) // reads what comes: the answers
	k.ok(c.Ping(k.ctx))
	wsWrite(k, c, "\x00\x00news")
	k.until("the subscription is gone", func() bool { return pub.WaitSubscribers(canceled(), "news", 1) != nil })
	if err := ctx.Err(); err != nil {
		t.Error(err)
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// A browser with a handshake: what is on the wire is what libzmq has there.
func TestWSBrowserWithHandshake(t *testing.T) {
	k := alone(t, "ws")
	rep := k.open(zmq.Rep)
	endpoint, err := rep.Bind("ws://127.0.0.1:*")
	k.ok(err)
	c := wsBrowser(k, endpoint, "ZWS2.0/NULL", "ZWS2.0")
	if c.Subprotocol() != "ZWS2.0/NULL" {
		t.Fatalf("the server chose %q", c.Subprotocol())
	}
	if ready := wsRead(k, c); ready != "\x02\x05READY\x0bSocket-Type\x00\x00\x00\x03REP" {
		t.Errorf("got %q", ready)
	}
	wsWrite(k, c, "\x02\x05READY\x0bSocket-Type\x00\x00\x00\x03REQ\x08Identity\x00\x00\x00\x00", "\x01", "\x00hello")
	m, err := rep.Recv(k.ctx)
	k.ok(err)
	if m.String() == "" || string(m.Frames[0]) != "hello" {
		t.Errorf("got %v", m)
	}
	k.ok(rep.SendString(k.ctx, "world"))
	if a, b := wsRead(k, c), wsRead(k, c); a != "\x01" || b != "\x00world" {
		t.Errorf("got %q, %q", a, b)
	}
	k.ok(c.Close(websocket.StatusNormalClosure, "bye"))
}

// What a peer must not do ends its connection with an event that says why, and a
// status that its program can see.
func TestWSHostile(t *testing.T) {
	for _, h := range []struct {
		name   string
		send   func(k *kit, c *websocket.Conn)
		kind   zmq.EventMask
		says   string
		status websocket.StatusCode
	}{
		{"text", func(k *kit, c *websocket.Conn) { _ = c.Write(k.ctx, websocket.MessageText, []byte("\x00x")) }, zmq.EventHandshakeFailedProtocol, "text", websocket.StatusUnsupportedData},
		{"empty", func(k *kit, c *websocket.Conn) { _ = c.Write(k.ctx, websocket.MessageBinary, nil) }, zmq.EventHandshakeFailedProtocol, "empty", websocket.StatusProtocolError},
		{"large command", func(k *kit, c *websocket.Conn) {
			_ = c.Write(k.ctx, websocket.MessageBinary, []byte("\x02"+strings.Repeat("x", 20000)))
		}, zmq.EventHandshakeFailedProtocol, "20000", websocket.StatusNormalClosure},
		{"message first", func(k *kit, c *websocket.Conn) { wsWrite(k, c, "\x00hello") }, zmq.EventHandshakeFailedProtocol, "during the handshake", websocket.StatusNormalClosure},
		{"large message", func(k *kit, c *websocket.Conn) {
			wsWrite(k, c, "\x02\x05READY\x0bSocket-Type\x00\x00\x00\x04PUSH")
			_ = c.Write(k.ctx, websocket.MessageBinary, []byte("\x00"+strings.Repeat("x", 5000)))
		}, zmq.EventDisconnected, "5000", websocket.StatusNormalClosure},
		{"fragments", func(k *kit, c *websocket.Conn) {
			w, err := c.Writer(k.ctx, websocket.MessageBinary)
			k.ok(err)
			for range 3 {
				_, _ = w.Write(make([]byte, 50000))
			}
		}, zmq.EventHandshakeFailedProtocol, "fragments", websocket.StatusUnsupportedData},
	} {
		t.Run(h.name, func(t *testing.T) {
			k := alone(t, "ws")
			pull := k.open(zmq.Pull, zmq.WithMaxMsgSize(4096))
			events := k.watch(pull, h.kind)
			endpoint, err := pull.Bind("ws://127.0.0.1:*")
			k.ok(err)
			c := wsBrowser(k, endpoint, "ZWS2.0/NULL")
			wsRead(k, c)
			h.send(k, c)
			e := events.next()
			if e.Err == nil || !strings.Contains(e.Err.Error(), h.says) {
				t.Errorf("got %v, want %q", e, h.says)
			}
			_, _, err = c.Read(k.ctx)
			for err == nil { // an ERROR comes first where the message is too large
				_, _, err = c.Read(k.ctx)
			}
			if websocket.CloseStatus(err) != h.status && !resetOrEOF(err) {
				t.Errorf("the client saw %v, want status %d", err, h.status)
			}
		})
	}
}

// resetOrEOF: a connection that is closed while input is unread may lose its last words.
func resetOrEOF(err error) bool {
	return err != nil && websocket.CloseStatus(err) == -1
}

// What is no client of WebSocket is turned away, each with an event.
func TestWSStrangers(t *testing.T) {
	certPEM, keyPEM := wsKeyPair()
	for _, c := range []struct {
		name, scheme, send string
		says               string
	}{
		{"ZMTP", "ws", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03", "began with"},
		{"a browser's page", "ws", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "upgrade"},
		{"TLS", "ws", "\x16\x03\x01\x00", "began with"},
		{"no TLS", "wss", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "TLS"},
		{"nothing", "ws", "", "timeout"},
		{"half a request", "ws", "GET / HT", "timeout"},
		{"no hello", "wss", "", "timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := alone(t, "ws")
			patience := ztest.Patience
			if c.says == "timeout" {
				patience = 100 * time.Millisecond
			}
			pull := k.open(zmq.Pull, zmq.WithWSSCert(certPEM), zmq.WithWSSKey(keyPEM), zmq.WithHandshakeInterval(patience))
			events := k.watch(pull, anyFailure)
			endpoint, err := pull.Bind(c.scheme + "://127.0.0.1:*")
			k.ok(err)
			_, address, _ := strings.Cut(endpoint, "://")
			nc, err := net.Dial("tcp", address)
			k.ok(err)
			defer nc.Close()
			_, err = nc.Write([]byte(c.send))
			k.ok(err)
			if e := events.next(); e.Err == nil || !strings.Contains(e.Err.Error(), c.says) {
				t.Errorf("got %v, want %q", e, c.says)
			}
		})
	}
}

func TestWSSRefusals(t *testing.T) {
	certPEM, keyPEM := wsKeyPair()
	k := alone(t, "ws")
	server := k.open(zmq.Pull, zmq.WithWSSCert(certPEM), zmq.WithWSSKey(keyPEM))
	endpoint, err := server.Bind("wss://127.0.0.1:*")
	k.ok(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(certPEM))
	for name, c := range map[string]struct {
		opts []zmq.Option
		says string
	}{
		"unknown authority": {nil, "certificate"},
		"another name":      {[]zmq.Option{zmq.WithWSSTrust(certPEM), zmq.WithWSSHostname("other")}, "other"},
		"the name":          {[]zmq.Option{zmq.WithWSSTrust(certPEM), zmq.WithWSSHostname("localhost")}, ""},
		"the system's too":  {[]zmq.Option{zmq.WithWSSTrust(certPEM), zmq.WithWSSTrustSystem(true)}, ""},
		"configuration":     {[]zmq.Option{zmq.WithTLSConfig(&tls.Config{RootCAs: pool})}, ""},
	} {
		push := k.open(zmq.Push, c.opts...)
		if c.says == "" {
			k.ok(push.Connect(endpoint))
			k.ok(push.WaitConnected(k.ctx, 1))
			continue
		}
		events := k.watch(push, anyFailure)
		k.ok(push.Connect(endpoint))
		if e := events.next(); e.Err == nil || !strings.Contains(e.Err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", name, e, c.says)
		}
	}
}

func TestWSInvalid(t *testing.T) {
	certPEM, keyPEM := wsKeyPair()
	k := alone(t, "ws")
	for name, c := range map[string]struct {
		opts []zmq.Option
		bind bool
	}{
		"no certificate":       {nil, true},
		"no key":               {[]zmq.Option{zmq.WithWSSCert(certPEM)}, true},
		"not a certificate":    {[]zmq.Option{zmq.WithWSSCert(keyPEM), zmq.WithWSSKey(keyPEM)}, true},
		"empty configuration":  {[]zmq.Option{zmq.WithTLSConfig(&tls.Config{})}, true},
		"no authority in text": {[]zmq.Option{zmq.WithWSSTrust(keyPEM)}, false},
	} {
		s := k.open(zmq.Pull)
		var err error
		if c.bind {
			_, err = s.Bind("wss://127.0.0.1:*", c.opts...)
		} else {
			err = s.Connect("wss://127.0.0.1:1", c.opts...)
		}
		if !errors.Is(err, zmq.ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), keyPEM[40:60]) {
			t.Errorf("%s: the key is in the error", name)
		}
	}
	k.is(k.open(zmq.Pull).Set(zmq.WithWSOrigins("[")), zmq.ErrInvalidOption)
	stream := k.open(zmq.Stream)
	_, err := stream.Bind("ws://127.0.0.1:*")
	k.is(err, zmq.ErrInvalidEndpoint)
	pull := k.open(zmq.Pull)
	endpoint, err := pull.Bind("ws://127.0.0.1:*/a")
	k.ok(err)
	_, err = k.open(zmq.Pull).Bind(strings.Replace(endpoint, "/a", "/b", 1))
	k.is(err, zmq.ErrAddrInUse)
	k.ok(pull.Unbind(endpoint))
}

// A server of another path says so, and the client goes on trying.
func TestWSPath(t *testing.T) {
	k := alone(t, "ws")
	pull := k.open(zmq.Pull)
	endpoint, err := pull.Bind("ws://127.0.0.1:*/here")
	k.ok(err)
	push := k.open(zmq.Push)
	events := k.watch(push, anyFailure)
	k.ok(push.Connect(strings.Replace(endpoint, "here", "there", 1)))
	var proto *zmq.ProtocolError
	if e := events.next(); !errors.As(e.Err, &proto) || proto.Code != 0x30000000 || !strings.Contains(e.Err.Error(), "404") {
		t.Errorf("got %v", e)
	}
}

// A page of another host is refused, unless it is named.
func TestWSOrigins(t *testing.T) {
	k := alone(t, "ws")
	pub := k.open(zmq.Pub, zmq.WithWSOrigins("*.friend.example"))
	events := k.watch(pub, anyFailure)
	endpoint, err := pub.Bind("ws://127.0.0.1:*")
	k.ok(err)
	for origin, ok := range map[string]bool{"https://a.friend.example": true, "http://127.0.0.1:8080": true, "https://foe.example": false} {
		c, _, err := websocket.Dial(k.ctx, endpoint, &websocket.DialOptions{Subprotocols: []string{"ZWS2.0"}, HTTPHeader: map[string][]string{"Origin": {origin}}})
		if (err == nil) != ok {
			t.Errorf("%s: %v", origin, err)
		}
		if err == nil {
			c.CloseNow()
		}
	}
	for e := events.next(); ; e = events.next() {
		if strings.Contains(fmt.Sprint(e.Err), "foe.example") {
			return
		}
	}
}

// A page that has its own name lead to this machine (DNS rebinding) comes from the host that
// it connects to, and is refused all the same, unless that is known to be this host, or
// TLS has shown it.
func TestWSRebinding(t *testing.T) {
	k, tlsServer := alone(t, "ws"), wsWays()["wss/NULL"][0]
	for _, c := range []struct {
		endpoint string
		opts     []zmq.Option
		name     string
		in       bool
	}{
		{"ws://127.0.0.1:*", nil, "evil.example", false},
		{"ws://127.0.0.1:*", nil, "localhost", true},
		{"ws://localhost:*", nil, "localhost", true},
		{"ws://127.0.0.1:*", []zmq.Option{zmq.WithWSHosts("app.example")}, "app.example", true},
		{"ws://127.0.0.1:*", []zmq.Option{zmq.WithWSHosts("app.example")}, "evil.example", false},
		{"wss://127.0.0.1:*", tlsServer, "app.example", true},
	} {
		pub := k.open(zmq.Pub, c.opts...)
		endpoint, err := pub.Bind(c.endpoint)
		k.ok(err)
		conn, _, err := websocket.Dial(k.ctx, endpoint, &websocket.DialOptions{
			Subprotocols: []string{"ZWS2.0"}, Host: c.name + ":80", HTTPHeader: http.Header{"Origin": {"http://" + c.name}},
			HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}},
		})
		if (err == nil) != c.in {
			t.Errorf("%s of %s: %v", c.endpoint, c.name, err)
		}
		if err == nil {
			conn.CloseNow()
		}
	}
}
