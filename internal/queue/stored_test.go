package queue

import (
	"bytes"
	"testing"
)

// What Decode takes is one whole message, and encoding it gives the same bytes, but
// for lengths that were written longer than need be.
func FuzzDecode(f *testing.F) {
	whole := appendMessage(nil, nil, [][]byte{[]byte("a"), nil, bytes.Repeat([]byte("x"), 300)})
	f.Add(whole)
	for n := range 20 {
		f.Add(whole[:n])
	}
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x'})
	f.Fuzz(func(t *testing.T, p []byte) {
		frames, ok := Decode(p)
		if !ok {
			return
		}
		again, ok := Decode(appendMessage(nil, nil, frames))
		if !ok || len(again) != len(frames) {
			t.Fatalf("%x came back as %x", frames, again)
		}
		for i := range frames {
			if !bytes.Equal(frames[i], again[i]) {
				t.Fatalf("frame %d: %x came back as %x", i, frames[i], again[i])
			}
		}
	})
}

// Every part of a message is refused.
func TestDecodeTruncated(t *testing.T) {
	whole := appendMessage(nil, nil, [][]byte{[]byte("a"), nil, bytes.Repeat([]byte("x"), 300)})
	for n := range len(whole) {
		if _, ok := Decode(whole[:n]); ok {
			t.Errorf("the first %d bytes were taken for a message", n)
		}
	}
	if frames, ok := Decode(whole); !ok || len(frames) != 3 || len(frames[2]) != 300 {
		t.Errorf("%d frames, %v", len(frames), ok)
	}
}
