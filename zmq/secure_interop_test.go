//go:build interop

package zmq_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// python is the interpreter that Debian's python3-zmq is installed for.
const python = "/usr/bin/python3"

// foreign is a process with sockets of libzmq.
type foreign struct {
	*proc.Peer
	k *kit
}

func startForeign(k *kit) *foreign {
	k.Helper()
	return &foreign{proc.PythonPeer(k, nil, "testdata/secure_peer.py"), k}
}

// reply is what the peer answers.
type reply struct {
	Error, Endpoint, Text, User string
	Event, Value                int
}

type args map[string]any

// start sends a command; finish returns its answer.
func (f *foreign) start(op string, a args) (finish func() reply) {
	f.k.Helper()
	if a == nil {
		a = args{}
	}
	a["op"] = op
	f.Say(a)
	return func() reply {
		f.k.Helper()
		var r reply
		f.Hear(&r)
		if r.Error != "" {
			f.k.Fatalf("the peer says: %s", r.Error)
		}
		return r
	}
}

func (f *foreign) do(op string, a args) reply {
	f.k.Helper()
	return f.start(op, a)()
}

// secured is what both sides of one case are told.
type secured struct {
	mechanism string
	weServe   bool // we are the security server
	weBind    bool
}

func (s secured) String() string {
	who, how := "our client", "connects"
	if s.weServe {
		who = "our server"
	}
	if s.weBind {
		how = "binds"
	}
	return fmt.Sprintf("%s, %s %s", s.mechanism, who, how)
}

func (s secured) ours() zmq.Option {
	switch {
	case s.mechanism == "PLAIN" && s.weServe:
		return zmq.WithPlainServer()
	case s.mechanism == "PLAIN":
		return zmq.WithPlainClient(goodUser, goodPass)
	case s.weServe:
		return zmq.WithCurveServer(serverCert)
	}
	return zmq.WithCurveClient(clientCert, serverCert.Public())
}

func (s secured) theirs(t *testing.T) args {
	own := clientCert
	if !s.weServe {
		own = serverCert
	}
	switch {
	case s.mechanism == "PLAIN" && !s.weServe:
		return args{"plain_server": 1, "zap_domain": "home"}
	case s.mechanism == "PLAIN":
		return args{"plain_username": goodUser, "plain_password": goodPass}
	case !s.weServe:
		return args{"curve_server": 1, "curve_secretkey": z85Secret(t, own), "zap_domain": "home"}
	}
	return args{"curve_publickey": own.Public(), "curve_secretkey": z85Secret(t, own), "curve_serverkey": serverCert.Public()}
}

// interopSizes must be those of secure_peer.py.
var interopSizes = []int{0, 1, 7, 100, 222, 223, 255, 256, 1000, 8192, 65535, 65536, 300000, 1 << 20}

// known message i: see secure_peer.py.
func interopMessage(i int) []string {
	frames := []string{strconv.Itoa(i)}
	for k := range 1 + i%3 {
		n := 10
		if i%40 == 0 {
			n = len(interopSizes)
		}
		frames = append(frames, strings.Repeat(string([]byte{byte(128 + (i*31+k*7)%128)}), interopSizes[(i*5+k*3)%n]))
	}
	return frames
}

// conversation is one pair of types: who begins, who answers.
type conversation struct{ first, second string }

var conversations = []conversation{
	{"PUSH", "PULL"}, {"PUB", "SUB"}, {"PUB", "XSUB"}, {"XPUB", "SUB"}, {"XPUB", "XSUB"},
	{"PAIR", "PAIR"}, {"REQ", "REP"}, {"REQ", "ROUTER"}, {"DEALER", "REP"}, {"DEALER", "ROUTER"}, {"DEALER", "DEALER"}, {"ROUTER", "ROUTER"},
}

var typesByName = map[string]zmq.Type{
	"PAIR": zmq.Pair, "PUB": zmq.Pub, "SUB": zmq.Sub, "REQ": zmq.Req, "REP": zmq.Rep, "DEALER": zmq.Dealer, "ROUTER": zmq.Router,
	"PULL": zmq.Pull, "PUSH": zmq.Push, "XPUB": zmq.XPub, "XSUB": zmq.XSub,
}

func (c conversation) oneWay() bool {
	return c.first == "PUSH" || strings.HasSuffix(c.first, "PUB")
}

// pre is what stands in front of a message of the side that begins.
func (c conversation) pre() []string {
	switch {
	case c.first == "DEALER" && c.second == "REP":
		return []string{""}
	case c.first == "ROUTER":
		return []string{"second"}
	}
	return []string{}
}

// TestInteropSecured plays every pair of types with libzmq, in each role of PLAIN
// and CURVE, and with either side bound.
func TestInteropSecured(t *testing.T) {
	n := 80
	if os.Getenv("ZACTOR_FULL") == "1" {
		n = 10000
	}
	dir := t.TempDir()
	if err := clientCert.SavePublic(filepath.Join(dir, "client.key")); err != nil {
		t.Fatal(err)
	}
	cases, left := 0, 0
	for _, mechanism := range []string{"PLAIN", "CURVE"} {
		for _, weServe := range []bool{true, false} {
			k := patientKit(t, "tcp", time.Hour)
			f := startForeign(k)
			f.do("authenticator", args{"user": goodUser, "password": goodPass, "dir": dir})
			openAuth()(k)
			for _, weBind := range []bool{true, false} {
				for _, c := range conversations {
					for _, weBegin := range []bool{true, false} {
						s := secured{mechanism, weServe, weBind}
						if libzmqFails(s, c, weBegin) {
							left++
							continue
						}
						cases++
						t.Run(fmt.Sprintf("%v/%s-%s/we begin %v", s, c.first, c.second, weBegin), func(t *testing.T) {
							k := &kit{T: t, ctx: patient(t, ztest.Patience), zctx: k.zctx, scheme: "tcp"}
							if n > 1000 {
								k.ctx = patient(t, 10*time.Minute)
							}
							f := &foreign{f.Peer, k}
							play(k, f, s, c, weBegin, n)
						})
					}
				}
			}
		}
	}
	t.Logf("%d cases, %d messages each; %d left out, which libzmq does not do with itself", cases, n, left)
}

// libzmqFails reports whether libzmq 4.3.4 cannot play a case with itself either: as
// a server, its REQ closes the connection when it gets a reply from a user with a
// name.
func libzmqFails(s secured, c conversation, weBegin bool) bool {
	return c.first == "REQ" && !weBegin && !s.weServe
}

func play(k *kit, f *foreign, s secured, c conversation, weBegin bool, n int) {
	our, their := c.first, c.second
	ourID, theirID := "first", "second"
	if !weBegin {
		our, their, ourID, theirID = their, our, theirID, ourID
	}
	opts := []zmq.Option{s.ours(), zmq.WithSendHWM(0), zmq.WithRecvHWM(0)}
	if s.weServe {
		opts = append(opts, zmq.WithZAPDomain("home"))
	}
	peer := args{"type": their, "options": s.theirs(k.T), "bind": !s.weBind}
	if c.first == "ROUTER" {
		opts = append(opts, zmq.WithRoutingID(ourID), zmq.WithRouterMandatory(true))
		peer["id"] = theirID
	}
	socket := k.open(typesByName[our], opts...)
	if our == "SUB" {
		k.ok(socket.Subscribe(""))
	}
	if s.weBind {
		bound, err := socket.Bind("tcp://127.0.0.1:*")
		k.ok(err)
		peer["endpoint"] = bound
		f.do("open", peer)
	} else {
		peer["endpoint"] = "tcp://127.0.0.1:*"
		k.ok(socket.Connect(f.do("open", peer).Endpoint))
	}
	defer f.do("close", nil)
	switch {
	case c.oneWay() && weBegin:
		weSend(k, f, socket, n)
	case c.oneWay():
		weReceive(k, f, s, socket, our, n)
	case weBegin:
		wait := f.start("echo", args{"n": n})
		weAsk(k, socket, c.pre(), n)
		wait()
	default:
		wait := f.start("ask", args{"n": n, "pre": c.pre()})
		weEcho(k, s, socket, n)
		wait()
	}
	socket.Close()
}

func weSend(k *kit, f *foreign, socket *zmq.Socket, n int) {
	// A bound SUB of libzmq subscribes when its program calls it.
	wait := f.start("recv", args{"n": n})
	if socket.Type() == zmq.Pub || socket.Type() == zmq.XPub {
		k.ok(socket.WaitSubscribers(k.ctx, "", 1))
	}
	for i := range n {
		k.send(socket, interopMessage(i)...)
	}
	wait()
}

func weReceive(k *kit, f *foreign, s secured, socket *zmq.Socket, our string, n int) {
	if our == "XSUB" {
		k.send(socket, "\x01")
	}
	if our == "SUB" || our == "XSUB" {
		k.until("the subscription is there", func() bool {
			f.do("text", args{"frames": []string{"~probe"}})
			_, err := socket.TryRecv()
			return err == nil
		})
	}
	wait := f.start("send", args{"n": n})
	for i := 0; i < n; {
		m, err := socket.Recv(k.ctx)
		k.ok(err)
		if string(m.Frames[0]) == "~probe" {
			continue
		}
		checkUser(k, s, m)
		if !same(text(m), interopMessage(i)) {
			k.Fatalf("message %d is wrong: %v", i, m)
		}
		i++
	}
	wait()
}

func weAsk(k *kit, socket *zmq.Socket, pre []string, n int) {
	for i := range n {
		want := append(pre[:len(pre):len(pre)], interopMessage(i)...)
		k.until("the peer is there", func() bool {
			err := socket.SendString(k.ctx, want...)
			if err != nil && !errors.Is(err, zmq.ErrHostUnreachable) {
				k.ok(err)
			}
			return err == nil
		})
		if got := k.recv(socket); !same(got, want) {
			k.Fatalf("echo %d is wrong: %d frames", i, len(got))
		}
	}
}

func weEcho(k *kit, s secured, socket *zmq.Socket, n int) {
	for i := range n {
		m, err := socket.Recv(k.ctx)
		if err != nil {
			k.Fatalf("message %d: %v; peers %+v, %+v", i, err, socket.Peers(), socket.Stats())
		}
		checkUser(k, s, m)
		k.ok(socket.Send(k.ctx, m))
	}
}

// checkUser: our authenticator has told who theirs is.
func checkUser(k *kit, s secured, m msg.Msg) {
	want := ""
	if s.weServe {
		want = map[string]string{"PLAIN": goodUser, "CURVE": clientCert.Public()}[s.mechanism]
	}
	if p := m.Peer(); p.UserID != want || p.Mechanism != s.mechanism {
		k.Fatalf("a message of the user %q over %s, want %q over %s", p.UserID, p.Mechanism, want, s.mechanism)
	}
}

// TestInteropRefused: each side refuses the other's bad client, and the client is
// told.
func TestInteropRefused(t *testing.T) {
	const failedAuth = 0x4000
	dir := t.TempDir()
	if err := clientCert.SavePublic(filepath.Join(dir, "client.key")); err != nil {
		t.Fatal(err)
	}
	for _, mechanism := range []string{"PLAIN", "CURVE"} {
		t.Run(mechanism, func(t *testing.T) {
			k := newKit(t, "tcp")
			f := startForeign(k)
			f.do("authenticator", args{"user": goodUser, "password": goodPass, "dir": dir})
			openAuth()(k)

			// Our server, their client.
			server := k.open(zmq.Pull, secured{mechanism, true, true}.ours(), zmq.WithZAPDomain("home"))
			events := k.watch(server, anyFailure)
			bound, err := server.Bind("tcp://127.0.0.1:*")
			k.ok(err)
			bad := args{"plain_username": goodUser, "plain_password": badPass}
			if mechanism == "CURVE" {
				bad = args{"curve_publickey": otherCert.Public(), "curve_secretkey": z85Secret(t, otherCert), "curve_serverkey": serverCert.Public()}
			}
			f.do("open", args{"type": "PUSH", "options": bad, "bind": false, "endpoint": bound})
			if e := f.do("event", nil); e.Event != failedAuth || e.Value != 400 {
				t.Errorf("libzmq's client reported %#x with %d", e.Event, e.Value)
			}
			if e := events.next(); e.Kind != authFailed || e.Value != 400 {
				t.Errorf("our server reported %v with %d", e, e.Value)
			}
			f.do("close", nil)
			nothingPassed(k, server)

			// Their server, our client.
			r := f.do("open", args{"type": "PULL", "options": secured{mechanism, false, false}.theirs(t), "bind": true, "endpoint": "tcp://127.0.0.1:*"})
			wrong := zmq.WithPlainClient(goodUser, badPass)
			if mechanism == "CURVE" {
				wrong = zmq.WithCurveClient(otherCert, serverCert.Public())
			}
			client := k.connect(zmq.Push, r.Endpoint, wrong)
			k.is(client.WaitConnected(k.ctx, 1), zmq.ErrAuth)
			if e := f.do("event", nil); e.Event != failedAuth || e.Value != 400 {
				t.Errorf("libzmq's server reported %#x with %d", e.Event, e.Value)
			}
			if mechanism == "CURVE" {
				lost := k.open(zmq.Push, zmq.WithCurveClient(clientCert, otherCert.Public()))
				events := k.watch(lost, noDetail)
				k.ok(lost.Connect(r.Endpoint))
				k.is(events.next().Err, zmq.ErrServerKey)
			}
			f.do("close", nil)
		})
	}
}

// TestInteropUserID: zmq.auth tells libzmq who our client is.
func TestInteropUserID(t *testing.T) {
	k := newKit(t, "tcp")
	dir := t.TempDir()
	k.ok(clientCert.SavePublic(filepath.Join(dir, "client.key")))
	f := startForeign(k)
	t.Log(f.do("version", nil).Text)
	f.do("authenticator", args{"user": goodUser, "password": goodPass, "dir": dir})
	for mechanism, want := range map[string]string{"PLAIN": goodUser, "CURVE": clientCert.Public()} {
		s := secured{mechanism, false, false}
		r := f.do("open", args{"type": "PULL", "options": s.theirs(t), "bind": true, "endpoint": "tcp://127.0.0.1:*"})
		k.send(k.connect(zmq.Push, r.Endpoint, s.ours()), "hello")
		if got := f.do("user", nil); got.Text != "hello" || got.User != want {
			t.Errorf("%s: %q from %q, want hello from %q", mechanism, got.Text, got.User, want)
		}
		f.do("close", nil)
	}
}

// TestInteropZauth lets czmq's authenticator judge our clients, by a password file
// and certificates that ours reads, too.
func TestInteropZauth(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "zauth")
	if out, err := exec.Command("gcc", "-Wall", "-o", program, "testdata/secure_zauth.c", "-lczmq", "-lzmq").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	keys, passwords := filepath.Join(dir, "keys"), filepath.Join(dir, "passwords")
	for _, err := range []error{
		os.Mkdir(keys, 0o700), os.WriteFile(passwords, []byte("# users\n"+goodUser+"="+goodPass+"\neq=a=b\n"), 0o600),
		clientCert.SavePublic(filepath.Join(keys, "client.txt")), serverCert.Save(filepath.Join(dir, "server.txt")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		mechanism string
		client    zmq.Option
		user      string // "": refused
	}{
		{"PLAIN", zmq.WithPlainClient(goodUser, goodPass), goodUser},
		{"PLAIN", zmq.WithPlainClient("eq", "a=b"), "eq"},
		{"PLAIN", zmq.WithPlainClient(goodUser, badPass), ""},
		{"CURVE", zmq.WithCurveClient(clientCert, serverCert.Public()), clientCert.Public()},
		{"CURVE", zmq.WithCurveClient(otherCert, serverCert.Public()), ""},
	} {
		k := newKit(t, "tcp")
		endpoint, lines := startZauth(k, program, tt.mechanism, passwords, keys, filepath.Join(dir, "server.txt"))
		client := k.connect(zmq.Push, endpoint, tt.client)
		ours := judgeAlike(k, tt.mechanism, passwords, keys, tt.client)
		if tt.user == "" {
			k.is(client.WaitConnected(k.ctx, 1), zmq.ErrAuth)
			k.is(ours, zmq.ErrAuth)
			continue
		}
		k.ok(ours)
		k.send(client, "hello")
		if got, want := <-lines, "hello from "+tt.user; got != want {
			t.Errorf("czmq's server says %q, want %q", got, want)
		}
	}
}

// judgeAlike lets our authenticator judge by the same files.
func judgeAlike(k *kit, mechanism, passwords, keys string, client zmq.Option) error {
	k.Helper()
	a, err := auth.New(k.zctx)
	k.ok(err)
	defer a.Close()
	k.ok(a.PlainFile(auth.AnyDomain, passwords))
	store, err := cert.NewFSStore(os.DirFS(keys))
	k.ok(err)
	a.Curve(auth.AnyDomain, store)
	_, endpoint := k.bound(zmq.Pull, secured{mechanism, true, true}.ours())
	return k.connect(zmq.Push, endpoint, client).WaitConnected(k.ctx, 1)
}

// startZauth runs the C program; its lines say what it has received.
func startZauth(k *kit, argv ...string) (endpoint string, lines <-chan string) {
	k.Helper()
	p := proc.NewPeer(k, exec.Command(argv[0], argv[1:]...))
	return p.Line(), p.Lines()
}
