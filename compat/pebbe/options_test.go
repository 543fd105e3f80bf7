package zmq4_test

import (
	"reflect"
	"syscall"
	"testing"
	"time"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
)

// Every option that can be set and read is what it was set to; the defaults are libzmq's.
func TestOptions(t *testing.T) {
	k := newKit(t)
	values := map[reflect.Type]any{
		reflect.TypeFor[int](): 1, reflect.TypeFor[int64](): int64(4711), reflect.TypeFor[uint64](): uint64(8),
		reflect.TypeFor[bool](): true, reflect.TypeFor[time.Duration](): 70 * time.Millisecond, reflect.TypeFor[string](): "127.0.0.1:99",
	}
	skip := map[string]bool{"GssapiServer": true, "GssapiPrincipal": true, "GssapiServicePrincipal": true, "GssapiPlaintext": true,
		"Identity": true, "PlainServer": true, "PlainUsername": true, "PlainPassword": true, "ZapDomain": true}
	typ := reflect.TypeFor[*zmq.Socket]()
	n := 0
	for i := range typ.NumMethod() {
		name := typ.Method(i).Name
		get, ok := typ.MethodByName("Get" + name[min(3, len(name)):])
		if name[:3] != "Set" || !ok || skip[name[3:]] {
			continue
		}
		n++
		socket := zmq.PUSH
		if name == "SetInvertMatching" {
			socket = zmq.PUB
		}
		s := reflect.ValueOf(k.open(socket))
		v := reflect.ValueOf(values[get.Type.Out(0)])
		if out := s.Method(i).Call([]reflect.Value{v}); !out[0].IsNil() {
			t.Errorf("%s(%v): %v", name, v, out[0])
			continue
		}
		out := s.MethodByName(get.Name).Call(nil)
		if !out[1].IsNil() || !out[0].Equal(v) {
			t.Errorf("%s is %v, %v; it was set to %v", get.Name, out[0], out[1], v)
		}
	}
	if n < 30 {
		t.Errorf("%d options only", n)
	}
}

func TestDefaults(t *testing.T) {
	k := newKit(t)
	s, err := k.ctx.NewSocket(zmq.PULL)
	k.ok(err)
	defer s.Close()
	for name, want := range map[string]any{
		"GetLinger": time.Duration(-1), "GetRcvtimeo": time.Duration(-1), "GetMaxmsgsize": int64(-1),
		"GetHandshakeIvl": 30 * time.Second, "GetRcvhwm": 1000, "GetReconnectIvl": 100 * time.Millisecond, "GetType": zmq.PULL,
		"GetMechanism": zmq.NULL, "GetImmediate": false, "GetBacklog": 4096, "GetIpv6": false, "GetLastEndpoint": "",
		"GetRcvmore": false, "GetEvents": zmq.State(0), "GetTcpKeepalive": -1, "Getusefd": -1, "GetThreadSafe": true,
	} {
		out := reflect.ValueOf(s).MethodByName(name).Call(nil)
		if !out[1].IsNil() || out[0].Interface() != want {
			t.Errorf("%s is %v, %v, want %v", name, out[0], out[1], want)
		}
	}
	_, err = s.GetFd()
	k.is(err, zmq.ENOTSUP)
	k.is(s.SetGssapiServer(true), zmq.Errno(syscall.EINVAL))
	k.is(k.open(zmq.ROUTER).SetRouterRaw(1), zmq.Errno(syscall.EINVAL))
}

// What can only be set.
func TestSetOnly(t *testing.T) {
	k := newKit(t)
	xpub, router, req, dealer := k.open(zmq.XPUB), k.open(zmq.ROUTER), k.open(zmq.REQ), k.open(zmq.DEALER)
	for _, err := range []error{
		xpub.SetXpubVerbose(1), xpub.SetXpubVerboser(1), xpub.SetXpubManual(1), xpub.SetXpubNodrop(true), xpub.SetXpubWelcomeMsg("hi"),
		router.SetRouterMandatory(1), router.SetRouterHandover(true), router.SetProbeRouter(1), router.SetConnectRid("bob"),
		req.SetReqCorrelate(1), req.SetReqRelaxed(1), dealer.SetConflate(true), dealer.SetTcpAcceptFilter("10.0.0.0/8"),
		dealer.SetHeartbeatIvl(time.Second), dealer.SetHeartbeatTimeout(time.Second), dealer.SetHeartbeatTtl(time.Second),
		k.open(zmq.STREAM).SetStreamNotify(0),
	} {
		k.ok(err)
	}
}

func TestContextOptions(t *testing.T) {
	k := newKit(t)
	k.ok(k.ctx.SetMaxSockets(2))
	k.ok(k.ctx.SetIpv6(true))
	k.ok(k.ctx.SetBlocky(false))
	k.ok(k.ctx.SetMaxMsgsz(3))
	k.ok(k.ctx.SetIoThreads(4))
	k.ok(k.ctx.SetThreadPriority(1))
	k.ok(k.ctx.SetThreadSchedPolicy(1))
	k.ctx.SetRetryAfterEINTR(false)
	s, err := k.ctx.NewSocket(zmq.PUSH)
	k.ok(err)
	if linger, _ := s.GetLinger(); linger != 0 {
		t.Errorf("linger %v", linger)
	}
	if v6, _ := s.GetIpv6(); !v6 {
		t.Error("IPv6 is off")
	}
	_, err = s.Send("long", 0)
	k.is(err, zmq.EMSGSIZE)
	_, err = s.SendMessage("s", "long")
	k.is(err, zmq.EMSGSIZE)
	k.open(zmq.PULL)
	_, err = k.ctx.NewSocket(zmq.PULL)
	k.is(err, zmq.Errno(syscall.EMFILE))
	k.ok(s.Close())
	k.open(zmq.PULL)
	for name, want := range map[string]any{
		"GetMaxSockets": 2, "GetIpv6": true, "GetBlocky": false, "GetMaxMsgsz": 3, "GetIoThreads": 4,
	} {
		if out := reflect.ValueOf(k.ctx).MethodByName(name).Call(nil); !out[1].IsNil() || out[0].Interface() != want {
			t.Errorf("%s is %v, %v", name, out[0], out[1])
		}
	}
	k.is(k.ctx.SetMaxSockets(0), zmq.Errno(syscall.EINVAL))
	if n, err := zmq.GetMaxSockets(); n != zmq.MaxSocketsDflt || err != nil {
		t.Errorf("the default context has %d, %v", n, err)
	}
}
