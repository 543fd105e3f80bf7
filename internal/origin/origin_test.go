package origin

import (
	"reflect"
	"testing"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/msg"
)

// The two types lie in memory in the same way.
func TestLayout(t *testing.T) {
	ours, theirs := reflect.TypeFor[message](), reflect.TypeFor[msg.Msg]()
	if ours.Size() != theirs.Size() || ours.NumField() != theirs.NumField() {
		t.Fatalf("%d bytes in %d fields, msg.Msg has %d in %d", ours.Size(), ours.NumField(), theirs.Size(), theirs.NumField())
	}
	for i := range ours.NumField() {
		a, b := ours.Field(i), theirs.Field(i)
		if a.Type != b.Type || a.Offset != b.Offset {
			t.Errorf("field %d: %v at %d, msg.Msg has %v at %d", i, a.Type, a.Offset, b.Type, b.Offset)
		}
	}
}

func TestMessage(t *testing.T) {
	o := &buf.Origin{Peer: &buf.Peer{UserID: "ada"}}
	frames := [][]byte{[]byte("a"), []byte("b")}
	m := Message(frames, o)
	if Of(m) != o || m.Peer().UserID != "ada" || m.Len() != 2 || &m.Frames[0] != &frames[0] {
		t.Errorf("made %+v of %v", m, Of(m))
	}
	if Of(msg.New()) != nil {
		t.Error("a message of a program has an origin")
	}
}

// Of two messages of one chunk, releasing one leaves the other.
func TestRelease(t *testing.T) {
	c := buf.NewChunk(100)
	c.Hold(2)
	c.Origin = buf.Origin{Chunk: c}
	a, b := Message([][]byte{c.B[:1]}, &c.Origin), Message([][]byte{c.B[1:2]}, &c.Origin)
	a.Release()
	if c.Alone() {
		t.Error("released twice")
	}
	b.Release()
	if !c.Alone() {
		t.Error("not released")
	}
}

func TestNoAllocation(t *testing.T) {
	o, frames := &buf.Origin{}, [][]byte{{1}}
	if n := testing.AllocsPerRun(100, func() {
		if Of(Message(frames, o)) != o {
			t.Fatal("another origin")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
