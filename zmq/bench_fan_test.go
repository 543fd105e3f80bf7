package zmq

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/cert"
)

// benchFan is a publisher that loses nothing, with n subscribers whose messages are
// taken and released.
func benchFan(b *testing.B, n int, topic string) *Socket {
	b.Helper()
	ctx := NewContext(context.Background())
	pub, err := New(ctx, XPub, WithXPubNoDrop(true), WithLinger(0))
	if err != nil {
		b.Fatal(err)
	}
	bound, err := pub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { pub.Close() })
	for range n {
		sub, err := New(ctx, Sub)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { sub.Close() })
		if err := sub.Subscribe(topic); err != nil {
			b.Fatal(err)
		}
		if err := sub.Connect(bound); err != nil {
			b.Fatal(err)
		}
		go func() {
			for m, err := range sub.Messages(context.Background()) {
				if err != nil {
					return
				}
				m.Release()
			}
		}()
	}
	if err := pub.WaitSubscribers(ctx, topic, n); err != nil {
		b.Fatal(err)
	}
	return pub
}

// BenchmarkFanOut publishes to subscribers that all want everything; an operation
// is a message, not a delivery.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		for _, size := range []int{64, 1024, 65536} {
			b.Run(fmt.Sprintf("%d/%d", n, size), func(b *testing.B) {
				pub := benchFan(b, n, "")
				frame := make([]byte, size)
				b.SetBytes(int64(size * n))
				b.ReportAllocs()
				for b.Loop() {
					if err := pub.SendBytes(context.Background(), frame); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkFanOutApart publishes by turns to different subscribers, so that nobody
// ever reads together.
func BenchmarkFanOutApart(b *testing.B) {
	pub := benchFan(b, 10, "")
	ctx := context.Background()
	other, err := New(pub.Context(), Sub)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { other.Close() })
	_ = other.Subscribe("x")
	endpoint, _ := pub.Option("LAST_ENDPOINT")
	_ = other.Connect(endpoint.(string))
	if err := pub.WaitSubscribers(ctx, "x", 11); err != nil {
		b.Fatal(err)
	}
	go func() {
		for m, err := range other.Messages(ctx) {
			if err != nil {
				return
			}
			m.Release()
		}
	}()
	frames := [][]byte{make([]byte, 64), append([]byte("x"), make([]byte, 63)...)}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := pub.SendBytes(ctx, frames[i&1]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPublishToNobody publishes what nobody has subscribed to.
func BenchmarkPublishToNobody(b *testing.B) {
	for _, n := range []int{1, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			from := benchFan(b, 1, "wanted")
			pr := &peer{}
			for i := range n {
				from.tx.(*xpub).index.Add(fmt.Appendf(nil, "topic.%08x", i), &pr.sub)
			}
			frame := []byte("something else that nobody wants")
			b.ReportAllocs()
			for b.Loop() {
				if err := from.SendBytes(context.Background(), frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFanIn receives from n senders.
func BenchmarkFanIn(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ctx := NewContext(context.Background())
			pull, err := New(ctx, Pull)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { pull.Close() })
			bound, err := pull.Bind("tcp://127.0.0.1:*")
			if err != nil {
				b.Fatal(err)
			}
			for range n {
				push, err := New(ctx, Push, WithLinger(0))
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { push.Close() })
				if err := push.Connect(bound); err != nil {
					b.Fatal(err)
				}
				go func() {
					frame := make([]byte, 64)
					for push.SendBytes(ctx, frame) == nil {
					}
				}()
			}
			b.ReportAllocs()
			for b.Loop() {
				m, err := pull.Recv(ctx)
				if err != nil {
					b.Fatal(err)
				}
				m.Release()
			}
		})
	}
}

// BenchmarkCurve sends sealed messages one way.
func BenchmarkCurve(b *testing.B) {
	server, err := cert.New()
	if err != nil {
		b.Fatal(err)
	}
	client, err := cert.New()
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{64, 1024, 8192, 65536} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			ctx := NewContext(context.Background())
			pull, err := New(ctx, Pull, WithCurveServer(server), WithAllowAnyKey(true))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { pull.Close() })
			bound, err := pull.Bind("tcp://127.0.0.1:*")
			if err != nil {
				b.Fatal(err)
			}
			push, err := New(ctx, Push, WithLinger(0), WithCurveClient(client, server.Public()))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { push.Close() })
			if err := push.Connect(bound); err != nil {
				b.Fatal(err)
			}
			go func() {
				frame := make([]byte, size)
				for push.SendBytes(ctx, frame) == nil {
				}
			}()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				m, err := pull.Recv(ctx)
				if err != nil {
					b.Fatal(err)
				}
				m.Release()
			}
		})
	}
}
