package zmq

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/msg"
)

var transports = []string{"inproc://bench", "ipc://*", "tcp://127.0.0.1:*"}

func linked(b testing.TB, from, to Type, endpoint string) (*Socket, *Socket) {
	b.Helper()
	ctx := NewContext(context.Background())
	r, err := New(ctx, to)
	if err != nil {
		b.Fatal(err)
	}
	bound, err := r.Bind(endpoint)
	if err != nil {
		b.Fatal(err)
	}
	s, err := New(ctx, from, WithLinger(0))
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Connect(bound); err != nil {
		b.Fatal(err)
	}
	if err := s.WaitConnected(ctx, 1); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close(); r.Close() })
	return s, r
}

func BenchmarkPushPull(b *testing.B) {
	for _, ep := range transports {
		for _, size := range []int{16, 64, 1024, 8192, 65536} {
			b.Run(fmt.Sprintf("%s/%d", ep[:3], size), func(b *testing.B) {
				push, pull := linked(b, Push, Pull, ep)
				ctx := context.Background()
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.ResetTimer()
				go func() {
					buf := make([]byte, size)
					for range b.N {
						if err := push.SendBytes(ctx, buf); err != nil {
							return
						}
					}
				}()
				for range b.N {
					m, err := pull.Recv(ctx)
					if err != nil {
						b.Fatal(err)
					}
					m.Release()
				}
			})
		}
	}
}

// BenchmarkPushPullPlain is how the first program of any user does it: a new frame
// for each message, and nothing is released.
func BenchmarkPushPullPlain(b *testing.B) {
	for _, ep := range transports {
		for _, size := range []int{1, 64, 1024, 8192, 65536, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%d", ep[:3], size), func(b *testing.B) {
				push, pull := linked(b, Push, Pull, ep)
				ctx := context.Background()
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.ResetTimer()
				go func() {
					for range b.N {
						if err := push.Send(ctx, msg.New(make([]byte, size))); err != nil {
							return
						}
					}
				}()
				for range b.N {
					if _, err := pull.Recv(ctx); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkBatch is the same with the batch calls, and pooled frames.
func BenchmarkBatch(b *testing.B) {
	for _, ep := range transports {
		for _, size := range []int{1, 64, 1024, 65536} {
			b.Run(fmt.Sprintf("%s/%d", ep[:3], size), func(b *testing.B) {
				push, pull := linked(b, Push, Pull, ep)
				ctx := context.Background()
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.ResetTimer()
				go func() {
					batch := make([]msg.Msg, 64)
					for n := b.N; n > 0; n -= len(batch) {
						batch = batch[:min(n, len(batch))]
						for i := range batch {
							batch[i] = msg.New(msg.Alloc(size))
						}
						if _, err := push.SendBatch(ctx, batch); err != nil {
							return
						}
					}
				}()
				batch := make([]msg.Msg, 64)
				for n := b.N; n > 0; {
					k, err := pull.RecvBatch(ctx, batch[:min(n, len(batch))])
					if err != nil {
						b.Fatal(err)
					}
					for i := range k {
						batch[i].Release()
					}
					n -= k
				}
			})
		}
	}
}

func BenchmarkReqRep(b *testing.B) {
	for _, ep := range transports {
		b.Run(ep[:3], func(b *testing.B) {
			req, rep := linked(b, Req, Rep, ep)
			ctx := context.Background()
			b.ReportAllocs()
			go func() {
				for {
					m, err := rep.Recv(ctx)
					if err != nil {
						return
					}
					if rep.Send(ctx, m) != nil {
						return
					}
				}
			}()
			one := []byte{1}
			for range b.N {
				if err := req.SendBytes(ctx, one); err != nil {
					b.Fatal(err)
				}
				m, err := req.Recv(ctx)
				if err != nil {
					b.Fatal(err)
				}
				m.Release()
			}
		})
	}
}

var _ = msg.New
