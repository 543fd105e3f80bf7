package pgm

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/queue"
)

// One message of 100 bytes from pipe to pipe, over the loopback interface.
func BenchmarkMessage(b *testing.B) {
	cfg := Config{
		Endpoint: parse(b, "epgm://127.0.0.1;239.194.77.77:23977"),
		Rate:     4_000_000, Recovery: time.Second, Hops: 1, Loop: true, TPDU: 1500,
	}
	s := newSocket(0)
	r, err := Receive(cfg, s)
	if err != nil {
		b.Skip(err)
	}
	defer r.Close(b.Context())
	out := newSocket(0)
	p := queue.New(out, queue.Limits{})
	out.own = p
	snd, err := Send(cfg, out)
	if err != nil {
		b.Fatal(err)
	}
	defer snd.Close(b.Context())
	s.until(b, "a source", func() bool { return s.live == 1 })
	body := make([]byte, 100)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for sent, got := 0, 0; b.Loop(); got++ {
		if sent < got+1000 { // in bursts, as load comes
			for ; sent < got+3000; sent++ {
				put(p, body)
			}
		}
		s.take(b)
	}
}
