package unpack

import (
	"bytes"
	"testing"
)

// message has one value of each kind.
var message = []byte("\x01\x00\x02\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x04\x02ab\x00\x00\x00\x03cde\x00\x00\x00\x02\x01x\x01y")

type values struct {
	one   byte
	two   uint16
	four  uint32
	eight uint64
	a, b  string
	list  [2]string
	count int
}

func read(b []byte) (v values, r Reader) {
	r.Rest = b
	v = values{one: r.Byte(), two: r.Uint16(), four: r.Uint32(), eight: r.Uint64(), a: r.String8(), b: r.String32(), count: r.Count(2)}
	for i := range v.count {
		v.list[i] = r.String8()
	}
	return v, r
}

func TestReader(t *testing.T) {
	v, r := read(message)
	want := values{1, 2, 3, 4, "ab", "cde", [2]string{"x", "y"}, 2}
	if v != want || r.Short || len(r.Rest) != 0 {
		t.Errorf("read %+v, short %v, %d left over; want %+v", v, r.Short, len(r.Rest), want)
	}
	for n := range message {
		if v, r := read(message[:n]); !r.Short || len(r.Rest) != 0 || v.list[1] != "" {
			t.Errorf("of %d bytes: %+v, short %v, %d left over", n, v, r.Short, len(r.Rest))
		}
	}
	if _, r := read(append(bytes.Clone(message), 0)); r.Short || len(r.Rest) != 1 {
		t.Errorf("with one byte more: short %v, %d left over", r.Short, len(r.Rest))
	}
}

// Once short, always short, even if what is asked for then would be there.
func TestStaysShort(t *testing.T) {
	r := Reader{Rest: []byte{1}}
	if r.Uint16() != 0 || r.Byte() != 0 || !r.Short || r.Bytes(0) != nil {
		t.Error("it goes on after the end")
	}
}

// What is appended to taken bytes must not overwrite what follows.
func TestBytesEndWhereTheyEnd(t *testing.T) {
	r := Reader{Rest: []byte("abcd")}
	_ = append(r.Bytes(2), 'x')
	if got := r.Bytes(2); string(got) != "cd" {
		t.Errorf("then %q", got)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(message, 1)
	f.Fuzz(func(t *testing.T, b []byte, least int) {
		r := Reader{Rest: b}
		r.String8()
		if n := r.Count(least); n*max(least, 1) > len(b) {
			t.Fatalf("a count of %d elements of %d bytes in %d", n, least, len(b))
		}
		r.String32()
	})
}
