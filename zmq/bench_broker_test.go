package zmq

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkBroker is a ROUTER that n DEALERs keep busy: one that receives only, and one that
// answers each message.
func BenchmarkBroker(b *testing.B) {
	for _, answers := range []bool{false, true} {
		for _, n := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("answers=%v/%d", answers, n), func(b *testing.B) { benchBroker(b, n, answers) })
		}
	}
}

func benchBroker(b *testing.B, n int, answers bool) {
	ctx := NewContext(context.Background())
	router, err := New(ctx, Router)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { router.Close() })
	bound, err := router.Bind("tcp://127.0.0.1:*")
	if err != nil {
		b.Fatal(err)
	}
	for range n {
		dealer, err := New(ctx, Dealer, WithLinger(0))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { dealer.Close() })
		if err := dealer.Connect(bound); err != nil {
			b.Fatal(err)
		}
		go func() {
			frame := make([]byte, 64)
			for dealer.SendBytes(ctx, frame) == nil {
			}
		}()
		go func() {
			for m, err := range dealer.Messages(ctx) {
				if err != nil {
					return
				}
				m.Release()
			}
		}()
	}
	b.ReportAllocs()
	for b.Loop() {
		m, err := router.Recv(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if !answers {
			m.Release()
			continue
		}
		if err := router.Send(ctx, m); err != nil {
			b.Fatal(err)
		}
	}
}
