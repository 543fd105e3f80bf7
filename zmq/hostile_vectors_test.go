package zmq_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/vectors"
	"github.com/go-zactor/zactor/zmq"
)

// Every frame and greeting that must be rejected is, at every kind of socket and in
// every phase where it may come: the connection closes, an event says why in a
// typed error, and an honest peer does not notice.
func TestHostileFramesInTraffic(t *testing.T) {
	v := vectors.Load(t)
	peers := map[zmq.Type]string{zmq.Router: "DEALER", zmq.Pull: "PUSH", zmq.XPub: "SUB"}
	for typ, peer := range peers {
		t.Run(typ.String(), func(t *testing.T) {
			f := newFortress(t, typ)
			f.serveHonest()
			for name, text := range v.Reject {
				if !isTraffic(name) {
					continue
				}
				for _, piece := range []int{1 << 20, 1} {
					e := f.attack(name, piece, speakerHello(peer), vectors.Bytes(t, text))
					tooLarge := strings.HasPrefix(name, "frame_size") && errors.Is(e.Err, zmq.ErrMsgTooLarge)
					if e.Kind != zmq.EventDisconnected || !isProtocolError(e) && !tooLarge {
						t.Errorf("%s: %v", name, e)
					}
				}
				// In the middle of a message as well: nothing of it arrives.
				e := f.attack(name, 1<<20, speakerHello(peer), []byte("\x01\x03abc"), vectors.Bytes(t, text))
				if e.Err == nil {
					t.Errorf("%s within a message: %v", name, e)
				}
				f.thriving()
			}
			if f.stubborn = typ == zmq.Pull; !f.stubborn {
				return // one is enough: it takes a second
			}
			if e := f.attack("stubborn", 1<<20, speakerHello(peer), vectors.Bytes(t, v.Reject["frame_size_2_63"])); !errors.Is(e.Err, zmq.ErrMsgTooLarge) {
				t.Errorf("stubborn: %v", e)
			}
		})
	}
}

// isTraffic tells frames from greetings and handshake commands.
func isTraffic(name string) bool {
	for _, p := range []string{"frame_", "reserved_", "command_", "ping_"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return strings.HasPrefix(name, "ready_") // a second READY
}

func TestHostileHandshake(t *testing.T) {
	v := vectors.Load(t)
	f := newFortress(t, zmq.Router)
	f.serveHonest()
	for name, text := range v.Reject {
		if !isTraffic(name) {
			continue
		}
		for _, piece := range []int{1 << 20, 1} {
			e := f.attack(name, piece, speakerGreeting(), vectors.Bytes(t, text))
			if e.Kind != zmq.EventHandshakeFailedProtocol || !isProtocolError(e) {
				t.Errorf("%s: %v", name, e)
			}
		}
		f.thriving()
	}
	for name, text := range map[string]string{"a message before READY": v.Frames["two_part_message"], "PING before READY": v.Frames["ping_ttl10_ctx"],
		"HELLO to NULL": v.Frames["plain_hello_admin_secret"], "lower case mechanism": ""} {
		said := [][]byte{vectors.Bytes(t, v.Reject["greeting_mech_lowercase"])}
		if text != "" {
			said = [][]byte{speakerGreeting(), vectors.Bytes(t, text)}
		}
		if e := f.attack(name, 1<<20, said...); e.Kind != zmq.EventHandshakeFailedProtocol || !isProtocolError(e) {
			t.Errorf("%s: %v", name, e)
		}
	}
	// A type that does not fit: libzmq reports no failed handshake for it.
	if e := f.attack("incompatible", 1<<20, speakerHello("SUB")); e.Kind != zmq.EventDisconnected || e.Err == nil {
		t.Errorf("incompatible: %v", e)
	}
	f.thriving()
}

// A PLAIN server takes nothing less than PLAIN, and no credentials but good ones;
// without an authenticator there are none.
func TestHostileAtSecureServer(t *testing.T) {
	v := vectors.Load(t)
	f := newFortress(t, zmq.Router, zmq.WithPlainServer(), zmq.WithAllowAnyKey(true), zmq.WithHandshakeInterval(5*time.Second))
	f.serveHonest(zmq.WithPlainClient("joe", "secret"))
	plain := vectors.Bytes(t, v.Frames["greeting_plain_server"])
	plain[32] = 0 // as a client says it
	for name, text := range v.Reject {
		var e zmq.Event
		switch {
		case strings.HasPrefix(name, "greeting_"):
			e = f.attack(name, 1<<20, vectors.Bytes(t, text))
		case name == "plain_hello_user_overrun" || name == "plain_hello_trailing":
			e = f.attack(name, 1<<20, plain, vectors.Bytes(t, text))
		default:
			continue
		}
		if e.Err == nil || e.Kind&(zmq.EventHandshakeFailedProtocol|zmq.EventHandshakeFailedNoDetail|zmq.EventHandshakeFailedAuth) == 0 {
			t.Errorf("%s: %v", name, e)
		}
		f.thriving()
	}
	if e := f.attack("NULL to a PLAIN server", 1<<20, speakerHello("DEALER")); e.Kind != zmq.EventHandshakeFailedProtocol || !isProtocolError(e) {
		t.Errorf("NULL: %v", e)
	}

	// The default: nobody to ask, nobody gets in.
	locked := newFortress(t, zmq.Router, zmq.WithPlainServer())
	for _, hello := range []string{v.Reject["plain_hello_empty_creds_must_reach_authenticator_and_be_denied_by_default"], v.Frames["plain_hello_admin_secret"]} {
		e := locked.attack("credentials", 1<<20, plain, vectors.Bytes(t, hello))
		if e.Kind != zmq.EventHandshakeFailedNoDetail || !errors.Is(e.Err, zmq.ErrAuth) {
			t.Errorf("without authenticator: %v", e)
		}
	}
	if n := len(locked.s.Peers()); n != 0 {
		t.Errorf("%d peers got in", n)
	}
}

// What must be accepted is: a future version, padding of any kind, User-Id as a
// mere claim.
func TestHostileLookalikesAreAccepted(t *testing.T) {
	v := vectors.Load(t)
	f := newFortress(t, zmq.Router)
	for _, greeting := range []string{"greeting_null_3_1", "greeting_padding_must_be_ignored", "greeting_libzmq_style_padding_identity_len"} {
		for name, ready := range map[string][]byte{
			"READY": vectors.Bytes(t, v.Frames["null_ready_dealer"]),
			"claim": vectors.Bytes(t, v.Special["ready_claims_user_id_accept_but_never_shown_as_authenticated_user"]),
		} {
			cutAfter(t, "tcp", f.addr, append(append(vectors.Bytes(t, v.Frames[greeting]), ready...), appendMsg(nil, []byte("hi"))...))
			m, err := f.s.TryRecv()
			if err != nil || m.Len() != 2 || string(m.Frames[1]) != "hi" {
				t.Fatalf("%s, %s: %v, %v", greeting, name, m, err)
			}
			if p := m.Peer(); p.UserID != "" || name == "claim" && p.Property("User-Id") != "admin" {
				t.Errorf("%s: user %q, claim %q", name, p.UserID, p.Property("User-Id"))
			}
		}
	}
	future := vectors.Bytes(t, v.Frames["greeting_null_3_1"])
	future[10], future[11] = 9, 9
	cutAfter(t, "tcp", f.addr, append(append(future, speakerReady("DEALER")...), appendMsg(nil, []byte("hi"))...))
	if m, err := f.s.TryRecv(); err != nil || m.Len() != 2 {
		t.Errorf("version 9.9: %v, %v", m, err)
	}
}
