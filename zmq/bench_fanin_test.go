package zmq

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// benchFanIn is a PULL with n peers that send as fast as they can until it ends.
func benchFanIn(b *testing.B, n, size int, endpoint string) *Socket {
	b.Helper()
	pull, err := New(NewContext(context.Background()), Pull)
	if err != nil {
		b.Fatal(err)
	}
	bound, err := pull.Bind(endpoint)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var senders sync.WaitGroup
	b.Cleanup(func() { stop(); senders.Wait(); pull.Close() })
	for range n {
		push, err := New(NewContext(context.Background()), Push, WithLinger(0))
		if err != nil {
			b.Fatal(err)
		}
		senders.Go(func() {
			defer push.Close()
			buf := make([]byte, size)
			for err := push.Connect(bound); err == nil; {
				err = push.SendBytes(ctx, buf)
			}
		})
	}
	if err := pull.WaitConnected(ctx, n); err != nil {
		b.Fatal(err)
	}
	return pull
}

// BenchmarkFanIn receives from peers all of whom always have something.
func BenchmarkFanIn(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		for _, size := range []int{64, 1024} {
			b.Run(fmt.Sprintf("%d/%d", n, size), func(b *testing.B) {
				pull := benchFanIn(b, n, size, "tcp://127.0.0.1:*")
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					m, err := pull.Recv(context.Background())
					if err != nil {
						b.Fatal(err)
					}
					m.Release()
				}
				b.StopTimer()
			})
		}
	}
}
