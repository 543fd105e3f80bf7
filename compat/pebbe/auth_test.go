package zmq4_test

import (
	"strings"
	"testing"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
)

// started starts the authenticator, which is one for all in the default context.
func (k *kit) started() {
	k.Helper()
	k.ok(zmq.AuthStart())
	k.Cleanup(zmq.AuthStop)
}

// global makes a socket in the default context.
func (k *kit) global(typ zmq.Type) *zmq.Socket {
	k.Helper()
	s, err := zmq.NewSocket(typ)
	k.ok(err)
	return k.care(s)
}

// server is a PULL that listens, and tells of refused peers.
func (k *kit) server(secure func(*zmq.Socket) error) (s, events *zmq.Socket, endpoint string) {
	k.Helper()
	s, events = k.global(zmq.PULL), k.global(zmq.PAIR)
	k.ok(secure(s))
	name := "inproc://" + strings.ReplaceAll(k.Name(), "/", "-")
	k.ok(s.Monitor(name, zmq.EVENT_HANDSHAKE_FAILED_AUTH|zmq.EVENT_HANDSHAKE_SUCCEEDED))
	k.ok(events.Connect(name))
	k.ok(s.Bind("tcp://127.0.0.1:*"))
	return s, events, k.last(s)
}

// tries connects a client and reports whether the server lets it in.
func (k *kit) tries(events *zmq.Socket, endpoint string, secure func(*zmq.Socket) error) bool {
	k.Helper()
	s := k.global(zmq.PUSH)
	defer s.Close()
	k.ok(secure(s))
	k.ok(s.Connect(endpoint))
	kind, _, _, err := events.RecvEvent(0)
	k.ok(err)
	return kind == zmq.EVENT_HANDSHAKE_SUCCEEDED
}

func TestAuthPlain(t *testing.T) {
	k := newKit(t)
	k.started()
	if zmq.AuthStart() == nil {
		t.Error("it was started twice")
	}
	zmq.AuthPlainAdd("shop", "ada", "secret")
	zmq.AuthPlainAdd("*", "bob", "other")
	_, events, endpoint := k.server(func(s *zmq.Socket) error { return s.ServerAuthPlain("shop") })
	for who, want := range map[string]bool{"ada secret": true, "bob other": true, "ada other": false, "eve secret": false, "ada ": false} {
		user, password, _ := strings.Cut(who, " ")
		if got := k.tries(events, endpoint, func(s *zmq.Socket) error { return s.ClientAuthPlain(user, password) }); got != want {
			t.Errorf("%q: let in: %v", who, got)
		}
	}
	zmq.AuthPlainRemove("shop", "ada")
	if k.tries(events, endpoint, func(s *zmq.Socket) error { return s.ClientAuthPlain("ada", "secret") }) {
		t.Error("ada was removed, and let in")
	}
	zmq.AuthPlainRemoveAll("*")
	if k.tries(events, endpoint, func(s *zmq.Socket) error { return s.ClientAuthPlain("bob", "other") }) {
		t.Error("all were removed, and bob let in")
	}
}

func TestAuthCurve(t *testing.T) {
	k := newKit(t)
	k.started()
	serverPublic, serverSecret, err := zmq.NewCurveKeypair()
	k.ok(err)
	public, secret, err := zmq.NewCurveKeypair()
	k.ok(err)
	if p, err := zmq.AuthCurvePublic(secret); p != public || err != nil {
		t.Errorf("the public key is %q, %v, not %q", p, err, public)
	}
	_, events, endpoint := k.server(func(s *zmq.Socket) error { return s.ServerAuthCurve("*", serverSecret) })
	client := func(s *zmq.Socket) error { return s.ClientAuthCurve(serverPublic, public, secret) }
	if k.tries(events, endpoint, client) {
		t.Error("an unknown key is let in")
	}
	zmq.AuthCurveAdd("*", public)
	if !k.tries(events, endpoint, client) {
		t.Error("a known key is refused")
	}
	zmq.AuthCurveRemove("*", public)
	if k.tries(events, endpoint, client) {
		t.Error("a key that was removed is let in")
	}
	zmq.AuthCurveAdd("*", zmq.CURVE_ALLOW_ANY)
	if !k.tries(events, endpoint, client) {
		t.Error("any key is allowed, and this refused")
	}
	zmq.AuthCurveRemoveAll("*")
	if k.tries(events, endpoint, client) {
		t.Error("all keys were removed, and this let in")
	}
}

// Keys are read in both forms, and a CURVE server without an authenticator asks nobody.
func TestCurveWithoutAuth(t *testing.T) {
	k := newKit(t)
	public, secret, err := zmq.NewCurveKeypair()
	k.ok(err)
	pull, push := k.open(zmq.PULL), k.open(zmq.PUSH)
	k.ok(pull.SetCurveServer(1))
	k.ok(pull.SetCurveSecretkey(zmq.Z85decode(secret)))
	k.ok(pull.SetCurvePublickey(public))
	k.ok(pull.Bind("tcp://127.0.0.1:*"))
	k.ok(push.ClientAuthCurve(public, public, secret))
	k.ok(push.Connect(k.last(pull)))
	k.send(push, "x")
	k.want(pull, "x")
	if m, err := push.GetMechanism(); m != zmq.CURVE || err != nil {
		t.Errorf("mechanism %v, %v", m, err)
	}
	if raw, err := push.GetCurvePublickeyRaw(); zmq.Z85encode(raw) != public || err != nil {
		t.Errorf("public key %q, %v", raw, err)
	}
	if push.SetCurveServerkey("short") == nil {
		t.Error("a short key is taken")
	}
}

func TestAuthAddresses(t *testing.T) {
	k := newKit(t)
	k.started()
	none := func(*zmq.Socket) error { return nil }
	_, events, endpoint := k.server(func(s *zmq.Socket) error { return s.ServerAuthNull("here") })
	for i, c := range []struct {
		rule func()
		want bool
	}{
		{func() {}, true},
		{func() { zmq.AuthDeny("here", "127.0.0.1") }, false},
		{func() { zmq.AuthAllow("here", "10.0.0.1") }, false},
		{func() { zmq.AuthAllow("here", "127.0.0.0/8") }, true},
	} {
		c.rule()
		if got := k.tries(events, endpoint, none); got != c.want {
			t.Errorf("step %d: let in: %v", i, got)
		}
	}
}

func TestAuthMetadata(t *testing.T) {
	k := newKit(t)
	k.started()
	zmq.AuthPlainAdd("*", "ada", "secret")
	zmq.AuthSetMetadataHandler(func(version, id, domain, address, identity, mechanism string, credentials ...string) map[string]string {
		if len(credentials) == 2 && credentials[0] == "eve" {
			panic("who?")
		}
		return map[string]string{"Hello": "World " + address, "User-Id": "forged"}
	})
	zmq.AuthPlainAdd("*", "eve", "secret")
	s, events, endpoint := k.server(func(s *zmq.Socket) error { return s.ServerAuthPlain("x") })
	if k.tries(events, endpoint, func(s *zmq.Socket) error { return s.ClientAuthPlain("eve", "secret") }) {
		t.Error("a handler that panics lets everybody in")
	}
	push := k.global(zmq.PUSH)
	k.ok(push.ClientAuthPlain("ada", "secret"))
	k.ok(push.Connect(endpoint))
	k.send(push, "x")
	_, meta, err := s.RecvWithMetadata(0, "User-Id", "Hello", "None")
	k.ok(err)
	same(t, meta, map[string]string{"User-Id": "ada", "Hello": "World 127.0.0.1"})
	blob, err := zmq.AuthMetaBlob("key", "value")
	if string(blob) != "\x03key\x00\x00\x00\x05value" || err != nil {
		t.Errorf("blob %q, %v", blob, err)
	}
	if _, err := zmq.AuthMetaBlob("", "value"); err == nil {
		t.Error("a property without a name")
	}
}

func TestZ85(t *testing.T) {
	if got := zmq.Z85encode("\x86\x4f\xd2\x6f\xb5\x59\xf7\x5b"); got != "HelloWorld" {
		t.Error(got)
	}
	if got := zmq.Z85decode("HelloWorld"); got != "\x86\x4f\xd2\x6f\xb5\x59\xf7\x5b" {
		t.Errorf("%q", got)
	}
	if zmq.Z85encode("abc") != "" || zmq.Z85decode("abc") != "" {
		t.Error("bad lengths are taken")
	}
	if a, b, c := zmq.Version(); a != 4 || b != 3 || c != 4 || !zmq.HasCurve() || !zmq.HasIpc() || !zmq.HasPgm() || zmq.HasTipc() || zmq.HasNorm() || zmq.HasGssapi() {
		t.Error("version or abilities")
	}
}
