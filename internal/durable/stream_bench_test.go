package durable

import (
	"testing"
	"time"
)

// BenchmarkStream is a message of a stream in memory: it is kept, sent, and given up, by
// what its subscriber says or by the bounds.
func BenchmarkStream(b *testing.B) {
	enc := make([]byte, 64)
	bounds := Bounds{Msgs: 1000, Bytes: 1 << 20, Away: time.Hour}
	b.Run("taken", func(b *testing.B) {
		s := New(bounds)
		s.Resume(0, 0)
		b.ReportAllocs()
		for n := uint64(1); b.Loop(); n++ {
			s.Append(enc)
			if _, ok := s.Next(); !ok {
				b.Fatal("nothing to send")
			}
			s.Sent()
			if n%100 == 0 {
				s.Taken(n)
			}
		}
	})
	b.Run("away", func(b *testing.B) {
		s := New(bounds)
		b.ReportAllocs()
		for b.Loop() {
			s.Append(enc)
		}
	})
	b.Run("back", func(b *testing.B) { // 1000 messages of which all are kept, and then sent
		s, sent := New(bounds), uint64(0)
		b.ReportAllocs()
		for b.Loop() {
			for range 1000 {
				s.Append(enc)
			}
			s.Resume(0, 0)
			for range 1000 {
				s.Next()
				s.Sent()
			}
			sent += 1000
			s.Taken(sent)
			s.Leave()
		}
	})
}
