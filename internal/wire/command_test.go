package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/vectors"
)

// codeOf returns the code of a *ProtocolError, or 0.
func codeOf(err error) uint32 {
	var p *ProtocolError
	if errors.As(err, &p) {
		return p.Code
	}
	return 0
}

// commandBody returns the body of the one command frame that golden must be.
func commandBody(tb testing.TB, golden []byte) []byte {
	tb.Helper()
	flags, hdr, size, err := ParseHeader(golden)
	if err != nil || flags&^FlagLarge != FlagCommand || uint64(len(golden)-hdr) != size {
		tb.Fatalf("not a command frame: %x", golden)
	}
	return golden[hdr:]
}

func TestCommandGolden(t *testing.T) {
	v := vectors.Load(t)
	topic := []byte("topic")
	tests := []struct {
		vector string
		frame  []byte
		body   []byte
		want   Command
	}{
		{"subscribe_3_1", AppendSubscribe(nil, V31, topic), AppendSubscribeBody(nil, V31, topic), Command{Kind: Subscribe, Data: topic}},
		{"cancel_3_1", AppendCancel(nil, V31, topic), AppendCancelBody(nil, V31, topic), Command{Kind: Cancel, Data: topic}},
		{"ping_ttl10_ctx", AppendPing(nil, 10, []byte("ctx")), AppendPingBody(nil, 10, []byte("ctx")), Command{Ping, 10, []byte("ctx")}},
		{"pong_ctx", AppendPong(nil, []byte("ctx")), AppendPongBody(nil, []byte("ctx")), Command{Kind: Pong, Data: []byte("ctx")}},
	}
	for _, tt := range tests {
		golden := vectors.Named(t, v.Frames, tt.vector)
		if !bytes.Equal(tt.frame, golden) {
			t.Errorf("%s: encoded %x, want %x", tt.vector, tt.frame, golden)
		}
		body := commandBody(t, golden)
		if !bytes.Equal(tt.body, body) {
			t.Errorf("%s: body %x, want %x", tt.vector, tt.body, body)
		}
		got, err := ParseCommand(body)
		if got.Kind != tt.want.Kind || got.TTL != tt.want.TTL || !bytes.Equal(got.Data, tt.want.Data) || err != nil {
			t.Errorf("%s: parsed %+v, %v, want %+v", tt.vector, got, err, tt.want)
		}
	}
}

func TestGroupCommands(t *testing.T) {
	tests := []struct {
		frame []byte
		body  []byte
		want  string
		kind  CommandKind
	}{
		{AppendJoin(nil, "grp"), AppendJoinBody(nil, "grp"), "\x04\x08\x04JOINgrp", Join},
		{AppendLeave(nil, "grp"), AppendLeaveBody(nil, "grp"), "\x04\x09\x05LEAVEgrp", Leave},
	}
	for _, tt := range tests {
		if string(tt.frame) != tt.want || string(tt.body) != tt.want[2:] {
			t.Errorf("frame %q, body %q, want %q", tt.frame, tt.body, tt.want)
		}
		c, err := ParseCommand(tt.body)
		if c.Kind != tt.kind || string(c.Data) != "grp" || err != nil {
			t.Errorf("%q: %+v, %v", tt.want, c, err)
		}
	}
}

// TestSubscriptionForms checks the message form of the older versions.
func TestSubscriptionForms(t *testing.T) {
	v := vectors.Load(t)
	topic := []byte("topic")
	for _, version := range []Version{V2, V30} {
		if got, want := AppendSubscribe(nil, version, topic), vectors.Named(t, v.Frames, "subscribe_3_0"); !bytes.Equal(got, want) {
			t.Errorf("subscribe %v: %x, want %x", version, got, want)
		}
		if got, want := AppendCancel(nil, version, topic), vectors.Named(t, v.Frames, "cancel_3_0"); !bytes.Equal(got, want) {
			t.Errorf("cancel %v: %x, want %x", version, got, want)
		}
		if SubscriptionFlags(version) != 0 {
			t.Errorf("subscription in %v is not a message", version)
		}
	}
	if got := string(AppendSubscribe(nil, V1, topic)); got != "\x07\x00\x01topic" {
		t.Errorf("subscribe 1.0: %q", got)
	}
	if got := string(AppendCancelBody(nil, V1, topic)); got != "\x00topic" {
		t.Errorf("cancel 1.0: %q", got)
	}
	if SubscriptionFlags(V31) != FlagCommand {
		t.Error("subscription in 3.1 is not a command")
	}
}

// TestLargeAfterName looks at the border where the name makes a frame large.
func TestLargeAfterName(t *testing.T) {
	short := AppendSubscribe(nil, V31, make([]byte, 245))
	large := AppendSubscribe(nil, V31, make([]byte, 246))
	if !bytes.HasPrefix(short, []byte("\x04\xff\x09SUB")) {
		t.Errorf("topic of 245 bytes: %q", short[:12])
	}
	if !bytes.HasPrefix(large, []byte("\x06\x00\x00\x00\x00\x00\x00\x01\x00\x09SUB")) {
		t.Errorf("topic of 246 bytes: %q", large[:12])
	}
}

func TestPing(t *testing.T) {
	v := vectors.Load(t)
	c, err := ParseCommand(commandBody(t, vectors.Named(t, v.Frames, "ping_ttl_656_means_65_6_s")))
	if c.TTL != 656 || len(c.Data) != 0 || err != nil {
		t.Errorf("TTL 656: %+v, %v", c, err)
	}
	if got := string(AppendPing(nil, 700, nil)); got != "\x04\x07\x04PING\x02\x8f" {
		t.Errorf("sent TTL 700 as %q, want 655", got)
	}
	c, err = ParseCommand(commandBody(t, vectors.Named(t, v.Special, "ping_context_17_echo_first_16")))
	if len(c.Data) != 17 || err != nil {
		t.Fatalf("context of 17 bytes: %+v, %v", c, err)
	}
	if got, want := string(AppendPong(nil, c.Data)), "\x04\x15\x04PONG"+strings.Repeat("z", 16); got != want {
		t.Errorf("PONG %q, want %q", got, want)
	}
	if got, want := string(AppendPing(nil, 0, c.Data)), "\x04\x17\x04PING\x00\x00"+strings.Repeat("z", 16); got != want {
		t.Errorf("PING %q, want %q", got, want)
	}
}

func TestCommandRejected(t *testing.T) {
	v := vectors.Load(t)
	for _, name := range []string{"command_empty", "command_name_overrun", "ping_without_ttl", "ping_one_byte_ttl"} {
		_, err := ParseCommand(commandBody(t, vectors.Named(t, v.Reject, name)))
		if codeOf(err) != CodeMalformedCommand {
			t.Errorf("%s: %v, want code %#x", name, err, CodeMalformedCommand)
		}
	}
	tests := []struct {
		body string
		code uint32
	}{
		{"\x00", CodeMalformedCommand},
		{"\x00PING", CodeMalformedCommand},
		{"\x04JOIN" + strings.Repeat("g", 256), CodeMalformedCommand},
		{"\x05LEAVE" + strings.Repeat("g", 256), CodeMalformedCommand},
		{"\x05ERROR", CodeMalformedError},
		{"\x05ERROR\x03no", CodeMalformedError},
		{"\x05ERROR\x01no", CodeMalformedError},
		{"\x05HELLO\x00\x00", CodeUnexpectedCommand},
		{"\x07WELCOME", CodeUnexpectedCommand},
		{"\x08INITIATE", CodeUnexpectedCommand},
		{"\x05READY", CodeUnexpectedCommand},
		{"\x07MESSAGE", CodeUnexpectedCommand},
	}
	for _, tt := range tests {
		if _, err := ParseCommand([]byte(tt.body)); codeOf(err) != tt.code {
			t.Errorf("%.20q: %v, want code %#x", tt.body, err, tt.code)
		}
	}
}

func TestCommandUnknown(t *testing.T) {
	for _, body := range []string{"\x01X", "\x04ping\x00", "\x05PING\x00\x00", "\x07GOODBYEnow"} {
		if c, err := ParseCommand([]byte(body)); c.Kind != Unknown || err != nil {
			t.Errorf("%q: %+v, %v", body, c, err)
		}
	}
}

func TestErrorCommand(t *testing.T) {
	v := vectors.Load(t)
	for name, size := range map[string]int{"error_empty": 0, "error_255": 255} {
		c, err := ParseCommand(commandBody(t, vectors.Named(t, v.Frames, name)))
		if c.Kind != Error || len(c.Data) != size || err != nil {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

// TestCommandPrefixes checks that no part of a PING or an ERROR passes for one.
func TestCommandPrefixes(t *testing.T) {
	for _, body := range []string{"\x04PING\x00\x0a", "\x05ERROR\x03400"} {
		for n := range len(body) {
			if c, err := ParseCommand([]byte(body[:n])); err == nil {
				t.Errorf("%q parsed as %+v", body[:n], c)
			}
		}
	}
}

func FuzzCommand(f *testing.F) {
	v := vectors.Load(f)
	for name := range v.Frames {
		b := vectors.Named(f, v.Frames, name)
		f.Add(b[min(len(b), 2):])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := ParseCommand(body)
		if err != nil {
			if codeOf(err) == 0 {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		var again []byte
		switch c.Kind {
		case Ping:
			if len(c.Data) > MaxPingContext || c.TTL > MaxPingTTL {
				return
			}
			again = AppendPingBody(nil, c.TTL, c.Data)
		case Pong:
			if len(c.Data) > MaxPingContext {
				return
			}
			again = AppendPongBody(nil, c.Data)
		case Subscribe:
			again = AppendSubscribeBody(nil, V31, c.Data)
		case Cancel:
			again = AppendCancelBody(nil, V31, c.Data)
		case Join:
			again = AppendJoinBody(nil, string(c.Data))
		case Leave:
			again = AppendLeaveBody(nil, string(c.Data))
		default:
			return
		}
		if !bytes.Equal(again, body) {
			t.Fatalf("%q became %q", body, again)
		}
	})
}
