package zmq_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/vectors"
	"github.com/go-zactor/zactor/zmq"
)

// known are the known answers of CURVE.
type known struct{ *vectors.Vectors }

func loadKnown(t testing.TB) *known {
	t.Helper()
	return &known{vectors.Load(t)}
}

func (v *known) cert(t testing.TB, name string) *cert.Cert {
	t.Helper()
	c, err := cert.FromKeys(v.Curve.Keys[name+"_public_z85"], v.Curve.Keys[name+"_secret_z85"])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// command is a known command as a frame.
func (v *known) command(t testing.TB, name string) []byte {
	return wire.AppendCommand(nil, v.Command(t, name))
}

// message is a known MESSAGE as a frame.
func (v *known) message(t testing.TB, name string) []byte {
	body := v.Command(t, name)
	return append(wire.AppendHeader(nil, 0, len(body)), body...)
}

// server makes the ROUTER of the known answers.
func (v *known) server(k *kit) (s *zmq.Socket, addr string) {
	rand := func() io.Reader {
		return bytes.NewReader(bytes.Join([][]byte{
			v.Key(k, "server_transient_secret"), v.Key(k, "cookie_key"), v.Nonce(k, "cookie_16"), v.Nonce(k, "welcome_16"),
		}, nil))
	}
	s = k.open(zmq.Router, zmq.WithCurveServerRand(v.cert(k, "server_long_term"), rand), zmq.WithAllowAnyKey(true))
	return s, strings.TrimPrefix(k.bind(s), "tcp://")
}

// client makes the DEALER of the known answers, connected to a listener.
func (v *known) client(k *kit) (s *zmq.Socket, c net.Conn) {
	rand := func() io.Reader {
		return bytes.NewReader(append(v.Key(k, "client_transient_secret"), v.Nonce(k, "vouch_16")...))
	}
	server := [32]byte(v.Key(k, "server_long_term_public"))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	k.ok(err)
	k.Cleanup(func() { l.Close() })
	s = k.open(zmq.Dealer, zmq.WithRoutingID("kat-1"), zmq.WithReconnectInterval(-1, 0),
		zmq.WithCurveClientRand(v.cert(k, "client_long_term"), server, rand))
	k.ok(s.Connect("tcp://" + l.Addr().String()))
	c, err = l.Accept()
	k.ok(err)
	return s, c
}

// talk is a connection whose bytes are known beforehand.
type talk struct {
	k *kit
	net.Conn
}

func (k *kit) talk(c net.Conn) *talk {
	_ = c.SetDeadline(time.Now().Add(ztest.Patience))
	k.Cleanup(func() { c.Close() })
	return &talk{k, c}
}

func (k *kit) call(addr string) *talk {
	k.Helper()
	c, err := net.Dial("tcp", addr)
	k.ok(err)
	return k.talk(c)
}

func (t *talk) say(b []byte) {
	t.k.Helper()
	_, err := t.Write(b)
	t.k.ok(err)
}

// hear reads exactly what is expected.
func (t *talk) hear(what string, want []byte) {
	t.k.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(t, got); err != nil || !bytes.Equal(got, want) {
		t.k.Fatalf("%s: %x, %v; want %x", what, got[:n], err, want)
	}
}

// skip reads what is of no interest.
func (t *talk) skip(n int) {
	t.k.Helper()
	_, err := io.CopyN(io.Discard, t, int64(n))
	t.k.ok(err)
}

// rest reads to the end.
func (t *talk) rest() []byte {
	b, _ := io.ReadAll(t) // a reset is an end, too
	return b
}

const greetingSize = 64

// greet plays a client up to a stage of the known conversation.
func (v *known) greet(k *kit, addr string, stage string) *talk {
	k.Helper()
	c := k.call(addr)
	c.say(vectors.Named(k, v.Frames, "greeting_curve_client"))
	c.skip(greetingSize)
	if stage == "hello" {
		return c
	}
	c.say(v.command(k, "hello"))
	c.hear("WELCOME", v.command(k, "welcome"))
	if stage == "initiate" {
		return c
	}
	c.say(v.command(k, "initiate"))
	c.hear("READY", v.command(k, "ready"))
	return c
}

// TestSecureVectorsServer lets a real server talk to a client of which every byte
// is known.
func TestSecureVectorsServer(t *testing.T) {
	k := alone(t, "tcp")
	v := loadKnown(t)
	server, addr := v.server(k)
	c := v.greet(k, addr, "messages")
	c.say(v.message(k, "message_c_n3_more_part_one"))
	c.say(v.message(k, "message_c_n4_last_part"))
	k.want(server, "kat-1", "part one", "last part")
	c.say(v.message(k, "message_c_n5_empty"))
	k.want(server, "kat-1", "")
	k.send(server, "kat-1", "reply")
	c.hear("reply", v.message(k, "message_s_n2_reply"))
	c.say(v.message(k, "message_c_n6_command_subscribe_topic")) // of no meaning to a ROUTER
	c.say(v.message(k, "message_c_n7_command_ping_ttl10_ctx"))
	c.skip(2 + 33 + len("\x04PONGctx"))
	k.silent(server)
}

// TestSecureVectorsClient lets a real client talk to a server of which every byte
// is known.
func TestSecureVectorsClient(t *testing.T) {
	k := alone(t, "tcp")
	v := loadKnown(t)
	client, conn := v.client(k)
	c := k.talk(conn)
	c.skip(greetingSize)
	c.say(vectors.Named(k, v.Frames, "greeting_curve_server"))
	c.hear("HELLO", v.command(k, "hello"))
	c.say(v.command(k, "welcome"))
	c.hear("INITIATE", v.command(k, "initiate"))
	c.say(v.command(k, "ready"))
	k.send(client, "part one", "last part")
	c.hear("first frame", v.message(k, "message_c_n3_more_part_one"))
	c.hear("second frame", v.message(k, "message_c_n4_last_part"))
	k.send(client, "")
	c.hear("empty message", v.message(k, "message_c_n5_empty"))
	c.say(v.message(k, "message_s_n2_reply"))
	k.want(client, "reply")
}

// TestSecureMustReject sends every bad command of the vectors to a real socket, at
// its time. The connection ends without a word, and the socket says why.
func TestSecureMustReject(t *testing.T) {
	t.Parallel()
	v := loadKnown(t)
	const incompatible = 0 // not a protocol error
	for _, tt := range []struct {
		name, stage string
		code        uint32
	}{
		{"hello_short_199", "hello", wire.CodeMalformedHello},
		{"hello_long_201", "hello", wire.CodeMalformedHello},
		{"hello_version_2_0", "hello", wire.CodeMalformedHello},
		{"hello_version_1_1", "hello", wire.CodeMalformedHello},
		{"hello_box_bit_flip", "hello", wire.CodeCryptographic},
		{"hello_to_wrong_server_key", "hello", wire.CodeCryptographic},
		{"hello_plaintext_not_zero", "hello", wire.CodeCryptographic},
		{"hello_padding_not_zero_rfc_says_zero", "hello", wire.CodeMalformedHello},
		{"hello_low_order_client_key_zero", "hello", wire.CodeCryptographic},
		{"welcome_short_167", "welcome", wire.CodeMalformedWelcome},
		{"welcome_box_bit_flip", "welcome", wire.CodeCryptographic},
		{"initiate_cookie_bit_flip", "initiate", wire.CodeCryptographic},
		{"initiate_box_bit_flip", "initiate", wire.CodeCryptographic},
		{"initiate_short_256", "initiate", wire.CodeMalformedInitiate},
		{"initiate_nonce_not_increasing_n1", "initiate", wire.CodeInvalidSequence},
		{"initiate_vouch_for_other_transient_key", "initiate", wire.CodeKeyExchange},
		{"initiate_vouch_for_other_server_key", "initiate", wire.CodeKeyExchange},
		{"initiate_vouch_signed_by_stranger_claims_client", "initiate", wire.CodeCryptographic},
		{"initiate_vouch_to_long_term_server_key_old_rfc", "initiate", wire.CodeCryptographic},
		{"initiate_low_order_client_long_term_key_zero", "initiate", wire.CodeCryptographic},
		{"initiate_metadata_value_len_4g", "initiate", wire.CodeInvalidMetadata},
		{"initiate_metadata_name_len_255_overrun", "initiate", wire.CodeInvalidMetadata},
		{"initiate_socket_type_PUB_to_ROUTER", "initiate", incompatible},
		{"ready_bit_flip", "ready", wire.CodeCryptographic},
		{"ready_short_29", "ready", wire.CodeMalformedReady},
		{"error_reason_len_overrun", "ready", wire.CodeMalformedError},
		{"message_c_n3_replayed_nonce_after_n5", "messages", wire.CodeInvalidSequence},
		{"message_with_server_prefix_sent_by_client", "messages", wire.CodeCryptographic},
		{"message_short_32", "messages", wire.CodeMalformedMessage},
		{"message_bit_flip", "messages", wire.CodeCryptographic},
		{"message_command_ping_without_ttl", "messages", wire.CodeMalformedCommand},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, "tcp")
			s, c, events := v.until(k, tt.stage)
			bad := v.Bad(k, tt.name)
			if tt.stage == "messages" {
				if strings.Contains(tt.name, "replayed") {
					c.say(v.message(k, "message_c_n5_empty"))
					k.want(s, "kat-1", "")
				}
				c.say(append(wire.AppendHeader(nil, 0, len(bad)), bad...))
			} else {
				c.say(wire.AppendCommand(nil, bad))
			}
			if said := c.rest(); len(said) > 0 {
				t.Errorf("it answered %x, want silence", said)
			}
			e := events.next()
			if e.Kind == zmq.EventHandshakeFailedProtocol && e.Value != tt.code {
				t.Errorf("%v with code %#x, want %#x", e, e.Value, tt.code)
			}
			if e.Kind != zmq.EventDisconnected {
				e = events.next()
			}
			var p *zmq.ProtocolError
			if tt.code != incompatible && (!errors.As(e.Err, &p) || p.Code != tt.code) {
				t.Errorf("%v, want code %#x", e, tt.code)
			}
			k.silent(s)
		})
	}
}

// until brings a real socket of the role that fits to a stage of the known
// conversation.
func (v *known) until(k *kit, stage string) (*zmq.Socket, *talk, *watcher) {
	const mask = zmq.EventHandshakeFailedNoDetail | zmq.EventHandshakeFailedProtocol | zmq.EventHandshakeFailedAuth | zmq.EventDisconnected
	if stage != "welcome" && stage != "ready" {
		s, addr := v.server(k)
		events := k.watch(s, mask)
		return s, v.greet(k, addr, stage), events
	}
	s, conn := v.client(k)
	events := k.watch(s, mask)
	c := k.talk(conn)
	c.skip(greetingSize)
	c.say(vectors.Named(k, v.Frames, "greeting_curve_server"))
	c.hear("HELLO", v.command(k, "hello"))
	if stage == "ready" {
		c.say(v.command(k, "welcome"))
		c.hear("INITIATE", v.command(k, "initiate"))
	}
	return s, c, events
}

// TestSecureReplay plays a recorded client, messages and all, to the server that it
// once talked to. Nothing of it is delivered again.
func TestSecureReplay(t *testing.T) {
	k := alone(t, "tcp")
	server, addr := k.bound(zmq.Pull, zmq.WithCurveServer(serverCert), zmq.WithAllowAnyKey(true))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	k.ok(err)
	defer l.Close()
	recorded := make(chan []byte, 1)
	go func() { recorded <- record(l, strings.TrimPrefix(addr, "tcp://")) }()
	client := k.connect(zmq.Push, "tcp://"+l.Addr().String(), zmq.WithCurveClient(clientCert, serverCert.Public()))
	k.send(client, "pay 100")
	k.want(server, "pay 100")
	client.Close()
	tape := <-recorded
	for range 3 {
		c := k.call(strings.TrimPrefix(addr, "tcp://"))
		_, _ = c.Write(tape)
		c.rest()
		k.silent(server)
	}
}

// record joins one connection with an address, and returns what the client said.
func record(l net.Listener, addr string) (tape []byte) {
	c, err := l.Accept()
	if err != nil {
		return nil
	}
	d, err := net.Dial("tcp", addr)
	if err != nil {
		return nil
	}
	done := make(chan struct{})
	go func() { defer close(done); copyAndClose(c, d) }()
	var taped bytes.Buffer
	_, _ = io.Copy(d, io.TeeReader(c, &taped))
	d.Close()
	<-done
	return taped.Bytes()
}

// An outer MORE or COMMAND bit on a MESSAGE would let an attacker cut messages
// anew. It ends the connection.
func TestSecureOuterBits(t *testing.T) {
	t.Parallel()
	v := loadKnown(t)
	for _, flags := range []byte{wire.FlagMore, wire.FlagCommand, wire.FlagMore | wire.FlagCommand} {
		k := newKit(t, "tcp")
		server, addr := v.server(k)
		c := v.greet(k, addr, "messages")
		b := v.message(k, "message_c_n4_last_part")
		b[0] |= flags
		c.say(b)
		if said := c.rest(); len(said) > 0 {
			t.Errorf("flags %#x: it answered %x", flags, said)
		}
		k.silent(server)
	}
}
