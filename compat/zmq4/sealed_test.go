package zmq4_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/compat/zmq4"
)

// xor is a mechanism of a program's own, as those for the original are written: it greets
// with a token and turns every byte of what follows.
type xor struct {
	token string
	key   byte
	panic bool
}

func (xor) Type() zmq4.SecurityType { return "XOR" }

func (x xor) Handshake(conn *zmq4.Conn, server bool) error {
	if x.panic && server {
		panic("no handshake today")
	}
	if !server {
		if err := conn.SendCmd(zmq4.CmdHello, []byte(x.token)); err != nil {
			return err
		}
	} else {
		hello, err := conn.RecvCmd()
		if err != nil {
			return err
		}
		if hello.Name != zmq4.CmdHello || string(hello.Body) != x.token {
			return errors.New("wrong token")
		}
	}
	raw, err := conn.Meta.MarshalZMTP()
	if err != nil {
		return err
	}
	if err := conn.SendCmd(zmq4.CmdReady, raw); err != nil {
		return err
	}
	ready, err := conn.RecvCmd()
	if err != nil {
		return err
	}
	if ready.Name != zmq4.CmdReady {
		return zmq4.ErrBadCmd
	}
	return conn.Peer.Meta.UnmarshalZMTP(ready.Body)
}

func (x xor) Encrypt(w io.Writer, data []byte) (int, error) {
	turned := make([]byte, len(data))
	for i, b := range data {
		turned[i] = b ^ x.key
	}
	return w.Write(turned)
}

func (x xor) Decrypt(w io.Writer, data []byte) (int, error) { return x.Encrypt(w, data) }

// Sockets talk under a mechanism of the program's own, which others can't join.
func TestOwnSecurity(t *testing.T) {
	for _, scheme := range []string{"tcp", "ipc"} {
		k := newKit(t)
		good := zmq4.WithSecurity(xor{token: "open", key: 0x5a})
		listen := "tcp://127.0.0.1:*"
		if scheme == "ipc" {
			listen = "ipc://" + t.TempDir() + "/s"
		}
		router := k.open(zmq4.NewRouter, good)
		k.ok(router.Listen(listen))
		endpoint := listen
		if scheme == "tcp" {
			endpoint = "tcp://" + router.Addr().String()
		}
		joe := k.dialled(zmq4.NewDealer, endpoint, good, zmq4.WithID(zmq4.SocketIdentity("joe")))
		big := strings.Repeat("x", 100_000)
		for i := range 20 {
			k.send(joe, "ask", fmt.Sprint(i), big)
			k.want(router, "joe", "ask", fmt.Sprint(i), big)
			k.send(router, "joe", "answer")
			k.want(joe, "answer")
		}
		for name, other := range map[string]zmq4.Security{"token": xor{token: "guess", key: 0x5a}, "key": xor{token: "open", key: 1}, "none": nil} {
			s := k.open(zmq4.NewDealer, zmq4.WithSecurity(other), zmq4.WithDialerMaxRetries(0), zmq4.WithDialerTimeout(time.Second), zmq4.WithDialerRetry(time.Millisecond))
			if err := s.Dial(endpoint); err == nil {
				t.Errorf("%s: a client with another mechanism is let in", name)
			}
		}
		k.send(joe, "still here")
		k.want(router, "joe", "still here")
		k.is(router.Listen("inproc://x"), zmq4.ErrSecurity)
	}
}

// Publishers hear subscriptions under it, and a lost peer is dialled again.
func TestOwnSecurityPubSub(t *testing.T) {
	k := newKit(t)
	sec := zmq4.WithSecurity(xor{token: "t", key: 7})
	pub, endpoint := k.bound(zmq4.NewXPub, sec)
	sub := k.dialled(zmq4.NewSub, endpoint, sec, zmq4.WithDialerRetry(time.Millisecond))
	k.ok(sub.SetOption(zmq4.OptionSubscribe, "a"))
	for range 2 {
		k.want(pub, "\x01a")
		k.send(pub, "b", "unwanted")
		k.send(pub, "a", "wanted")
		k.want(sub, "a", "wanted")
		k.ok(pub.Close())
		pub = k.open(zmq4.NewXPub, sec)
		k.ok(pub.Listen(endpoint))
	}
}

// A mechanism that panics ends its connection, and nothing else.
func TestOwnSecurityPanics(t *testing.T) {
	k := newKit(t)
	_, endpoint := k.bound(zmq4.NewPull, zmq4.WithSecurity(xor{panic: true}))
	push := k.open(zmq4.NewPush, zmq4.WithSecurity(xor{}), zmq4.WithDialerMaxRetries(1), zmq4.WithDialerRetry(time.Millisecond))
	if err := push.Dial(endpoint); err == nil {
		t.Error("the handshake has succeeded")
	}
}

// Two Conns without sockets, and what they say of types that do not fit.
func TestConn(t *testing.T) {
	for _, c := range []struct {
		server, client zmq4.SocketType
		fits           bool
	}{{zmq4.Rep, zmq4.Req, true}, {zmq4.Rep, zmq4.Pub, false}} {
		a, b := joined(t)
		sec := xor{token: "t", key: 9}
		type opened struct {
			conn *zmq4.Conn
			err  error
		}
		done := make(chan opened, 1)
		go func() {
			conn, err := zmq4.Open(a, sec, c.server, zmq4.SocketIdentity("srv"), true, nil)
			done <- opened{conn, err}
		}()
		lost := 0
		client, err := zmq4.Open(b, sec, c.client, nil, false, func(*zmq4.Conn) { lost++ })
		server := <-done
		if (err == nil) != c.fits || (server.err == nil) != c.fits {
			t.Fatalf("%s and %s: %v, %v", c.server, c.client, err, server.err)
		}
		if !c.fits {
			continue
		}
		if got := client.Peer.Meta["Identity"]; got != "srv" {
			t.Errorf("the server is called %q", got)
		}
		go func() { done <- opened{nil, client.SendMsg(zmq4.NewMsgFrom(nil, []byte("hi")))} }()
		m, err := server.conn.RecvMsg()
		if err != nil || len(m.Frames) != 2 || string(m.Frames[1]) != "hi" {
			t.Errorf("received %v, %v", m, err)
		}
		<-done
		go func() { done <- opened{nil, client.SendCmd(zmq4.CmdPing, []byte("\x00\x01ctx"))} }()
		pong := make(chan zmq4.Cmd, 1)
		go func() { <-done; cmd, _ := client.RecvCmd(); pong <- cmd }()
		if m, err := server.conn.RecvMsg(); err != nil || m.Type != zmq4.CmdMsg {
			t.Errorf("received %v, %v", m, err)
		}
		if cmd := <-pong; cmd.Name != zmq4.CmdPong || string(cmd.Body) != "ctx" {
			t.Errorf("answered %v", cmd)
		}
		server.conn.Close()
		if _, err := client.RecvCmd(); err == nil || !client.Closed() || lost != 1 {
			t.Errorf("after the end: %v, lost %d times", err, lost)
		}
		if _, err := client.Write(nil); !errors.Is(err, zmq4.ErrClosedConn) {
			t.Errorf("a write on a closed Conn: %v", err)
		}
	}
}

// joined are the two ends of a connection.
func joined(t *testing.T) (a, b net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if b, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if a, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, b
}

func TestMetadataAndQueue(t *testing.T) {
	m := zmq4.Metadata{"Socket-Type": "REQ", "Identity": "joe", "colour": "red"}
	raw, err := m.MarshalZMTP()
	if err != nil {
		t.Fatal(err)
	}
	var got zmq4.Metadata
	if err := got.UnmarshalZMTP(raw); err != nil || len(got) != 3 || got["X-Colour"] != "red" || got["Identity"] != "joe" {
		t.Errorf("%q, %v", got, err)
	}
	for n := range raw { // no prefix is taken for a whole
		var part zmq4.Property
		if k, err := part.Write(raw[:n]); err == nil && k > n {
			t.Errorf("%d of %d bytes are read as %v", n, k, part)
		}
	}
	if _, err := (zmq4.Metadata{"a": "", "A": ""}).MarshalZMTP(); !errors.Is(err, zmq4.ErrBadProperty) {
		t.Errorf("a name that is there twice: %v", err)
	}
	q := zmq4.NewQueue()
	for _, s := range []string{"a", "b"} {
		q.Push(zmq4.NewMsgString(s))
	}
	if m, ok := q.Peek(); !ok || string(m.Bytes()) != "a" || q.Len() != 2 {
		t.Errorf("%v, %v of %d", m, ok, q.Len())
	}
	q.Pop()
	q.Init()
	if _, ok := q.Peek(); ok || q.Len() != 0 {
		t.Error("it is not empty")
	}
}
