package zmq_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// Every option: its default, a value that is set and read back, and values that
// are refused with an error that names value and rule.
func TestOptions(t *testing.T) {
	k := alone(t, "inproc")
	const ms = time.Millisecond
	keepAlive := zmq.WithTCPKeepAlive(net.KeepAliveConfig{Enable: true, Count: 2, Idle: 3 * time.Second, Interval: 4 * time.Second})
	for _, c := range []struct {
		name    string
		typ     zmq.Type
		def     any
		set     zmq.Option
		got     any
		bad     []zmq.Option
		mention string
	}{
		{"SNDHWM", zmq.Push, 1000, zmq.WithSendHWM(7), 7, []zmq.Option{zmq.WithSendHWM(-1)}, "-1"},
		{"RCVHWM", zmq.Pull, 1000, zmq.WithRecvHWM(0), 0, []zmq.Option{zmq.WithRecvHWM(-5)}, "-5"},
		{"SNDBYTES", zmq.Push, int64(64 << 20), zmq.WithSendBytes(9), int64(9), []zmq.Option{zmq.WithSendBytes(-2)}, "-2"},
		{"RCVBYTES", zmq.Pull, int64(64 << 20), zmq.WithRecvBytes(-1), int64(-1), []zmq.Option{zmq.WithRecvBytes(-2)}, "-2"},
		{"LINGER", zmq.Push, 30 * time.Second, zmq.WithLinger(-1), time.Duration(-1), nil, ""},
		{"LINGER", zmq.Sub, time.Duration(0), zmq.WithLinger(ms), ms, nil, ""},
		{"LINGER", zmq.XSub, time.Duration(0), zmq.WithLinger(ms), ms, nil, ""},
		{"LINGER", zmq.Push, 30 * time.Second, zmq.WithLinger(-time.Hour), zmq.Forever, nil, ""},
		{"SNDTIMEO", zmq.Push, time.Duration(-1), zmq.WithSendTimeout(ms), ms, nil, ""},
		{"RCVTIMEO", zmq.Pull, time.Duration(-1), zmq.WithRecvTimeout(0), time.Duration(0), nil, ""},
		{"ROUTING_ID", zmq.Dealer, "", zmq.WithRoutingID("joe"), "joe",
			[]zmq.Option{zmq.WithRoutingID(""), zmq.WithRoutingID(strings.Repeat("x", 256)), zmq.WithRoutingID("\x00x")}, "must"},
		{"IMMEDIATE", zmq.Push, false, zmq.WithImmediate(true), true, nil, ""},
		{"RECONNECT_IVL", zmq.Push, 100 * ms, zmq.WithReconnectInterval(ms, 2*ms), ms,
			[]zmq.Option{zmq.WithReconnectInterval(ms, -1)}, "negative"},
		{"RECONNECT_IVL_MAX", zmq.Push, time.Duration(0), zmq.WithReconnectInterval(ms, 2*ms), 2 * ms, nil, ""},
		{"HANDSHAKE_IVL", zmq.Push, 10 * time.Second, zmq.WithHandshakeInterval(ms), ms,
			[]zmq.Option{zmq.WithHandshakeInterval(-1)}, "negative"},
		{"HEARTBEAT_IVL", zmq.Push, time.Duration(0), zmq.WithHeartbeat(ms, 2*ms, 3*ms), ms,
			[]zmq.Option{zmq.WithHeartbeat(-1, 0, 0), zmq.WithHeartbeat(0, -1, 0), zmq.WithHeartbeat(0, 0, -1),
				zmq.WithHeartbeat(0, 0, 6553600*ms)}, "must"},
		{"HEARTBEAT_TIMEOUT", zmq.Push, time.Duration(0), zmq.WithHeartbeat(ms, 2*ms, 3*ms), 2 * ms, nil, ""},
		{"HEARTBEAT_TTL", zmq.Push, time.Duration(0), zmq.WithHeartbeat(ms, 2*ms, 6553599*ms), 6553599 * ms, nil, ""},
		{"MAXMSGSIZE", zmq.Pull, int64(16 << 20), zmq.WithMaxMsgSize(1), int64(1), []zmq.Option{zmq.WithMaxMsgSize(-2)}, "-2"},
		{"HANDSHAKES_MAX", zmq.Pull, 2048, zmq.WithMaxHandshakes(1), 1, []zmq.Option{zmq.WithMaxHandshakes(0)}, "0"},
		{"MAXPARTS", zmq.Pull, 1024, zmq.WithMaxParts(2), 2, []zmq.Option{zmq.WithMaxParts(-1)}, "-1"},
		{"MAXTOPIC", zmq.Pub, 8 << 10, zmq.WithMaxTopic(2), 2, []zmq.Option{zmq.WithMaxTopic(-1)}, "-1"},
		{"ROUTER_MANDATORY", zmq.Router, false, zmq.WithRouterMandatory(true), true, nil, ""},
		{"ROUTER_HANDOVER", zmq.Router, false, zmq.WithRouterHandover(true), true, nil, ""},
		{"PROBE_ROUTER", zmq.Req, false, zmq.WithProbeRouter(true), true, nil, ""},
		{"REQ_RELAXED", zmq.Req, false, zmq.WithReqRelaxed(true), true, nil, ""},
		{"REQ_CORRELATE", zmq.Req, false, zmq.WithReqCorrelate(true), true, nil, ""},
		{"XPUB_VERBOSE", zmq.XPub, false, zmq.WithXPubVerbose(true), true, nil, ""},
		{"XPUB_VERBOSER", zmq.XPub, false, zmq.WithXPubVerboser(true), true, nil, ""},
		{"XPUB_NODROP", zmq.Pub, false, zmq.WithXPubNoDrop(true), true, nil, ""},
		{"METADATA", zmq.Pull, "", zmq.WithMetadata("X-Role", "boss"), "X-Role:boss",
			[]zmq.Option{zmq.WithMetadata("Role", "boss"), zmq.WithMetadata("X-Role", ""),
				zmq.WithMetadata("X-"+strings.Repeat("x", 255), "y")}, "METADATA"},
		{"BACKLOG", zmq.Pull, 4096, zmq.WithBacklog(5), 5, []zmq.Option{zmq.WithBacklog(-1)}, "-1"},
		{"SNDBUF", zmq.Push, -1, zmq.WithSendBuffer(5000), 5000, []zmq.Option{zmq.WithSendBuffer(-2)}, "-2"},
		{"RCVBUF", zmq.Push, -1, zmq.WithRecvBuffer(5000), 5000, []zmq.Option{zmq.WithRecvBuffer(-2)}, "-2"},
		{"IPV6", zmq.Push, false, zmq.WithIPv6(true), true, nil, ""},
		{"TOS", zmq.Push, 0, zmq.WithTOS(8), 8, []zmq.Option{zmq.WithTOS(-1)}, "-1"},
		{"TCP_KEEPALIVE", zmq.Push, -1, keepAlive, 1,
			[]zmq.Option{zmq.WithOption("TCP_KEEPALIVE", 2), zmq.WithOption("TCP_KEEPALIVE", -2)}, "must be"},
		{"TCP_KEEPALIVE_CNT", zmq.Push, -1, keepAlive, 2, []zmq.Option{zmq.WithOption("TCP_KEEPALIVE_CNT", -2)}, "must be"},
		{"TCP_KEEPALIVE_IDLE", zmq.Push, -1, keepAlive, 3, nil, ""},
		{"TCP_KEEPALIVE_INTVL", zmq.Push, -1, keepAlive, 4, nil, ""},
		{"TCP_KEEPALIVE", zmq.Push, -1, zmq.WithTCPKeepAlive(net.KeepAliveConfig{}), 0, nil, ""},
		{"TCP_KEEPALIVE_CNT", zmq.Push, -1, zmq.WithTCPKeepAlive(net.KeepAliveConfig{Enable: true}), 9, nil, ""},
		{"TCP_KEEPALIVE_IDLE", zmq.Push, -1, zmq.WithTCPKeepAlive(net.KeepAliveConfig{Enable: true}), 15, nil, ""},
		{"TCP_KEEPALIVE_INTVL", zmq.Push, -1, zmq.WithTCPKeepAlive(net.KeepAliveConfig{Enable: true, Interval: 1500 * ms}), 2, nil, ""},
		{"CONNECT_TIMEOUT", zmq.Push, time.Duration(0), zmq.WithConnectTimeout(ms), ms,
			[]zmq.Option{zmq.WithConnectTimeout(-1)}, "negative"},
		{"CONFLATE", zmq.Pull, false, zmq.WithConflate(true), true, nil, ""},
		{"RECONNECT_STOP", zmq.Push, zmq.ReconnectStop(0), zmq.WithReconnectStop(7), zmq.ReconnectStop(7), []zmq.Option{zmq.WithReconnectStop(16), zmq.WithReconnectStop(-1)}, "0 to 15"},
		{"HELLO_MSG", zmq.Router, "", zmq.WithHelloMsg([]byte("hi")), "hi", nil, ""},
		{"HELLO_MSG", zmq.Client, "", zmq.WithHelloMsg([]byte("hi")), "hi", nil, ""},
		{"DISCONNECT_MSG", zmq.Router, "", zmq.WithDisconnectMsg([]byte("bye")), "bye", nil, ""},
		{"HICCUP_MSG", zmq.Dealer, "", zmq.WithHiccupMsg([]byte("oh")), "oh", nil, ""},
		{"ROUTER_NOTIFY", zmq.Router, zmq.RouterNotify(0), zmq.WithRouterNotify(3), zmq.NotifyConnect | zmq.NotifyDisconnect, []zmq.Option{zmq.WithRouterNotify(4), zmq.WithRouterNotify(-1)}, "0 to 3"},
		{"CONNECT_ROUTING_ID", zmq.Router, "", zmq.WithConnectRoutingID("x"), "x",
			[]zmq.Option{zmq.WithConnectRoutingID("\x00x"), zmq.WithConnectRoutingID(strings.Repeat("x", 256))}, "255"},
		{"STREAM_NOTIFY", zmq.Stream, true, zmq.WithStreamNotify(false), false, nil, ""},
		{"XPUB_MANUAL", zmq.XPub, false, zmq.WithXPubManual(true), true, nil, ""},
		{"XPUB_MANUAL_LAST_VALUE", zmq.XPub, false, zmq.WithXPubManualLastValue(true), true, nil, ""},
		{"XPUB_MANUAL", zmq.XPub, false, zmq.WithXPubManualLastValue(true), true, nil, ""},
		{"XPUB_WELCOME_MSG", zmq.XPub, "", zmq.WithXPubWelcomeMsg([]byte("hi")), "hi", nil, ""},
		{"ONLY_FIRST_SUBSCRIBE", zmq.XSub, false, zmq.WithOnlyFirstSubscribe(true), true, nil, ""},
		{"XSUB_VERBOSE_UNSUBSCRIBE", zmq.XSub, false, zmq.WithXSubVerboseUnsubscribe(true), true, nil, ""},
		{"INVERT_MATCHING", zmq.Sub, false, zmq.WithInvertMatching(true), true, nil, ""},
		{"IPV4ONLY", zmq.Push, true, zmq.WithIPv6(true), false, nil, ""},
		{"IPV6", zmq.Push, false, zmq.WithOption("IPV4ONLY", 0), true, []zmq.Option{zmq.WithOption("IPV4ONLY", 2)}, "IPV4ONLY"},
		{"PRIORITY", zmq.Push, 0, zmq.WithPriority(6), 6, []zmq.Option{zmq.WithPriority(-1)}, "-1"},
		{"BUSY_POLL", zmq.Push, 0, zmq.WithBusyPoll(50 * time.Microsecond), 50, []zmq.Option{zmq.WithBusyPoll(-1)}, "-1"},
		{"BINDTODEVICE", zmq.Push, "", zmq.WithBindToDevice("lo"), "lo", []zmq.Option{zmq.WithBindToDevice("sixteen bytes...")}, "15"},
		{"TCP_ACCEPT_FILTER", zmq.Pull, "", zmq.WithTCPAcceptFilter("10.1.2.3/8", "::1"), "10.0.0.0/8\n::1/128",
			[]zmq.Option{zmq.WithTCPAcceptFilter("10.0.0.0/33"), zmq.WithTCPAcceptFilter("localhost"), zmq.WithTCPAcceptFilter("1.2.3.4", "x")}, "10.0.0.0/8"},
		{"IPC_FILTER_PID", zmq.Pull, "[]", zmq.WithIPCFilterPID(1, 2), "[1 2]", []zmq.Option{zmq.WithIPCFilterPID(-1)}, "-1"},
		{"IPC_FILTER_UID", zmq.Pull, "[]", zmq.WithIPCFilterUID(1), "[1]", []zmq.Option{zmq.WithIPCFilterUID(1, -2)}, "-2"},
		{"IPC_FILTER_GID", zmq.Pull, "[]", zmq.WithIPCFilterGID(0), "[0]", []zmq.Option{zmq.WithIPCFilterGID(-3)}, "-3"},
		{"SOCKS_PROXY", zmq.Push, "", zmq.WithSocksProxy("p:1080"), "p:1080",
			[]zmq.Option{zmq.WithSocksProxy("p"), zmq.WithSocksProxy(":1080"), zmq.WithSocksProxy("p:")}, "host:port"},
		{"SOCKS_USERNAME", zmq.Push, "", zmq.WithSocksLogin("joe", "secret"), "joe",
			[]zmq.Option{zmq.WithSocksLogin(strings.Repeat("x", 256), ""), zmq.WithSocksLogin("", strings.Repeat("x", 256))}, "255"},
		{"USE_FD", zmq.Pull, -1, zmq.WithUseFD(9), 9, []zmq.Option{zmq.WithUseFD(-2), zmq.WithUseFD(0)}, "-1"},
		{"RATE", zmq.Push, 100, zmq.WithMulticastRate(1000), 1000, []zmq.Option{zmq.WithMulticastRate(0)}, "1 or more"},
		{"RECOVERY_IVL", zmq.Push, 10 * time.Second, zmq.WithMulticastRecovery(ms), ms, []zmq.Option{zmq.WithMulticastRecovery(-1)}, "negative"},
		{"MULTICAST_HOPS", zmq.Push, 1, zmq.WithMulticastHops(3), 3, []zmq.Option{zmq.WithMulticastHops(0)}, "1 or more"},
		{"MULTICAST_MAXTPDU", zmq.Push, 1500, zmq.WithMulticastMaxTPDU(9000), 9000, []zmq.Option{zmq.WithMulticastMaxTPDU(0)}, "1 or more"},
		{"MULTICAST_LOOP", zmq.Push, true, zmq.WithMulticastLoop(false), false, nil, ""},
		{"AFFINITY", zmq.Push, uint64(0), zmq.WithOption("AFFINITY", 3), uint64(3), []zmq.Option{zmq.WithOption("AFFINITY", -1)}, "-1"},
		{"IN_BATCH_SIZE", zmq.Push, 8192, zmq.WithOption("ZMQ_IN_BATCH_SIZE", 10), 10, []zmq.Option{zmq.WithOption("IN_BATCH_SIZE", 0)}, "1 or more"},
		{"ZAP_ENFORCE_DOMAIN", zmq.Push, false, zmq.WithOption("ZAP_ENFORCE_DOMAIN", true), true, []zmq.Option{zmq.WithOption("ZAP_ENFORCE_DOMAIN", "x")}, "bool"},
		{"TCP_MAXRT", zmq.Push, time.Duration(0), zmq.WithMaxRetransmit(ms), ms, []zmq.Option{zmq.WithMaxRetransmit(-1)}, "negative"},
	} {
		t.Run(c.name, func(t *testing.T) {
			read := func(s *zmq.Socket) any {
				t.Helper()
				v, err := s.Option(c.name)
				if err != nil {
					t.Fatal(err)
				}
				long, err := s.Option("ZMQ_" + c.name)
				if err != nil || long != v {
					t.Errorf("with its long name it is %v, %v", long, err)
				}
				return v
			}
			s := k.open(c.typ)
			if got := read(s); got != c.def {
				t.Errorf("the default is %v (%T), want %v", got, got, c.def)
			}
			for _, bad := range c.bad {
				err := s.Set(bad)
				k.is(err, zmq.ErrInvalidOption)
				k.mentions(err, c.mention)
				if k.mentions(err, c.name[:2]); read(s) != c.def {
					t.Error("a refused value was set")
				}
				_, err = zmq.New(k.zctx, c.typ, bad)
				k.is(err, zmq.ErrInvalidOption)
				k.is(s.Connect("inproc://x", bad), zmq.ErrInvalidOption)
				_, err = s.Bind("inproc://y", bad)
				k.is(err, zmq.ErrInvalidOption)
			}
			k.ok(s.Set(c.set))
			if got := read(s); got != c.got {
				t.Errorf("after Set it is %v (%T), want %v", got, got, c.got)
			}
			if got := read(k.open(c.typ, c.set)); got != c.got {
				t.Errorf("after New it is %v, want %v", got, c.got)
			}
		})
	}
}

// Every option can be set by its name to what it is by default, and to nothing of
// another type. What libzmq would take is taken as well.
func TestOptionsByName(t *testing.T) {
	k := alone(t, "inproc")
	type odd struct{}
	for _, fact := range zmq.OptionFacts() {
		name, def, types := fact.Name, fact.Def, fact.Types
		if !fact.Settable {
			continue
		}
		typ := zmq.Push
		if len(types) > 0 {
			typ = types[0]
		}
		s := k.open(typ)
		err := s.Set(zmq.WithOption("ZMQ_"+name, odd{}))
		k.is(err, zmq.ErrInvalidOption)
		k.mentions(err, name)
		if def == nil || name == "ROUTING_ID" || name == "METADATA" || name == "LOGGER" || strings.HasPrefix(name, "IPC_") {
			continue
		}
		if err := s.Set(zmq.WithOption(name, def)); err != nil {
			t.Errorf("the default of %s: %v", name, err)
		}
		if got, err := s.Option(name); err == nil && got != def {
			t.Errorf("%s is %v, want its default %v", name, got, def)
		}
	}
	s := k.open(zmq.Dealer)
	for name, as := range map[string][2]any{
		"LINGER": {250, 250 * time.Millisecond}, "RCVTIMEO": {-1, zmq.Forever}, "IMMEDIATE": {1, true},
		"IDENTITY": {[]byte("me"), "me"}, "MAXMSGSIZE": {7, int64(7)}, "SNDHWM": {int64(9), 9},
		"ZMQ_DELAY_ATTACH_ON_CONNECT": {0, false}, "ZAP_DOMAIN": {[]byte("home"), "home"},
	} {
		k.ok(s.Set(zmq.WithOption(name, as[0])))
		if got, err := s.Option(name); got != as[1] || err != nil {
			t.Errorf("%s is %v, %v; want %v", name, got, err, as[1])
		}
	}
}

// Why an option can't be set, or can't be read.
func TestOptionsThatCannotBeSet(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Sub)
	for name, why := range map[string]string{
		"TYPE": "only be read", "LAST_ENDPOINT": "only be read", "SUBSCRIBE": "Socket.Subscribe",
		"CURVE_SERVERKEY": "WithCurveClient", "PLAIN_PASSWORD": "WithPlainClient", "GSSAPI_SERVER": "GSSAPI", "NO_SUCH": "NO_SUCH",
		"sndhwm": "as SNDHWM", "zmq_linger": "as ZMQ_LINGER",
	} {
		err := s.Set(zmq.WithOption(name, "secret words"))
		k.is(err, zmq.ErrInvalidOption)
		k.mentions(err, why)
		if name == "PLAIN_PASSWORD" && strings.Contains(err.Error(), "secret words") {
			t.Error("a password stands in an error")
		}
	}
	for _, name := range []string{"SUBSCRIBE", "SOCKS_PASSWORD", "PLAIN_PASSWORD", "CURVE_SECRETKEY", "WSS_KEY_PEM", "GSSAPI_SERVER"} {
		_, err := s.Option(name)
		k.is(err, zmq.ErrInvalidOption)
		k.mentions(err, name)
	}
	err := s.Set(zmq.WithSocksLogin("joe", strings.Repeat("password", 99)))
	if k.is(err, zmq.ErrInvalidOption); strings.Contains(err.Error(), "password") {
		t.Errorf("a password stands in an error: %v", err)
	}
}

// An Option can be printed in every way that package fmt has, alone and in a struct, and
// shows no secret, whatever form the secret is in.
func TestPrintedOption(t *testing.T) {
	k := alone(t, "inproc")
	const secret = "hunter2hunter2"
	own, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	for text, opt := range map[string]zmq.Option{
		"SNDHWM = 5":                 zmq.WithSendHWM(5),
		"RECONNECT_IVL = 1s":         zmq.WithReconnectInterval(time.Second, 0),
		`SOCKS_USERNAME = "joe"`:     zmq.WithSocksLogin("joe", secret),
		"PLAIN_USERNAME":             zmq.WithPlainClient("joe", secret),
		"CURVE_SERVER":               zmq.WithCurveServer(own),
		"WSS_KEY_PEM = (secret)":     zmq.WithWSSKey(secret),
		"CURVE_SECRETKEY = (secret)": zmq.WithOption("CURVE_SECRETKEY", secret),
		"PLAIN_PASSWORD = (secret)":  zmq.WithOption("ZMQ_PLAIN_PASSWORD", []byte(secret)),
		"SOCKS_PASSWORD = (secret)":  zmq.WithOption("SOCKS_PASSWORD", struct{ s string }{secret}),
		`"curve_secretkey"`:          zmq.WithOption("curve_secretkey", secret),
		"TLS_CONFIG = (*tls.Config)": zmq.WithTLSConfig(&tls.Config{ServerName: secret}),
		"no option":                  {},
	} {
		nested := struct{ opt zmq.Option }{opt}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			for _, v := range []any{opt, []zmq.Option{opt}, nested, &nested, struct{ Opt zmq.Option }{opt}} {
				printed := fmt.Sprintf(verb, v)
				if strings.Contains(printed, secret) || strings.Contains(printed, fmt.Sprintf("%x", secret)) {
					t.Errorf("%s of %s: %s", verb, text, printed)
				}
			}
		}
		if got := opt.String(); !strings.Contains(got, text) {
			t.Errorf("%q, want %q in it", got, text)
		}
		if err := k.open(zmq.Push).Set(opt, zmq.WithSendHWM(-1)); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Settings has what Option reads, with its type.
func TestSettings(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Dealer, zmq.WithSendHWM(5), zmq.WithRoutingID("joe"), zmq.WithLinger(-5*time.Second), zmq.WithHeartbeat(time.Second, 0, 0),
		zmq.WithReconnectStop(zmq.ReconnectStopHandshakeFailed))
	got := s.Settings()
	k.ok(s.Close())
	if got != s.Settings() {
		t.Error("they have changed with Close")
	}
	if got.SendHWM != 5 || got.RecvHWM != 1000 || got.RoutingID != "joe" || got.Linger != zmq.Forever ||
		got.HeartbeatInterval != time.Second || got.ReconnectStop != zmq.ReconnectStopHandshakeFailed || !got.MulticastLoop {
		t.Errorf("%+v", got)
	}
}

// Bytes given to an option stay the caller's.
func TestOptionsCopyBytes(t *testing.T) {
	k := alone(t, "inproc")
	b := []byte("hello")
	s := k.open(zmq.Router, zmq.WithHelloMsg(b))
	b[0] = 'j'
	if got, _ := s.Option("HELLO_MSG"); got != "hello" {
		t.Errorf("HELLO_MSG is %q", got)
	}
}

// With one bad option among several none is set.
func TestSetIsAllOrNothing(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Push)
	k.is(s.Set(zmq.WithSendHWM(5), zmq.WithRecvHWM(-1)), zmq.ErrInvalidOption)
	if v, _ := s.Option("SNDHWM"); v != 1000 {
		t.Errorf("SNDHWM is %v", v)
	}
	k.is(s.Set(zmq.Option{}), zmq.ErrInvalidOption)
}

// An option of other types is refused, with the types that have it.
func TestOptionsOfOtherTypes(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Pull)
	for opt, types := range map[*zmq.Option]string{
		ptr(zmq.WithRouterMandatory(true)): "ROUTER",
		ptr(zmq.WithRouterHandover(true)):  "ROUTER", ptr(zmq.WithProbeRouter(true)): "ROUTER",
		ptr(zmq.WithReqRelaxed(true)): "REQ", ptr(zmq.WithReqCorrelate(true)): "REQ",
		ptr(zmq.WithXPubVerbose(true)): "XPUB", ptr(zmq.WithXPubVerboser(true)): "XPUB",
		ptr(zmq.WithXPubNoDrop(true)): "PUB", ptr(zmq.WithMaxTopic(1)): "PUB",
	} {
		err := s.Set(*opt)
		k.is(err, zmq.ErrInvalidOption)
		k.mentions(err, "PULL", types)
	}
}

// What libzmq reads on every type is read on every type.
func TestOptionsReadAnywhere(t *testing.T) {
	k := alone(t, "inproc")
	for typ := zmq.Pair; typ <= zmq.Channel; typ++ {
		s := k.open(typ)
		for name, want := range map[string]any{"CONFLATE": false, "INVERT_MATCHING": false, "ROUTING_ID": ""} {
			if got, err := s.Option(name); err != nil || got != want {
				t.Errorf("%s of a %s: %v, %v", name, typ, got, err)
			}
		}
		if typ != zmq.Stream {
			k.ok(s.Set(zmq.WithRoutingID("joe")))
			if got, err := s.Option("ROUTING_ID"); err != nil || got != "joe" {
				t.Errorf("ROUTING_ID of a %s: %v, %v", typ, got, err)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestReadOnlyOptions(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Router)
	for name, want := range map[string]any{"TYPE": 6, "LAST_ENDPOINT": "", "EVENTS": zmq.PollOut, "MECHANISM": zmq.MechanismNull} {
		if got, err := s.Option(name); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", name, got, err, want)
		}
	}
	_, err := s.Option("NO_SUCH")
	k.is(err, zmq.ErrInvalidOption)
	k.mentions(err, "NO_SUCH")
	k.ok(s.Set(zmq.WithLogger(zerolog.Nop())))
}

// An option given to one endpoint does not change the socket's.
func TestEndpointOptions(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Push)
	k.ok(s.Connect(k.endpoint(), zmq.WithSendHWM(3)))
	if v, _ := s.Option("SNDHWM"); v != 1000 {
		t.Errorf("SNDHWM is %v", v)
	}
	if n := k.fill(s, 100); n != 3 {
		t.Errorf("took %d messages, want 3", n)
	}
}

// A debug line is logged for each connection that ends; text of the peer in it is
// quoted.
func TestLogger(t *testing.T) {
	k := alone(t, "tcp")
	lines := make(chan string, 10)
	log := zerolog.New(writerFunc(func(p []byte) { lines <- string(p) }))
	pull, endpoint := k.bound(zmq.Pull, zmq.WithLogger(log))
	push := k.joined(zmq.Push, endpoint)
	k.ok(push.Close())
	k.ok(pull.WaitConnected(k.ctx, 0))
	select {
	case line := <-lines:
		for _, want := range []string{"debug", endpoint, "connection ended"} {
			if !strings.Contains(line, want) {
				t.Errorf("the log has %s, without %q", line, want)
			}
		}
	case <-k.ctx.Done():
		t.Error("nothing was logged")
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }
