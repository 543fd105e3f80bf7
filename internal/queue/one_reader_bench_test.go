package queue

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// BenchmarkOneReader is the measure of DESIGN.md, "What is kept": a private queue as it is,
// and as a shared log with one reader, behind the lock that several senders would need.
//
//	batch     100 messages are put, and then one writer takes them: ns a batch
//	turn      a message is put and taken at once: what it adds to a reply's latency
//	owned     as batch, with frames that the queue may keep
//	waiting   a thousand peers have one message each: bytes a peer
func BenchmarkOneReader(b *testing.B) {
	for _, q := range []struct {
		name string
		make func() oneReader
	}{
		{"queue", func() oneReader { return &queued{newCastMember(0)} }},
		{"log", func() oneReader { return newLogged() }},
	} {
		for _, size := range []int{16, 1024, 65536} {
			b.Run(fmt.Sprintf("batch/%d/%s", size, q.name), func(b *testing.B) { takeTurns(b, q.make(), 100, size, false) })
			b.Run(fmt.Sprintf("turn/%d/%s", size, q.name), func(b *testing.B) { takeTurns(b, q.make(), 1, size, false) })
		}
		b.Run("owned/65536/"+q.name, func(b *testing.B) { takeTurns(b, q.make(), 100, 65536, true) })
		b.Run("waiting/64/"+q.name, func(b *testing.B) {
			var peers []oneReader
			var before, after runtime.MemStats
			for b.Loop() {
				peers = nil
				runtime.GC()
				runtime.ReadMemStats(&before)
				for range 1000 {
					p := q.make()
					p.put([][]byte{make([]byte, 64)}, false)
					peers = append(peers, p)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(peers)), "B/peer")
		})
	}
}

type oneReader interface {
	put(frames [][]byte, owned bool)
	take()
}

func takeTurns(b *testing.B, q oneReader, n, size int, owned bool) {
	frames := [][]byte{make([]byte, size)}
	b.ReportAllocs()
	for b.Loop() {
		for range n {
			q.put(frames, owned)
		}
		q.take()
	}
}

// queued is a private queue.
type queued struct{ *castMember }

func (q *queued) put(frames [][]byte, owned bool) {
	if owned {
		q.p.Put(nil, frames, false)
		return
	}
	q.p.PutCopy(frames)
}

func (q *queued) take() {
	for more := true; more; {
		more, _ = q.p.Out.Take(&q.out)
	}
}

// logged is a shared log with one reader.
type logged struct {
	mu sync.Mutex
	c  SharedLog
	queued
	woken bool
}

func newLogged() *logged {
	q := &logged{queued: queued{newCastMember(0)}}
	q.c.Join(q.p)
	return q
}

func (q *logged) put(frames [][]byte, _ bool) {
	q.mu.Lock()
	if q.c.Room() == OK {
		q.c.Put(frames)
	}
	if q.c.Wakes() {
		q.c.Wake(func(*Pipe) { q.woken = true })
	}
	q.mu.Unlock()
}
