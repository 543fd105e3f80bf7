package wire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/vectors"
)

const (
	greeting3  = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x01NULL"
	filler     = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	nullTail   = filler + filler + filler // 16 of the mechanism, as-server, 31 of filler
	readyFrame = "\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER"
)

func dealer(m Mechanism) Config { return Config{SocketType: "DEALER", Mechanism: m} }

// feedAll feeds p in pieces of size bytes, as long as the handshake takes them.
func feedAll(h *Handshake, p []byte, size int) (n int, err error) {
	for n < len(p) {
		piece := p[n:min(n+size, len(p))]
		k, err := h.Feed(piece)
		n += k
		if err != nil || k < len(piece) {
			return n, err
		}
	}
	return n, nil
}

func TestNullHandshake(t *testing.T) {
	v := vectors.Load(t)
	h := NewHandshake(dealer(nullScript()))
	golden := vectors.Named(t, v.Frames, "greeting_libzmq_style_padding_identity_len")
	steps := []struct {
		feed []byte
		want []byte
	}{
		{nil, golden[:10]},
		{golden[:9], nil},
		{golden[9:10], golden[10:11]},
		{golden[10:11], golden[11:]},
		{golden[11:63], nil},
		{golden[63:], vectors.Named(t, v.Frames, "null_ready_dealer")},
		{[]byte(readyFrame), nil},
	}
	for i, s := range steps {
		if n, err := h.Feed(s.feed); n != len(s.feed) || err != nil {
			t.Fatalf("step %d: %d, %v", i, n, err)
		}
		if got := h.Output(); !bytes.Equal(got, s.want) {
			t.Fatalf("step %d: output %x, want %x", i, got, s.want)
		}
	}
	r := h.Result()
	if h.Phase() != Ready || r.Version != V31 || r.PeerType != "ROUTER" || r.Mechanism != "NULL" || r.Unversioned {
		t.Errorf("phase %v, result %+v", h.Phase(), r)
	}
}

// TestDetection feeds whole openings of peers of all versions, with traffic
// after them, in pieces of every size: the outcome is always the same.
func TestDetection(t *testing.T) {
	const mark = "traffic"
	id255 := strings.Repeat("i", 255)
	tests := []struct {
		name     string
		opening  string
		version  Version
		peerType string
		peerID   string
		output   string // all that we sent until then
	}{
		{"3.1", greeting3 + nullTail + readyFrame, V31, "ROUTER", "", ""},
		{"3.0", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL" + nullTail + readyFrame, V30, "ROUTER", "", ""},
		{"3.2", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x02NULL" + nullTail + readyFrame, V31, "ROUTER", "", ""},
		{"9.9", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x09\x09NULL" + nullTail + readyFrame, V31, "ROUTER", "", ""},
		{"revision 2", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x02\x00NULL" + nullTail + readyFrame, V31, "ROUTER", "", ""},
		{"padding", "\xff\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\x7f\x03\x01NULL" + nullTail + readyFrame, V31, "ROUTER", "", ""},
		{"2.0", "\xff\x00\x00\x00\x00\x00\x00\x00\x03\x7f\x01\x06\x00\x02AB", V2, "ROUTER", "AB", "\x03\x05\x00\x02me"},
		{"2.0 anonymous", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x07\x00\x00", V2, "PULL", "", "\x03\x05\x00\x02me"},
		{"2.0 odd type", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\xee\x00\x00", V2, "", "", "\x03\x05\x00\x02me"},
		{"2.0 long id", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x06\x00\xff" + id255, V2, "ROUTER", id255, "\x03\x05\x00\x02me"},
		{"1.0 with greeting", "\xff\x00\x00\x00\x00\x00\x00\x00\x03\x7f\x00\x06\x03\x00AB", V1, "ROUTER", "AB", "\x03\x05\x03\x00me"},
		{"1.0", "\x03\x00AB", V1, "", "AB", "me"},
		{"1.0 anonymous", "\x01\x00", V1, "", "", "me"},
		{"1.0 long id", "\xff\x00\x00\x00\x00\x00\x00\x01\x00\x00" + id255, V1, "", id255, "me"},
	}
	for _, tt := range tests {
		if tt.version >= V30 {
			tt.output = "\x03\x01NULL" + nullTail + "\x04\x2b\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x02me"
		}
		stream := []byte(tt.opening + mark)
		for size := 1; size <= len(stream); size++ {
			h := NewHandshake(Config{SocketType: "DEALER", Identity: []byte("me"), Mechanism: nullScript()})
			n, err := feedAll(h, stream, size)
			if h.Phase() != Ready || err != nil || n != len(tt.opening) {
				t.Fatalf("%s in pieces of %d: phase %v after %d of %d bytes, %v", tt.name, size, h.Phase(), n, len(tt.opening), err)
			}
			r := h.Result()
			unversioned := tt.version == V1 && tt.name != "1.0 with greeting"
			if r.Version != tt.version || r.PeerType != tt.peerType || string(r.PeerIdentity) != tt.peerID || r.Unversioned != unversioned {
				t.Fatalf("%s in pieces of %d: %+v", tt.name, size, r)
			}
			want := "\xff\x00\x00\x00\x00\x00\x00\x00\x03\x7f" + tt.output
			if got := string(h.Output()); got != want {
				t.Fatalf("%s in pieces of %d: output %q, want %q", tt.name, size, got, want)
			}
		}
		for n := range len(tt.opening) {
			h := NewHandshake(Config{SocketType: "DEALER", Mechanism: nullScript()})
			if k, err := h.Feed(stream[:n]); k != n || err != nil || h.Phase() == Ready || h.Phase() == Failed {
				t.Fatalf("%s, first %d bytes: consumed %d, phase %v, %v", tt.name, n, k, h.Phase(), err)
			}
		}
	}
}

// TestDecidesEarly checks that no byte more is waited for than a verdict needs.
func TestDecidesEarly(t *testing.T) {
	tests := []struct {
		name   string
		secure bool
		input  string // its last byte brings the verdict
		check  func(error) bool
	}{
		{"1.0 to a secure socket", true, "\x01", is(ErrInsecure)},
		{"1.0, long identity, to a secure socket", true, "\xff\x00\x00\x00\x00\x00\x00\x00\xff\x00", is(ErrInsecure)},
		{"1.0 with greeting to a secure socket", true, greeting3[:10] + "\x00", is(ErrInsecure)},
		{"2.0 to a secure socket", true, greeting3[:10] + "\x01", is(ErrInsecure)},
		{"length zero", false, "\x00", hasCode(CodeUnspecified)},
		{"HTTP", false, "GE", hasCode(CodeUnspecified)},
		{"TLS", false, "\x16\x03", hasCode(CodeUnspecified)},
		{"1.0 identity of 2^62", false, "\xff\x40\x00\x00\x00\x00\x00\x00\x00\x00", hasCode(CodeUnspecified)},
		{"1.0 identity of 256", false, "\xff\x00\x00\x00\x00\x00\x00\x01\x01\x00", hasCode(CodeUnspecified)},
		{"1.0 identity with MORE", false, "\x01\x01", hasCode(CodeUnspecified)},
		{"1.0 identity that begins with zero", false, "\x02\x00\x00", hasCode(CodeInvalidMetadata)},
		{"2.0 identity command", false, greeting3[:10] + "\x01\x05\x04\x00", hasCode(CodeUnspecified)},
		{"2.0 identity with MORE", false, greeting3[:10] + "\x01\x05\x01\x00", hasCode(CodeUnspecified)},
		{"2.0 identity of 256", false, greeting3[:10] + "\x01\x05\x02\x00\x00\x00\x00\x00\x00\x01\x00", hasCode(CodeUnspecified)},
		{"mechanism", false, strings.Replace(greeting3, "NULL", "null", 1) + filler, is(ErrMechanism)},
		{"mechanism, last byte", false, greeting3 + filler[1:] + "X", hasCode(CodeMechanismMismatch)},
		{"message instead of READY", false, greeting3 + nullTail + "\x00", hasCode(CodeUnexpectedCommand)},
		{"reserved flags instead of READY", false, greeting3 + nullTail + "\xf8", hasCode(CodeUnexpectedCommand)},
		{"command with MORE", false, greeting3 + nullTail + "\x05", hasCode(CodeUnexpectedCommand)},
		{"command of 16 KiB + 1", false, greeting3 + nullTail + "\x06\x00\x00\x00\x00\x00\x00\x40\x01", hasCode(CodeUnexpectedCommand)},
		{"command of 2^64-1", false, greeting3 + nullTail + "\x06\xff\xff\xff\xff\xff\xff\xff\xff", hasCode(CodeUnexpectedCommand)},
		{"empty command", false, greeting3 + nullTail + "\x04\x00", hasCode(CodeUnexpectedCommand)},
		{"command name overruns", false, greeting3 + nullTail + "\x04\x03\xff\x50\x49", hasCode(CodeUnexpectedCommand)},
	}
	for _, tt := range tests {
		for size := range len(tt.input) {
			m := nullScript()
			cfg := dealer(m)
			cfg.Secure = tt.secure
			h := NewHandshake(cfg)
			if n, err := feedAll(h, []byte(tt.input[:len(tt.input)-1]), size+1); n != len(tt.input)-1 || err != nil {
				t.Errorf("%s: verdict after %d of %d bytes: %v", tt.name, n, len(tt.input), err)
				break
			}
			_, err := h.Feed([]byte(tt.input[len(tt.input)-1:]))
			if !tt.check(err) || h.Phase() != Failed || m.closed != 1 {
				t.Errorf("%s: %v, phase %v, closed %d times", tt.name, err, h.Phase(), m.closed)
				break
			}
			if n, again := h.Feed([]byte("more")); n != 0 || !errors.Is(again, err) {
				t.Errorf("%s: Feed after the end = %d, %v, want 0, %v", tt.name, n, again, err)
			}
		}
	}
}

func is(want error) func(error) bool {
	return func(err error) bool { return errors.Is(err, want) }
}

func hasCode(want uint32) func(error) bool {
	return func(err error) bool { return codeOf(err) == want }
}

// TestSecureGreeting checks that a secure side says all at once, and that a side
// with a mechanism is secure even if its configuration forgot to say so.
func TestSecureGreeting(t *testing.T) {
	v := vectors.Load(t)
	m := awaiting(AwaitHello)
	m.name, m.server = "PLAIN", true
	h := NewHandshake(dealer(m))
	want := vectors.Named(t, v.Frames, "greeting_plain_server")
	if got := h.Output(); !bytes.Equal(got, want) {
		t.Errorf("output %x, want %x", got, want)
	}
	if _, err := h.Feed(vectors.Named(t, v.Reject, "greeting_v2_to_secured_socket")); !errors.Is(err, ErrInsecure) {
		t.Errorf("ZMTP 2.0: %v, want %v", err, ErrInsecure)
	}
	if out := h.Output(); out != nil {
		t.Errorf("output after the refusal: %x", out)
	}
}

func TestGreetingVectors(t *testing.T) {
	v := vectors.Load(t)
	tests := []struct {
		vector, mechanism string
		want              error
	}{
		{"greeting_null_3_1", "NULL", nil},
		{"greeting_padding_must_be_ignored", "NULL", nil},
		{"greeting_libzmq_style_padding_identity_len", "NULL", nil},
		{"greeting_plain_server", "PLAIN", nil},
		{"greeting_curve_server", "CURVE", nil},
		{"greeting_curve_client", "CURVE", nil},
		{"greeting_future_9_9_curve_must_accept", "CURVE", nil},
		{"greeting_curve_client", "NULL", ErrMechanism},
		{"greeting_null_3_1", "CURVE", ErrMechanism},
		{"greeting_plain_server", "CURVE", ErrMechanism},
		{"greeting_mech_lowercase", "CURVE", ErrMechanism},
		{"greeting_v1_to_secured_socket", "CURVE", ErrInsecure},
		{"greeting_v2_to_secured_socket", "PLAIN", ErrInsecure},
		{"http_get", "CURVE", ErrInsecure},
		{"tls_client_hello_head", "PLAIN", ErrInsecure},
	}
	for _, tt := range tests {
		from := v.Frames
		if _, ok := from[tt.vector]; !ok {
			from = v.Reject
		}
		m := awaiting(AwaitReady)
		m.name = tt.mechanism
		h := NewHandshake(dealer(m))
		_, err := h.Feed(vectors.Named(t, from, tt.vector))
		if !errors.Is(err, tt.want) || (err == nil) != (h.Phase() == Handshaking) {
			t.Errorf("%s to %s: %v, phase %v; want %v", tt.vector, tt.mechanism, err, h.Phase(), tt.want)
		}
	}
}

// TestStateTable gives every command to every state. The legal cells are these
// six and no other.
func TestStateTable(t *testing.T) {
	legal := []string{"1 HELLO", "2 WELCOME", "3 INITIATE", "4 READY", "2 ERROR", "4 ERROR"}
	commands := []string{"HELLO", "WELCOME", "INITIATE", "READY", "ERROR", "MESSAGE", "PING", "PONG",
		"SUBSCRIBE", "CANCEL", "JOIN", "LEAVE", "hello", "READ", "READYX", "X"}
	for _, state := range []Await{AwaitHello, AwaitWelcome, AwaitInitiate, AwaitReady} {
		for _, name := range commands {
			m := awaiting(state)
			h := NewHandshake(dealer(m))
			frame := AppendCommand(nil, append([]byte{byte(len(name))}, name+"\x03400"...))
			_, err := h.Feed([]byte(greeting3 + nullTail + string(frame)))
			cell := fmt.Sprint(int(state), " ", name)
			var auth *AuthError
			switch {
			case !slices.Contains(legal, cell):
				if codeOf(err) != CodeUnexpectedCommand || len(m.calls) != 1 {
					t.Errorf("%s: %v, calls %q, want it refused unseen", cell, err, m.calls)
				}
			case name == "ERROR":
				if !errors.As(err, &auth) || auth.Status != "400" || len(m.calls) != 1 {
					t.Errorf("%s: %v, want the status 400", cell, err)
				}
			default:
				if err != nil || h.Phase() != Ready || m.calls[1] != name {
					t.Errorf("%s: %v, phase %v, calls %q", cell, err, h.Phase(), m.calls)
				}
			}
		}
	}
}

func TestPeerError(t *testing.T) {
	tests := []struct {
		data   string
		status string
		code   uint32
	}{
		{"\x03400", "400", 0},
		{"\x03500", "500", 0},
		{"\x03999", "999", 0},
		{"\x0340x", "", CodeUnspecified},
		{"\x044000", "", CodeUnspecified},
		{"\x00", "", CodeUnspecified},
		{"", "", CodeMalformedError},
		{"\x02400", "", CodeMalformedError},
		{"\xc8400", "", CodeMalformedError},
		{"\xff" + strings.Repeat("\x1b", 255), "", CodeUnspecified},
	}
	for _, tt := range tests {
		err := peerError([]byte(tt.data))
		var auth *AuthError
		if errors.As(err, &auth) != (tt.status != "") || auth != nil && auth.Status != tt.status || codeOf(err) != tt.code {
			t.Errorf("%.10q: %v, want status %q, code %#x", tt.data, err, tt.status, tt.code)
		}
		if len(err.Error()) > 400 || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%.10q: error text is not fit for a log: %q", tt.data, err)
		}
	}
}

// TestPeerMetadata gives a DEALER the READY of many peers.
func TestPeerMetadata(t *testing.T) {
	prop := func(name, value string) string { return string(AppendProperty(nil, name, []byte(value))) }
	router := prop("Socket-Type", "ROUTER")
	tests := []struct {
		name, metadata string
		check          func(error) bool
	}{
		{"plain", router, is(nil)},
		{"names in other case", prop("SOCKET-type", "ROUTER") + prop("IDENTITY", "id"), is(nil)},
		{"claims a user id", router + prop("User-Id", "admin"), is(nil)},
		{"long identity", router + prop("Identity", strings.Repeat("i", 255)), is(nil)},
		{"empty identity", router + prop("Identity", ""), is(nil)},
		{"identity of a REP", prop("Socket-Type", "REP") + prop("Identity", "\x00ignored"), is(nil)},
		{"no metadata", "", hasCode(CodeInvalidMetadata)},
		{"no socket type", prop("Identity", ""), hasCode(CodeInvalidMetadata)},
		{"socket type in lower case", prop("Socket-Type", "router"), is(ErrIncompatible)},
		{"PUB", prop("Socket-Type", "PUB"), is(ErrIncompatible)},
		{"empty socket type", prop("Socket-Type", ""), is(ErrIncompatible)},
		{"two socket types", router + prop("socket-type", "REP"), hasCode(CodeInvalidMetadata)},
		{"identity of 256", router + prop("Identity", strings.Repeat("i", 256)), hasCode(CodeInvalidMetadata)},
		{"identity begins with zero", router + prop("Identity", "\x00abc"), hasCode(CodeInvalidMetadata)},
		{"trailing byte", router + "\x00", hasCode(CodeInvalidMetadata)},
	}
	for _, tt := range tests {
		h := NewHandshake(dealer(nullScript()))
		frame := AppendCommand(nil, []byte(NameReady+tt.metadata))
		_, err := h.Feed([]byte(greeting3 + nullTail + string(frame)))
		if !tt.check(err) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestReadyVectors feeds the vectors with READY frames to a ROUTER.
func TestReadyVectors(t *testing.T) {
	v := vectors.Load(t)
	tests := []struct {
		from   map[string]string
		vector string
		code   uint32
	}{
		{v.Frames, "null_ready_dealer", 0},
		{v.Special, "ready_claims_user_id_accept_but_never_shown_as_authenticated_user", 0},
		{v.Reject, "ready_prop_name_zero", CodeInvalidMetadata},
		{v.Reject, "ready_value_len_2_31", CodeInvalidMetadata},
		{v.Reject, "ready_no_socket_type", CodeInvalidMetadata},
		{v.Reject, "ready_identity_leading_zero", CodeInvalidMetadata},
		{v.Reject, "frame_size_2_62", CodeUnexpectedCommand},
		{v.Reject, "frame_size_2_63", CodeUnexpectedCommand},
		{v.Reject, "frame_size_2_64_minus_1", CodeUnexpectedCommand},
		{v.Reject, "reserved_flag_bits", CodeUnexpectedCommand},
		{v.Reject, "command_with_more", CodeUnexpectedCommand},
		{v.Reject, "command_empty", CodeUnexpectedCommand},
		{v.Reject, "command_name_overrun", CodeUnexpectedCommand},
		{v.Reject, "ping_without_ttl", CodeUnexpectedCommand},
	}
	for _, tt := range tests {
		h := NewHandshake(Config{SocketType: "ROUTER", Mechanism: nullScript()})
		_, err := h.Feed(append([]byte(greeting3+nullTail), vectors.Named(t, tt.from, tt.vector)...))
		if codeOf(err) != tt.code || (err == nil) != (h.Phase() == Ready) {
			t.Errorf("%s: %v, phase %v, want code %#x", tt.vector, err, h.Phase(), tt.code)
		}
	}
}

func TestResultOwnsItsBytes(t *testing.T) {
	h := NewHandshake(dealer(nullScript()))
	input := append([]byte(greeting3+nullTail), AppendCommand(nil, AppendMetadata([]byte(NameReady), []Property{
		{"Socket-Type", []byte("ROUTER")}, {"Identity", []byte("id")}, {"X-k", []byte("v")}}))...)
	if _, err := h.Feed(input); err != nil {
		t.Fatal(err)
	}
	clear(input)
	clear(h.buf[:cap(h.buf)])
	r := h.Result()
	value, _ := Lookup(r.Properties, "x-K")
	if string(r.PeerIdentity) != "id" || string(value) != "v" || len(r.Properties) != 3 {
		t.Errorf("result changed with the input: %+v", r)
	}
}
