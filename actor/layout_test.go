package actor

import (
	"math/bits"
	"reflect"
	"strings"
	"testing"
)

// What the working goroutine touches for each message is never in the cache line of
// what senders write, nor either in that of what both only read, wherever a Ref
// begins: the allocator gives every other one half a line's shift.
func TestSidesOfARefAreApart(t *testing.T) {
	if bits.UintSize < 64 {
		t.Skip("the fields are smaller here, and such machines have few processors")
	}
	both := []string{"unit.config", "unit.asks", "unit.several", "unit.shares", "unit.ahead"}
	works := []string{"first.more", "first.r", "first.h", "first.flags", "first.held", "first.hand", "own.out", "own.head", "own.blocked"}
	sends := []string{"own.mu", "own.in", "own.limit", "own.held", "own.closed"}
	for _, ref := range []reflect.Type{reflect.TypeFor[Ref[any]](), reflect.TypeFor[Ref[int]](), reflect.TypeFor[Ref[[5]int]]()} {
		wantApart(t, ref, both, works)
		wantApart(t, ref, works, sends)
		wantApart(t, ref, both, sends)
	}
}

// wantApart fails when one of those that come before may share a line with one of
// those that come after.
func wantApart(t *testing.T, of reflect.Type, before, after []string) {
	t.Helper()
	for _, b := range before {
		for _, a := range after {
			_, end := place(t, of, b)
			if begin, _ := place(t, of, a); begin&^7 < (end-1)&^7+64 {
				t.Errorf("%v: %s ends at %d and %s begins at %d: they may share a cache line", of, b, end, a, begin)
			}
		}
	}
}

// place returns where a field of a field begins and ends.
func place(t *testing.T, of reflect.Type, path string) (begin, end uintptr) {
	t.Helper()
	for name := range strings.SplitSeq(path, ".") {
		f, is := of.FieldByName(name)
		if !is {
			t.Fatalf("%v has no field %s", of, name)
		}
		begin, of = begin+f.Offset, f.Type
	}
	return begin, begin + of.Size()
}
