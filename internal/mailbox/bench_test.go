package mailbox_test

import (
	"context"
	"testing"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
)

// The floors stand beside the benchmarks, since only ratios from one run mean
// anything on a shared machine.

func BenchmarkOneWay(b *testing.B) {
	m := msg.NewString("x")
	b.Run("pair", func(b *testing.B) { pairOneWay(b, context.Background(), m) })
	b.Run("pair-cancellable", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		pairOneWay(b, ctx, m)
	})
	b.Run("chan-1000", func(b *testing.B) {
		b.ReportAllocs()
		c, done := make(chan msg.Msg, 1000), make(chan struct{})
		go func() {
			defer close(done)
			for range b.N {
				<-c
			}
		}()
		for range b.N {
			c <- m
		}
		<-done
	})
}

func pairOneWay(b *testing.B, ctx context.Context, m msg.Msg) {
	b.ReportAllocs()
	x, y := mailbox.New(1000, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range b.N {
			if _, err := y.Recv(ctx); err != nil {
				b.Error(err)
			}
		}
	}()
	for range b.N {
		if err := x.Send(ctx, m); err != nil {
			b.Fatal(err)
		}
	}
	<-done
}

func BenchmarkPingPong(b *testing.B) {
	m := msg.NewString("x")
	b.Run("pair", func(b *testing.B) { pairPingPong(b, context.Background(), m) })
	b.Run("pair-cancellable", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		pairPingPong(b, ctx, m)
	})
	b.Run("chan-0", func(b *testing.B) { chanPingPong(b, 0, m) })
	b.Run("chan-1000", func(b *testing.B) { chanPingPong(b, 1000, m) })
}

func pairPingPong(b *testing.B, ctx context.Context, m msg.Msg) {
	b.ReportAllocs()
	x, y := mailbox.New(0, 0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range b.N {
			v, _ := y.Recv(ctx)
			_ = y.Send(ctx, v)
		}
	}()
	for range b.N {
		_ = x.Send(ctx, m)
		if _, err := x.Recv(ctx); err != nil {
			b.Fatal(err)
		}
	}
	<-done
}

func chanPingPong(b *testing.B, room int, m msg.Msg) {
	b.ReportAllocs()
	there, back := make(chan msg.Msg, room), make(chan msg.Msg, room)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range b.N {
			back <- <-there
		}
	}()
	for range b.N {
		there <- m
		<-back
	}
	<-done
}
