package zap

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func frames(texts ...string) [][]byte {
	out := make([][]byte, len(texts))
	for i, text := range texts {
		out[i] = []byte(text)
	}
	return out
}

func equal(a, b [][]byte) bool { return fmt.Sprintf("%q", a) == fmt.Sprintf("%q", b) }

var key = strings.Repeat("k", 32)

func TestRequestGolden(t *testing.T) {
	tests := []struct {
		request Request
		want    [][]byte
	}{
		{
			Request{ID: []byte("1"), Domain: "global", Address: "10.0.0.1", Mechanism: "NULL"},
			frames("", "1.0", "1", "global", "10.0.0.1", "", "NULL"),
		},
		{
			Request{ID: []byte("7"), Address: ":1000:1000:42", RoutingID: []byte("srv"), Mechanism: "PLAIN",
				Credentials: CredentialFrames(wire.Credentials{Mechanism: "PLAIN", Username: []byte("admin"), Password: []byte("secret")})},
			frames("", "1.0", "7", "", ":1000:1000:42", "srv", "PLAIN", "admin", "secret"),
		},
		{
			Request{ID: []byte("x"), Domain: "d", Mechanism: "CURVE",
				Credentials: CredentialFrames(wire.Credentials{Mechanism: "CURVE", PublicKey: []byte(key)})},
			frames("", "1.0", "x", "d", "", "", "CURVE", key),
		},
	}
	for _, tt := range tests {
		got := tt.request.Encode()
		if !equal(got, tt.want) {
			t.Errorf("%v: frames %q, want %q", tt.request, got, tt.want)
		}
		parsed, err := ParseRequest(Delimit(tt.want[1:]))
		if err != nil || !equal(parsed.Encode(), tt.want) || parsed.Mechanism != tt.request.Mechanism || parsed.Domain != tt.request.Domain {
			t.Errorf("%v: parsed %v, %v", tt.request, parsed, err)
		}
	}
	if c := CredentialFrames(wire.Credentials{Mechanism: "NULL"}); len(c) != 0 {
		t.Errorf("NULL has credentials %q", c)
	}
}

func TestRequestRejected(t *testing.T) {
	good := frames("", "1.0", "1", "d", "a", "", "PLAIN", "admin", "secret")
	for n := range len(good) {
		if r, err := ParseRequest(good[:n]); !errors.Is(err, ErrRequest) {
			t.Errorf("%d frames: %v, %v", n, r, err)
		}
	}
	long := strings.Repeat("x", 256)
	tests := map[string][][]byte{
		"no delimiter":      good[1:],
		"two delimiters":    Delimit(good),
		"full delimiter":    frames("x", "1.0", "1", "d", "a", "", "NULL"),
		"version 1.1":       frames("", "1.1", "1", "d", "a", "", "NULL"),
		"NULL with a key":   frames("", "1.0", "1", "d", "a", "", "NULL", key),
		"PLAIN, three":      append(good[:len(good):len(good)], []byte("x")),
		"CURVE without key": frames("", "1.0", "1", "d", "a", "", "CURVE"),
		"CURVE, short key":  frames("", "1.0", "1", "d", "a", "", "CURVE", key[1:]),
		"CURVE, Z85 key":    frames("", "1.0", "1", "d", "a", "", "CURVE", strings.Repeat("z", 40)),
		"GSSAPI, two":       frames("", "1.0", "1", "d", "a", "", "GSSAPI", "a", "b"),
		"long identity":     frames("", "1.0", "1", "d", "a", long, "NULL"),
		"long mechanism":    frames("", "1.0", "1", "d", "a", "", long),
		"long domain":       frames("", "1.0", "1", long, "a", "", "NULL"),
		"long password":     frames("", "1.0", "1", "d", "a", "", "PLAIN", "admin", long),
	}
	for name, request := range tests {
		if r, err := ParseRequest(request); !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	if r, err := ParseRequest(frames("", "1.0", long, "d", "a", "", "FUTURE", "a", "b", long)); err != nil || len(r.Credentials) != 3 {
		t.Errorf("unknown mechanism: %v, %v", r, err)
	}
}

func TestReplyGolden(t *testing.T) {
	r := Reply{ID: []byte("1"), Status: "200", Text: "OK", UserID: "alice", Metadata: []wire.Property{{Name: "Role", Value: []byte("boss")}}}
	want := frames("", "1.0", "1", "200", "OK", "alice", "\x04Role\x00\x00\x00\x04boss")
	if got := r.Encode(); !equal(got, want) {
		t.Errorf("frames %q, want %q", got, want)
	}
	parsed, err := ParseReply(want, []byte("1"))
	if err != nil || fmt.Sprintf("%q", parsed) != fmt.Sprintf("%q", r) {
		t.Errorf("parsed %q, %v, want %q", parsed, err, r)
	}
}

// TestDecide opens the gate with every reply that an implementation once took for a yes.
func TestDecide(t *testing.T) {
	reply := func(status string) [][]byte { return frames("", "1.0", "id", status, "OK", "", "") }
	with := func(place int, text string) [][]byte {
		f := reply("200")
		f[place] = []byte(text)
		return f
	}
	tests := []struct {
		name   string
		frames [][]byte
		want   wire.Decision
		code   uint32
	}{
		{"yes", reply("200"), wire.Decision{Allow: true, Status: "200"}, 0},
		{"later", reply("300"), wire.Decision{Status: "300"}, 0},
		{"no", reply("400"), wire.Decision{Status: "400"}, 0},
		{"broken", reply("500"), wire.Decision{Status: "500"}, 0},
		{"status 20", reply("20"), wire.Decision{}, CodeInvalidStatus},
		{"status 2000", reply("2000"), wire.Decision{}, CodeInvalidStatus},
		{"status empty", reply(""), wire.Decision{}, CodeInvalidStatus},
		{"status 201", reply("201"), wire.Decision{}, CodeInvalidStatus},
		{"status 100", reply("100"), wire.Decision{}, CodeInvalidStatus},
		{"status with NUL", reply("200\x00"), wire.Decision{}, CodeInvalidStatus},
		{"status with space", reply(" 200"), wire.Decision{}, CodeInvalidStatus},
		{"nothing", nil, wire.Decision{}, CodeMalformedReply},
		{"no delimiter", reply("200")[1:], wire.Decision{}, CodeMalformedReply},
		{"six frames", reply("200")[:6], wire.Decision{}, CodeMalformedReply},
		{"eight frames", append(reply("200"), nil), wire.Decision{}, CodeMalformedReply},
		{"full delimiter", with(0, "x"), wire.Decision{}, CodeMalformedReply},
		{"version 1.1", with(1, "1.1"), wire.Decision{}, CodeBadVersion},
		{"no version", with(1, ""), wire.Decision{}, CodeBadVersion},
		{"another id", with(2, "ie"), wire.Decision{}, CodeBadRequestID},
		{"no id", with(2, ""), wire.Decision{}, CodeBadRequestID},
		{"longer id", with(2, "id2"), wire.Decision{}, CodeBadRequestID},
		{"bad metadata", with(6, "\x04Role"), wire.Decision{}, CodeInvalidMetadata},
		{"metadata of 4 GiB", with(6, "\x01R\xff\xff\xff\xff"), wire.Decision{}, CodeInvalidMetadata},
	}
	for _, tt := range tests {
		got, _, err := Decide(tt.frames, []byte("id"))
		var p *wire.ProtocolError
		if errors.As(err, &p) != (tt.code != 0) || p != nil && p.Code != tt.code || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v, code %#x", tt.name, got, err, tt.want, tt.code)
		}
	}
}

func TestRequestHidesCredentials(t *testing.T) {
	r := Request{ID: []byte("1"), Domain: "d\n", Address: "10.0.0.1", Mechanism: "PLAIN", Credentials: frames("admin", "hunter2")}
	asJSON, err := json.Marshal([]any{r, &r})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "r", r)
	text := string(asJSON) + log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		text += fmt.Sprintf(verb+verb+verb, r, &r, []Request{r})
	}
	if strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the password shows in %s", text)
	}
	if want := `ZAP request 31: "PLAIN" from "10.0.0.1" to domain "d\n"`; r.String() != want {
		t.Errorf("String() = %s, want %s", r, want)
	}
}

// cut splits a fuzzer's bytes into frames: a length byte before each.
func cut(b []byte) (out [][]byte) {
	for len(b) > 0 {
		n := min(int(b[0]), len(b)-1)
		out = append(out, b[1:1+n])
		b = b[1+n:]
	}
	return out
}

func joined(texts ...string) (b []byte) {
	for _, text := range texts {
		b = append(append(b, byte(len(text))), text...)
	}
	return b
}

func FuzzZAPRequest(f *testing.F) {
	f.Add(joined("", "1.0", "1", "global", "10.0.0.1", "", "NULL"))
	f.Add(joined("", "1.0", "1", "global", "10.0.0.1", "id", "PLAIN", "admin", "secret"))
	f.Add(joined("", "1.0", "1", "global", "10.0.0.1", "id", "CURVE", key))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := cut(b)
		r, err := ParseRequest(in)
		if err != nil {
			if !errors.Is(err, ErrRequest) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		if out := r.Encode(); !equal(in, out) {
			t.Fatalf("%q became %q", in, out)
		}
	})
}

func FuzzZAPReply(f *testing.F) {
	f.Add(joined("", "1.0", "id", "200", "OK", "alice", "\x04Role\x00\x00\x00\x04boss"), []byte("id"))
	f.Add(joined("", "1.0", "id", "400", "", "", ""), []byte("id"))
	f.Add(joined("", "1.0", "other", "200", "", "", ""), []byte("id"))
	f.Fuzz(func(t *testing.T, b, id []byte) {
		in := cut(b)
		d, r, err := Decide(in, id)
		if err != nil {
			var p *wire.ProtocolError
			if !errors.As(err, &p) || p.Code < CodeMalformedReply || p.Code > CodeInvalidMetadata || d != (wire.Decision{}) {
				t.Fatalf("%+v, %v", d, err)
			}
			return
		}
		if out := r.Encode(); !equal(in, out) {
			t.Fatalf("%q became %q", in, out)
		}
		if d.Allow != (string(in[3]) == "200") || !bytes.Equal(in[2], id) {
			t.Fatalf("%q for id %q: %+v", in, id, d)
		}
	})
}
