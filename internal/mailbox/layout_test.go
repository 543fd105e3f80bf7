package mailbox_test

import (
	"math/bits"
	"reflect"
	"testing"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
)

// What receivers write for each message is never in the cache line of what senders
// write, wherever a queue begins.
func TestSidesAreApart(t *testing.T) {
	if bits.UintSize < 64 {
		t.Skip("the fields are smaller here, and such machines have few processors")
	}
	for _, q := range []reflect.Type{reflect.TypeFor[mailbox.Queue[any]](), reflect.TypeFor[mailbox.Queue[msg.Msg]]()} {
		for _, r := range []string{"rmu", "out", "head", "blocked"} {
			for _, s := range []string{"mu", "in", "limit", "held", "closed"} {
				mine, theirs := field(t, q, r), field(t, q, s)
				lastWord := (mine.Offset + mine.Type.Size() - 1) &^ 7
				if theirs.Offset&^7 < lastWord+64 {
					t.Errorf("%v: %s ends at %d and %s begins at %d: they may share a cache line",
						q, r, mine.Offset+mine.Type.Size(), s, theirs.Offset)
				}
			}
		}
	}
}

func field(t *testing.T, of reflect.Type, name string) reflect.StructField {
	t.Helper()
	f, is := of.FieldByName(name)
	if !is {
		t.Fatalf("%v has no field %s", of, name)
	}
	return f
}
