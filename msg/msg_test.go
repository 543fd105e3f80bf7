package msg_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/msg"
)

// czmq's zmsg_encode made these.
var encoded = []struct {
	frames []string
	hex    string
}{
	{nil, ""},
	{[]string{""}, "00"},
	{[]string{"m1", "m2"}, "026d31026d32"},
	{[]string{strings.Repeat("x", 254)}, "fe" + strings.Repeat("78", 254)},
	{[]string{strings.Repeat("x", 255)}, "ff000000ff" + strings.Repeat("78", 255)},
	{[]string{"a", "", "b"}, "0161000162"},
}

func TestEncodingIsCzmqs(t *testing.T) {
	for _, tt := range encoded {
		m := msg.NewString(tt.frames...)
		b, err := m.MarshalBinary()
		if err != nil || hex.EncodeToString(b) != tt.hex {
			t.Errorf("%.20q: %.40x, %v", tt.frames, b, err)
		}
		var back msg.Msg
		if err := back.UnmarshalBinary(b); err != nil || !back.Equal(m) {
			t.Errorf("%.20q came back as %v, %v", tt.frames, back, err)
		}
	}
}

// An encoding that ends within a frame is refused, and the message stays as it was.
func TestTruncatedEncoding(t *testing.T) {
	whole, _ := msg.NewString("hello", strings.Repeat("y", 300)).MarshalBinary()
	boundaries := map[int]bool{0: true, 6: true, len(whole): true}
	for n := range len(whole) + 1 {
		m := msg.NewString("before")
		err := m.UnmarshalBinary(whole[:n])
		switch {
		case boundaries[n] && err != nil:
			t.Errorf("%d bytes: %v", n, err)
		case !boundaries[n] && !errors.Is(err, msg.ErrMalformed):
			t.Errorf("%d bytes: %v", n, err)
		case err != nil && m.Frames[0] == nil || err != nil && string(m.Frames[0]) != "before":
			t.Errorf("%d bytes: the message changed", n)
		}
	}
}

func TestFramesInAndOut(t *testing.T) {
	m := msg.New([]byte("b"))
	m.PushString("a")
	m.AppendString("c")
	m.Push(nil)
	if got := fmt.Sprintf("%q", m.Frames); got != `["" "a" "b" "c"]` {
		t.Fatal(got)
	}
	if m.Len() != 4 || m.Size() != 3 {
		t.Errorf("%d frames, %d bytes", m.Len(), m.Size())
	}
	for _, want := range []string{"", "a", "b", "c"} {
		if got := m.PopString(); got != want {
			t.Errorf("popped %q, not %q", got, want)
		}
	}
	if m.Pop() != nil || m.PopString() != "" {
		t.Error("an empty message gave a frame")
	}
}

func TestEnvelope(t *testing.T) {
	m := msg.NewString("body")
	m.Wrap([]byte("id"))
	if m.Len() != 3 || len(m.Frames[1]) != 0 {
		t.Fatalf("%q", m.Frames)
	}
	if id := m.Unwrap(); string(id) != "id" || m.Len() != 1 {
		t.Errorf("%q, then %q", id, m.Frames)
	}
	bare := msg.NewString("id", "body")
	if id := bare.Unwrap(); string(id) != "id" || bare.Len() != 1 {
		t.Errorf("without a delimiter: %q, then %q", id, bare.Frames)
	}
}

// A push must not write into a slice that another message shares.
func TestPushLeavesTheCallersSlice(t *testing.T) {
	frames := make([][]byte, 2, 8)
	frames[0], frames[1] = []byte("a"), []byte("b")
	shorter := msg.New(frames[:1]...)
	shorter.Frames = shorter.Frames[:1:1]
	shorter.AppendString("x")
	if string(frames[1]) != "b" {
		t.Errorf("the caller's second frame is %q", frames[1])
	}
}

func TestCloneSharesNothing(t *testing.T) {
	m := msg.NewString("one", "", "two")
	c := m.Clone()
	copy(m.Frames[0], "ONE")
	m.Frames[2] = []byte("else")
	if !c.Equal(msg.NewString("one", "", "two")) {
		t.Errorf("%v", c)
	}
	c.Frames[0] = append(c.Frames[0], "!!!"...)
	if string(c.Frames[2]) != "two" {
		t.Errorf("appending to a frame changed its neighbour: %q", c.Frames[2])
	}
}

func TestEqual(t *testing.T) {
	a := msg.NewString("a", "b")
	for _, other := range []msg.Msg{{}, msg.NewString("a"), msg.NewString("a", "c"), msg.NewString("ab"), msg.NewString("a", "b", "")} {
		if a.Equal(other) || other.Equal(a) {
			t.Errorf("%q equals %q", a.Frames, other.Frames)
		}
	}
	if !a.Equal(msg.NewString("a", "b")) || !(msg.Msg{}).Equal(msg.New()) {
		t.Error("equal messages differ")
	}
}

func TestString(t *testing.T) {
	m := msg.New([]byte("hello"), nil, []byte{0, 0xAB}, bytes.Repeat([]byte("z"), 80), bytes.Repeat([]byte{1}, 40))
	want := "[005] hello\n[000] \n[002] 00AB\n[080] " + strings.Repeat("z", 70) + "...\n[040] " + strings.Repeat("01", 35) + "..."
	if got := m.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReleaseOfOwnMessage(t *testing.T) {
	m := msg.New(msg.Alloc(4096))
	m.Release()
	if m.Len() != 0 {
		t.Error("frames are left")
	}
	m.Release() // once more does nothing
	if p := m.Peer(); p.RemoteAddr != "" || p.Property("Identity") != "" {
		t.Errorf("a message that was not received has a peer: %+v", p)
	}
}

func FuzzMsgDecode(f *testing.F) {
	for _, tt := range encoded {
		b, _ := hex.DecodeString(tt.hex)
		f.Add(b)
	}
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var m msg.Msg
		if m.UnmarshalBinary(b) != nil {
			return
		}
		if m.Size() > len(b) {
			t.Fatalf("%d bytes out of %d", m.Size(), len(b))
		}
		again, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var same msg.Msg
		if err := same.UnmarshalBinary(again); err != nil || !same.Equal(m) {
			t.Fatalf("%x became %x: %v", b, again, err)
		}
	})
}

func ExampleMsg() {
	m := msg.NewString("10001", "23", "45")
	fmt.Println(m.Len(), m.Size())
	fmt.Println(m.PopString())
	fmt.Println(m)
	// Output:
	// 3 9
	// 10001
	// [002] 23
	// [002] 45
}

func ExampleMsg_Wrap() {
	m := msg.NewString("hello")
	m.Wrap([]byte("client"))
	fmt.Printf("%q\n", m.Frames)
	fmt.Printf("%s\n", m.Unwrap())
	// Output:
	// ["client" "" "hello"]
	// client
}
