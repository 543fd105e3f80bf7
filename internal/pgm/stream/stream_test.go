package stream

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type message = [][]byte

func msg(frames ...string) message {
	m := message{}
	for _, f := range frames {
		m = append(m, []byte(f))
	}
	return m
}

// from is a supply of messages for a Framer.
func from(msgs ...message) func() [][]byte {
	return func() [][]byte {
		if len(msgs) == 0 {
			return nil
		}
		m := msgs[0]
		msgs = msgs[1:]
		return m
	}
}

// payloads is all that a Framer makes of messages.
func payloads(size int, msgs ...message) (all [][]byte) {
	var f Framer
	next := from(msgs...)
	for {
		p := f.Append(nil, size, next)
		if len(p) == 0 {
			return all
		}
		all = append(all, p)
	}
}

// join puts payloads together.
func join(t testing.TB, j *Joiner, all ...[]byte) (msgs []message) {
	t.Helper()
	for i, p := range all {
		var err error
		if msgs, err = j.Append(msgs, p); err != nil {
			t.Fatalf("payload %d: %v", i, err)
		}
	}
	return msgs
}

func equal(a, b []message) bool {
	return fmt.Sprintf("%q", a) == fmt.Sprintf("%q", b)
}

// Captured from libzmq 4.3.4.
func TestGolden(t *testing.T) {
	want := "00000701746f7069633008006865" + "6c6c6f2d30"
	got := payloads(1428, msg("topic0", "hello-0"))
	if len(got) != 1 || hex.EncodeToString(got[0]) != want {
		t.Errorf("got %x, want %s", got, want)
	}
	p, _ := hex.DecodeString(want)
	if m := join(t, NewJoiner(Limits{}), p); !equal(m, []message{msg("topic0", "hello-0")}) {
		t.Errorf("joined %q", m)
	}
}

// A message of 3000 bytes takes three packets of libzmq, and the last one says that
// the next message begins where it ends.
func TestOffsetAtEnd(t *testing.T) {
	big, next := msg(strings.Repeat("x", 3000)), msg("next")
	all := payloads(1428, big)
	if len(all) != 3 {
		t.Fatalf("%d payloads", len(all))
	}
	for i, want := range []uint16{0, noStart, noStart} {
		if got := binary.BigEndian.Uint16(all[i]); got != want {
			t.Errorf("payload %d says %#x, want %#x", i, got, want)
		}
	}
	binary.BigEndian.PutUint16(all[2], uint16(len(all[2])-offsetSize))
	all = append(all, payloads(1428, next)...)
	if m := join(t, NewJoiner(Limits{}), bytesOf(all)...); !equal(m, []message{big, next}) {
		t.Errorf("from the start: %d messages", len(m))
	}
	if m := join(t, NewJoiner(Limits{}), bytesOf(all)[2:]...); !equal(m, []message{next}) {
		t.Errorf("joined at the end: %d messages", len(m))
	}
}

// bytesOf copies payloads, which a Joiner keeps.
func bytesOf(all [][]byte) (c [][]byte) {
	for _, p := range all {
		c = append(c, bytes.Clone(p))
	}
	return c
}

// traffic is messages of many shapes: empty frames, frames about the length where
// the header changes, frames longer than any payload.
func traffic(r *rand.Rand, n int) (all []message) {
	for range n {
		m := message{}
		for range 1 + r.IntN(4) {
			size := []int{0, 1, r.IntN(20), 252 + r.IntN(5), r.IntN(400)}[r.IntN(5)]
			f := make([]byte, size)
			for i := range f {
				f[i] = byte(r.IntN(256))
			}
			m = append(m, f)
		}
		all = append(all, m)
	}
	return all
}

// Whatever the size of the payloads, what comes out is what went in; whoever joins
// late gets whole messages from the first one on that begins where it came.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for size := 3; size < 300; size += 1 + r.IntN(20) {
		want := traffic(r, 60)
		all := payloads(size, want...)
		for i, p := range all {
			if len(p) > size || len(p) < size && i < len(all)-1 {
				t.Fatalf("payload %d of %d has %d bytes of %d", i, len(all), len(p), size)
			}
		}
		if got := join(t, NewJoiner(Limits{}), bytesOf(all)...); !equal(got, want) {
			t.Fatalf("size %d: messages differ", size)
		}
		late := r.IntN(len(all))
		got := join(t, NewJoiner(Limits{}), bytesOf(all)[late:]...)
		if len(got) > len(want) || !equal(got, want[len(want)-len(got):]) {
			t.Fatalf("size %d from payload %d: messages differ", size, late)
		}
		if first := startsFrom(all, late); len(got) != len(want)-first {
			t.Fatalf("size %d from payload %d: %d messages, want %d", size, late, len(got), len(want)-first)
		}
	}
}

// startsFrom counts the messages that begin in front of the first place where one
// may join from a payload on.
func startsFrom(all [][]byte, late int) int {
	for ; late < len(all) && binary.BigEndian.Uint16(all[late]) == noStart; late++ {
	}
	if late == len(all) {
		j := NewJoiner(Limits{})
		n := 0
		for _, p := range bytesOf(all) {
			m, _ := j.Append(nil, p)
			n += len(m)
		}
		return n
	}
	// What is complete before the message that begins there.
	at := int(binary.BigEndian.Uint16(all[late]))
	j, n := NewJoiner(Limits{}), 0
	for _, p := range append(bytesOf(all[:late]), bytes.Clone(all[late][:offsetSize+at])) {
		m, _ := j.Append(nil, p)
		n += len(m)
	}
	return n
}

// After a loss no part of a message that was cut is taken for a message.
func TestLost(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		want := traffic(r, 40)
		all := payloads(5+r.IntN(200), want...)
		gone := r.IntN(len(all))
		j := NewJoiner(Limits{})
		got := join(t, j, bytesOf(all[:gone])...)
		if j.Lost() != (gone > 0) {
			t.Fatal("Lost does not know whether there was anything to lose")
		}
		rest := join(t, j, bytesOf(all[gone+1:])...)
		if !equal(got, want[:len(got)]) || !equal(rest, want[len(want)-len(rest):]) {
			t.Fatal("messages about a loss differ")
		}
	}
}

func TestMalformed(t *testing.T) {
	for _, c := range []struct {
		name    string
		limits  Limits
		payload string
		want    error
	}{
		{"no offset", Limits{}, "\x00", ErrMalformed},
		{"nothing", Limits{}, "", ErrMalformed},
		{"offset beyond the end", Limits{}, "\x00\x03\x02\x00", ErrMalformed},
		{"offset at the end", Limits{}, "\x00\x02\x02\x00", nil},
		{"frame of no length", Limits{}, "\x00\x00\x00\x00", ErrMalformed},
		{"unknown flags", Limits{}, "\x00\x00\x02\x02x", ErrMalformed},
		{"longest length", Limits{}, "\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", nil},
		{"longest length with a limit", Limits{Size: 1 << 20}, "\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", ErrTooLarge},
		{"at the size limit", Limits{Size: 3}, "\x00\x00\x02\x01a\x03\x00bc", nil},
		{"over the size limit", Limits{Size: 3}, "\x00\x00\x02\x01a\x04\x00", ErrTooLarge},
		{"at the parts limit", Limits{Parts: 2}, "\x00\x00\x02\x01a\x03\x00bc", nil},
		{"over the parts limit", Limits{Parts: 1}, "\x00\x00\x02\x01a\x03\x00", ErrTooLarge},
	} {
		j := NewJoiner(c.limits)
		_, err := j.Append(nil, []byte(c.payload))
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if err != nil && j.joined {
			t.Errorf("%s: still joined", c.name)
		}
		// In any case it finds its place again once it is told to look for it.
		j.Lost()
		if m := join(t, j, payloads(100, msg("a"))...); !equal(m, []message{msg("a")}) {
			t.Errorf("%s: joined %q afterwards", c.name, m)
		}
	}
}

// Memory is for what has come, whatever else is announced.
func TestMemory(t *testing.T) {
	j := NewJoiner(Limits{})
	head := "\x00\x00\xff\x00\x00\x00\xff\xff\xff\xff\xff\x00"
	if _, err := j.Append(nil, []byte(head)); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := j.Append(nil, append([]byte{0xff, 0xff}, make([]byte, 1000)...)); err != nil {
			t.Fatal(err)
		}
	}
	if c := cap(j.buf); c > 300_000 {
		t.Errorf("%d bytes for 100,000", c)
	}
}

// A receiver may append to a frame without harm to its neighbour.
func TestFramesAreApart(t *testing.T) {
	m := join(t, NewJoiner(Limits{}), payloads(100, msg("a", "b"), msg("c"))...)
	for _, f := range m[0] {
		_ = append(f, "zzzz"...)
	}
	if !equal(m, []message{msg("a", "b"), msg("c")}) {
		t.Errorf("got %q", m)
	}
}

// A payload at a time, as a peer might send them: what is joined is the same as if
// it had come at once.
func FuzzJoiner(f *testing.F) {
	f.Add([]byte("\x07\x01topic0\x08\x00hello-0"), uint8(3))
	f.Add([]byte("\x01\x00\x01\x01\x01\x01\x02\x00x"), uint8(1))
	f.Add([]byte("\xff\x00\x00\x00\x00\x00\x00\x00\x03\x00ab\x02\x00c"), uint8(5))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), uint8(9))
	f.Fuzz(func(t *testing.T, data []byte, step uint8) {
		limits := Limits{Size: 1 << 16, Parts: 16}
		whole, wantErr := NewJoiner(limits).Append(nil, append([]byte{0, 0}, data...))
		j := NewJoiner(limits)
		var got []message
		var err error
		offset := []byte{0, 0}
		for at := 0; at < len(data) && err == nil; at += int(step) + 1 {
			part := data[at:min(len(data), at+int(step)+1)]
			got, err = j.Append(got, append(bytes.Clone(offset), part...))
			offset = []byte{0xff, 0xff}
		}
		if !equal(got, whole) || (err == nil) != (wantErr == nil) {
			t.Fatalf("in one: %q, %v\nin parts: %q, %v", whole, wantErr, got, err)
		}
	})
}

// Any payloads at all are survived.
func FuzzPayloads(f *testing.F) {
	f.Add([]byte("\x00\x00\x02\x00a"), []byte("\xff\xff\x02\x00a"), []byte("\x00\x03\x02\x00a"))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		j := NewJoiner(Limits{Size: 1 << 10, Parts: 4})
		for _, p := range [][]byte{a, b, c} {
			msgs, err := j.Append(nil, p)
			if err != nil && j.joined {
				t.Fatal("joined in spite of an error")
			}
			for _, m := range msgs {
				if len(m) == 0 || len(m) > 4 {
					t.Fatalf("a message of %d frames", len(m))
				}
			}
		}
	})
}
