package zmq4_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/compat/zmq4"
	"github.com/go-zactor/zactor/compat/zmq4/security/null"
	"github.com/go-zactor/zactor/compat/zmq4/security/plain"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/zmq"
)

var constructors = map[zmq4.SocketType]constructor{
	zmq4.Pair: zmq4.NewPair, zmq4.Pub: zmq4.NewPub, zmq4.Sub: zmq4.NewSub, zmq4.Req: zmq4.NewReq,
	zmq4.Rep: zmq4.NewRep, zmq4.Dealer: zmq4.NewDealer, zmq4.Router: zmq4.NewRouter, zmq4.Pull: zmq4.NewPull,
	zmq4.Push: zmq4.NewPush, zmq4.XPub: zmq4.NewXPub, zmq4.XSub: zmq4.NewXSub,
}

func TestTypes(t *testing.T) {
	k := newKit(t)
	for typ, make := range constructors {
		s := k.open(make, zmq4.WithID(zmq4.SocketIdentity("x")))
		core, err := zmq4.Core(s)
		k.ok(err)
		if s.Type() != typ || core.Type().String() != string(typ) || s.Addr() != nil {
			t.Errorf("%s is %s over %s at %v", typ, s.Type(), core.Type(), s.Addr())
		}
	}
	for _, c := range []struct {
		a, b zmq4.SocketType
		want bool
	}{
		{zmq4.Req, zmq4.Router, true}, {zmq4.Req, zmq4.Dealer, false}, {zmq4.XSub, zmq4.Pub, true},
		{zmq4.Pair, zmq4.Pair, true}, {"NONE", zmq4.Pair, false},
	} {
		if c.a.IsCompatible(c.b) != c.want {
			t.Errorf("%s with %s: not %v", c.a, c.b, c.want)
		}
	}
}

func TestEndpoints(t *testing.T) {
	k := newKit(t)
	for _, listen := range []string{"tcp://*:0", "tcp://:*", "tcp://127.0.0.1:", "tcp://localhost:0", "tcp://0.0.0.0:*"} {
		pull := k.open(zmq4.NewPull)
		k.ok(pull.Listen(listen))
		port := pull.Addr().(*net.TCPAddr).Port
		for _, host := range []string{"127.0.0.1", "localhost", "*", "", "0.0.0.0"} {
			k.send(k.dialled(zmq4.NewPush, fmt.Sprintf("tcp://%s:%d", host, port)), host)
			k.want(pull, host)
		}
	}
	pull := k.open(zmq4.NewPull)
	path := "ipc://" + t.TempDir() + "/s"
	k.ok(pull.Listen(path))
	if a := pull.Addr(); a.Network() != "unix" || "ipc://"+a.String() != path {
		t.Errorf("listens at %s %s", a.Network(), a)
	}
	k.ok(pull.Listen("inproc://here"))
	if a := pull.Addr(); a.Network() != "inproc" || a.String() != "here" {
		t.Errorf("listens at %s %s", a.Network(), a)
	}
	for _, e := range []string{path, "inproc://here"} {
		k.send(k.dialled(zmq4.NewPush, e), e)
		k.want(pull, e)
	}
	for _, bad := range []string{"", "tcp", "tcp://", "tcp://x", "ipc://", "inproc://"} {
		k.is(pull.Listen(bad), zmq.ErrInvalidEndpoint)
		k.is(pull.Dial(bad), zmq.ErrInvalidEndpoint)
	}
	for _, f := range []func(string) error{pull.Listen, pull.Dial} {
		if err := f("carrier-pigeon://x"); err != (zmq4.UnknownTransportError{Name: "carrier-pigeon"}) {
			t.Errorf("unknown transport: %v", err)
		}
	}
	if !slices.Equal(zmq4.Transports(), []string{"inproc", "ipc", "tcp"}) {
		t.Errorf("transports %v", zmq4.Transports())
	}
}

func TestOptions(t *testing.T) {
	k := newKit(t)
	sub := k.open(zmq4.NewSub)
	for range 2 { // a set: told twice, it is there once
		k.ok(sub.SetOption(zmq4.OptionSubscribe, "b"))
	}
	k.ok(sub.SetOption(zmq4.OptionSubscribe, "a"))
	if got := sub.(zmq4.Topics).Topics(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("topics %q", got)
	}
	k.ok(sub.SetOption(zmq4.OptionUnsubscribe, "b"))
	if got := sub.(zmq4.Topics).Topics(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("topics %q", got)
	}
	if v, err := sub.GetOption(zmq4.OptionSubscribe); v != "a" || err != nil {
		t.Errorf("SUBSCRIBE is %v, %v", v, err)
	}
	k.ok(sub.SetOption(zmq4.OptionHWM, 7))
	if v, err := sub.GetOption("RCVHWM"); v != 7 || err != nil {
		t.Errorf("RCVHWM is %v, %v", v, err)
	}
	for name, value := range map[string]any{
		zmq4.OptionSubscribe: 1, zmq4.OptionUnsubscribe: []byte("a"), zmq4.OptionHWM: "7", "COLOUR": "red",
	} {
		k.is(sub.SetOption(name, value), zmq4.ErrBadProperty)
	}
	k.is(k.open(zmq4.NewPush).SetOption(zmq4.OptionSubscribe, "a"), zmq4.ErrBadProperty)
	_, err := sub.GetOption("COLOUR")
	k.is(err, zmq4.ErrBadProperty)
	k.is(sub.SetOption(zmq4.OptionHWM, -1), zmq.ErrInvalidOption)
}

func TestTopicsOfPeers(t *testing.T) {
	k := newKit(t)
	for _, make := range []constructor{zmq4.NewPub, zmq4.NewXPub} {
		pub, endpoint := k.bound(make)
		for _, topics := range []string{"a b", "b c"} {
			sub := k.dialled(zmq4.NewSub, endpoint)
			for _, topic := range strings.Fields(topics) {
				k.ok(sub.SetOption(zmq4.OptionSubscribe, topic))
			}
		}
		k.until("all are known", func() bool {
			return slices.Equal(pub.(zmq4.Topics).Topics(), []string{"a", "b", "c"})
		})
	}
}

func TestIdentity(t *testing.T) {
	k := newKit(t)
	router, endpoint := k.bound(zmq4.NewRouter)
	k.send(k.dialled(zmq4.NewDealer, endpoint, zmq4.WithID(zmq4.SocketIdentity("joe"))), "hello")
	k.want(router, "joe", "hello")
	broken := k.open(zmq4.NewDealer, zmq4.WithID(zmq4.SocketIdentity("\x00joe")))
	k.is(broken.Dial(endpoint), zmq.ErrInvalidOption)
	if n := len(zmq4.SocketIdentity(strings.Repeat("x", 300)).String()); n != 255 {
		t.Errorf("an identity of %d bytes", n)
	}
}

// A socket that could not be made says why in every call, and can be closed.
func TestBroken(t *testing.T) {
	k := newKit(t)
	s := k.open(zmq4.NewSub, zmq4.WithSecurity(otherSecurity{}))
	_, recvErr := s.Recv()
	_, getErr := s.GetOption(zmq4.OptionHWM)
	_, coreErr := zmq4.Core(s)
	for _, err := range []error{
		s.Send(zmq4.NewMsgString("x")), s.SendMulti(zmq4.Msg{}), recvErr, getErr, coreErr,
		s.Listen("tcp://*:*"), s.Dial("tcp://x:1"), s.SetOption(zmq4.OptionSubscribe, ""),
	} {
		k.is(err, zmq4.ErrSecurity)
	}
	if s.(zmq4.Topics).Topics() != nil || s.Addr() != nil {
		t.Error("it has topics or an address")
	}
	k.ok(s.Close())
	ended, cancel := context.WithCancel(k.ctx)
	cancel()
	k.is(zmq4.NewReq(ended).Send(zmq4.Msg{}), context.Canceled)
}

type otherSecurity struct{}

func (otherSecurity) Type() zmq4.SecurityType { return zmq4.CurveSecurity }

func TestSecurity(t *testing.T) {
	k := newKit(t)
	secret := plain.Security("admin", "hunter2")
	if secret.Type() != zmq4.PlainSecurity || null.Security().Type() != zmq4.NullSecurity {
		t.Error("the types are wrong")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if strings.Contains(fmt.Sprintf(verb, secret), "hunter2") {
			t.Errorf("%s prints the password", verb)
		}
	}
	s := k.open(zmq4.NewRep, zmq4.WithSecurity(secret))
	k.is(s.Listen("inproc://x"), zmq4.ErrSecurity)
	k.is(s.Dial("inproc://x"), zmq4.ErrSecurity)
	k.is(k.open(zmq4.NewRep, zmq4.WithSecurity(plain.Security("", ""))).Listen("tcp://127.0.0.1:*"), zmq4.ErrSecurity)
}

// CURVE, and all else that the original has not, comes with WithCore.
func TestCurve(t *testing.T) {
	k := newKit(t)
	server, err := cert.New()
	k.ok(err)
	ada, err := cert.New()
	k.ok(err)
	zctx := zmq.NewContext(k.ctx)
	a, err := auth.New(zctx)
	k.ok(err)
	defer a.Close()
	a.Curve(auth.AnyDomain, cert.NewMemStore(ada))
	rep := zmq4.NewRep(zctx, zmq4.WithCore(zmq.WithCurveServer(server)))
	defer rep.Close()
	k.ok(rep.Listen("tcp://127.0.0.1:*"))
	req := k.dialled(zmq4.NewReq, "tcp://"+rep.Addr().String(), zmq4.WithCore(zmq.WithCurveClient(ada, server.Public())))
	k.send(req, "in secret")
	k.want(rep, "in secret")
}

func TestMsg(t *testing.T) {
	m := zmq4.NewMsgFrom([]byte("a"), nil, []byte("b\x00"))
	if got, want := m.String(), `Msg{Frames:{"a", "", "b\x00"}}`; got != want {
		t.Errorf("prints %s, want %s", got, want)
	}
	if got := string(m.Bytes()); got != "ab\x00" {
		t.Errorf("bytes %q", got)
	}
	c := m.Clone()
	c.Frames[0][0] = 'x'
	if string(m.Frames[0]) != "a" || len(c.Frames) != 3 || c.Type != zmq4.UsrMsg {
		t.Errorf("%v has the clone %v", m, c)
	}
	if got := zmq4.NewMsgString("s"); !bytes.Equal(got.Bytes(), []byte("s")) || got.Err() != nil {
		t.Errorf("%v, %v", got, got.Err())
	}
	k := newKit(t)
	k.is(k.open(zmq4.NewPub).Send(zmq4.Msg{}), zmq.ErrInvalidMessage)
}

func TestLogger(t *testing.T) {
	k := newKit(t)
	var lines logbook.Book
	logger := log.New(&lines, "my: ", 0)
	_, endpoint := k.bound(zmq4.NewPull, zmq4.WithLogger(logger))
	push := k.dialled(zmq4.NewPush, endpoint)
	k.connected(push, 1)
	k.ok(push.Close())
	k.until("the end is logged", func() bool { return lines.Has() })
	if text := lines.String(); !strings.HasPrefix(text, "my: ") || strings.ContainsAny(text, "{\x1b") {
		t.Errorf("logs %q", text)
	}
}
