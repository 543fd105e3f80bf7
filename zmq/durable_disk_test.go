package zmq

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"
)

// What is kept on disk takes as much room there as the bounds say, however long a
// subscriber lags behind; and it is the last messages that are kept, each as it was.
func TestKeptOnDiskIsBounded(t *testing.T) {
	for _, c := range []struct {
		name        string
		msgs        int
		bytes, disk int64
		atLeast     int
	}{
		{"messages", 100, 0, 0, 100},
		{"bytes", 1 << 20, 100_000, 0, 90},
		{"disk", 1000, 0, 300_000, 150},
		{"a small disk", 1000, 0, 20_000, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := NewPub(context.Background(), WithDurableBounds(c.msgs, c.bytes, 0), WithSwap(t.TempDir(), c.disk))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			var h history
			if err := h.open(s.tx.(*pub), "name", s.opts.get()); err != nil {
				t.Fatal(err)
			}
			defer h.close()
			message := func(n uint64) []byte {
				return append(binary.BigEndian.AppendUint64(nil, n), bytes.Repeat([]byte{byte(n)}, 1000)...)
			}
			const all = 20_000
			most := int64(0)
			for n := uint64(1); n <= all; n++ {
				h.add(message(n))
				most = max(most, h.disk.bytes-h.bytes*4/3)
				if c.disk > 0 && h.disk.bytes > c.disk {
					t.Fatalf("%d bytes on disk, the bound is %d", h.disk.bytes, c.disk)
				}
				if n%5000 == 0 { // the subscriber catches up, in part
					h.dropTo(h.first + uint64(h.len()/2))
				}
			}
			if most > keptAtLeast+2000 {
				t.Errorf("%d bytes more on disk than a third over what was kept", most)
			}
			for n := h.end(); n <= all+uint64(c.atLeast); n++ {
				h.add(message(n))
			}
			if h.len() < c.atLeast || h.end() != all+uint64(c.atLeast)+1 {
				t.Errorf("%d are kept, up to %d", h.len(), h.end())
			}
			for n := h.first; n < h.end(); n++ {
				if got, ok := h.at(n); !ok || !bytes.Equal(got, message(n)) {
					t.Fatalf("message %d came back as %d bytes, %v", n, len(got), ok)
				}
			}
			parts := len(h.disk.parts)
			if parts > 8 {
				t.Errorf("%d files", parts)
			}
			h.dropTo(h.end())
			if h.disk.bytes != 0 || len(h.disk.parts) != 1 {
				t.Errorf("nothing is kept, and %d bytes in %d files are", h.disk.bytes, len(h.disk.parts))
			}
		})
	}
}

// A message that has changed on disk is missed, and not delivered.
func TestKeptOnDiskIsChecked(t *testing.T) {
	k, _, err := openKept(t.TempDir(), 0, Pub)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	note := k.put([]byte("as it was"))
	if got, ok := k.get(note); !ok || string(got) != "as it was" {
		t.Fatalf("%q, %v", got, ok)
	}
	if _, err := k.parts[0].f.WriteAt([]byte("n"), 3); err != nil {
		t.Fatal(err)
	}
	if got, ok := k.get(note); ok {
		t.Errorf("%q was taken for what was put", got)
	}
}
