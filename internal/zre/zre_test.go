package zre

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const nodeText = "39440123456789ABCDEF0123456789AB"

// golden are messages as zyre 2.0.1 with libczmq 4.2.1 put them on the wire.
var golden = []struct {
	name string
	hex  string
	rest [][]byte
	m    Message
}{
	{"hello", "aaa101020001157463703a2f2f31302e37372e302e313a3439313532" +
		"0000000100000004726f6f6d0105616c69636500000002" +
		"06582d524f4c4500000006736572766572" + "03582d560000000131", nil,
		Message{Kind: Hello, Seq: 1, Endpoint: "tcp://10.77.0.1:49152", Groups: []string{"room"}, Status: 1,
			Name: "alice", Headers: map[string]string{"X-ROLE": "server", "X-V": "1"}}},
	{"hello bare", "aaa10102000100" + "00000000" + "00" + "00" + "00000000", nil, Message{Kind: Hello, Seq: 1}},
	{"whisper", "aaa102020002", [][]byte{[]byte("psst")}, Message{Kind: Whisper, Seq: 2, Content: [][]byte{[]byte("psst")}}},
	{"shout", "aaa10302000304726f6f6d", [][]byte{[]byte("a"), {}}, Message{Kind: Shout, Seq: 3, Group: "room", Content: [][]byte{[]byte("a"), {}}}},
	{"leave", "aaa105020004056f7468657203", nil, Message{Kind: Leave, Seq: 4, Group: "other", Status: 3}},
	{"join", "aaa104020004056f7468657202", nil, Message{Kind: Join, Seq: 4, Group: "other", Status: 2}},
	{"ping", "aaa106020002", nil, Message{Kind: Ping, Seq: 2}},
	{"ping-ok", "aaa10702ffff", nil, Message{Kind: PingOK, Seq: 65535}},
	{"elect", "aaa108020002014720" + hex.EncodeToString([]byte(nodeText)), nil, Message{Kind: Elect, Seq: 2, Group: "G", Node: nodeText}},
	{"leader", "aaa109020003014720" + hex.EncodeToString([]byte(nodeText)), nil, Message{Kind: Leader, Seq: 3, Group: "G", Node: nodeText}},
	{"goodbye", "aaa10a020002", nil, Message{Kind: Goodbye, Seq: 2}},
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	for _, c := range golden {
		frames := append([][]byte{unhex(t, c.hex)}, c.rest...)
		m, err := Parse(frames)
		if err != nil {
			t.Errorf("%s: parse: %v", c.name, err)
			continue
		}
		if len(m.Content) == 0 {
			m.Content = nil
		}
		if !reflect.DeepEqual(m, c.m) {
			t.Errorf("%s: parsed %+v, want %+v", c.name, m, c.m)
		}
		out, err := c.m.Frames()
		if err != nil {
			t.Errorf("%s: frames: %v", c.name, err)
			continue
		}
		if !bytes.Equal(out[0], frames[0]) {
			t.Errorf("%s: wrote %x, want %x", c.name, out[0], frames[0])
		}
		if len(out) != len(frames) {
			t.Errorf("%s: wrote %d frames, want %d", c.name, len(out), len(frames))
		}
	}
}

// zyre writes headers in the order of its hash: any order means the same.
func TestHelloHeaderOrder(t *testing.T) {
	m, err := Parse([][]byte{unhex(t, "aaa101020001157463703a2f2f31302e37372e302e313a343931353200000001"+
		"00000004726f6f6d0105616c6963650000000203582d56000000013106582d524f4c4500000006736572766572")})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m, golden[0].m) {
		t.Errorf("parsed %+v, want %+v", m, golden[0].m)
	}
}

// A message is whole or refused: no prefix of one is another, and nothing may
// follow it.
func TestTruncated(t *testing.T) {
	for _, c := range golden {
		whole := unhex(t, c.hex)
		for n := range whole {
			if m, err := Parse([][]byte{whole[:n]}); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %d of %d bytes: %+v, %v", c.name, n, len(whole), m, err)
			}
		}
		if _, err := Parse([][]byte{append(whole, 0)}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: a byte more: %v", c.name, err)
		}
		if !c.m.Kind.carries() {
			if _, err := Parse([][]byte{whole, {}}); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: a frame more: %v", c.name, err)
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	for name, text := range map[string]string{
		"signature":      "aaa006020002",
		"version":        "aaa106010002",
		"id 0":           "aaa100020002",
		"id 11":          "aaa10b020002",
		"groups":         "aaa10102000100ffffffff000000000000",
		"headers":        "aaa101020001000000000000" + "00ffffffff",
		"long string":    "aaa1010200010000000001ffffffff" + "0000000000",
		"header's value": "aaa1010200010000000000" + "0000" + "00000001" + "0141" + "ffffffff",
	} {
		if m, err := Parse([][]byte{unhex(t, text)}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	if _, err := Parse(nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("no frame: %v", err)
	}
	if _, err := Parse([][]byte{append(unhex(t, golden[0].hex), make([]byte, MaxRead)...)}); !errors.Is(err, ErrMalformed) {
		t.Errorf("huge: %v", err)
	}
}

// zyre 2.x glues the next event onto a WHISPER without content.
func TestContentIsNeverMissing(t *testing.T) {
	for _, m := range []Message{{Kind: Whisper}, {Kind: Shout, Group: "G"}} {
		frames, err := m.Frames()
		if err != nil || len(frames) != 2 || len(frames[1]) != 0 {
			t.Errorf("%v: %x, %v", m.Kind, frames, err)
		}
		if got, err := Parse(frames[:1]); err != nil || got.Kind != m.Kind {
			t.Errorf("%v without content was not tolerated: %v", m.Kind, err)
		}
	}
}

func TestTooLong(t *testing.T) {
	long := strings.Repeat("x", MaxString+1)
	for name, m := range map[string]Message{
		"endpoint": {Kind: Hello, Endpoint: long},
		"name":     {Kind: Hello, Name: long},
		"groups":   {Kind: Hello, Groups: []string{long}},
		"header":   {Kind: Hello, Headers: map[string]string{long: ""}},
		"head":     {Kind: Hello, Headers: map[string]string{"a": strings.Repeat("x", MaxHead)}},
		"group":    {Kind: Join, Group: long},
		"node":     {Kind: Elect, Node: long},
	} {
		if _, err := m.Frames(); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (&Message{Kind: 11}).Frames(); !errors.Is(err, ErrMalformed) {
		t.Errorf("kind 11: %v", err)
	}
}

// A count costs nothing before its elements have arrived.
func TestCountsReserveNothing(t *testing.T) {
	bomb := [][]byte{unhex(t, "aaa10102000100"+"3fffffff"+strings.Repeat("00000000", 4))}
	if n := testing.AllocsPerRun(100, func() { _, _ = Parse(bomb) }); n > 10 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range golden {
		f.Add(unhex(f, c.hex), len(c.rest) > 0)
	}
	f.Fuzz(func(t *testing.T, head []byte, content bool) {
		frames := [][]byte{head}
		if content {
			frames = append(frames, []byte("content"))
		}
		m, err := Parse(frames)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		out, err := m.Frames()
		if errors.Is(err, ErrTooLong) {
			return // a group in a HELLO may be longer than one we would name
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("%x was read, written as %x and then: %v", head, out[0], err)
		}
		if len(m.Content) == 0 {
			m.Content, again.Content = nil, nil
		}
		if !reflect.DeepEqual(m, again) {
			t.Fatalf("%+v became %+v", m, again)
		}
	})
}
