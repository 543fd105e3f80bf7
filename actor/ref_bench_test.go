package actor_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// Typed actors beside those of bench_test.go: cd bench/actors cd bench && go run ./actors comparescd bench && go run ./actors compares go run . compares
// them with channels, other libraries, and what they were.

func BenchmarkTyped(b *testing.B) {
	type q struct{ actor.Answer[int] }
	ctx := context.Background()
	b.Run("one way", func(b *testing.B) {
		b.ReportAllocs()
		done, n := make(chan bool), 0
		a, _ := actor.New(ctx, handler(func(*actor.Context[any], any) error {
			if n++; n == b.N {
				close(done)
			}
			return nil
		}))
		defer a.Close()
		for range b.N {
			_ = a.Tell(ctx, nil)
		}
		<-done
	})
	b.Run("one way, 8 senders", func(b *testing.B) {
		b.ReportAllocs()
		done, n := make(chan bool), 0
		a, _ := actor.New(ctx, handler(func(*actor.Context[any], any) error {
			if n++; n == b.N/8*8 {
				close(done)
			}
			return nil
		}))
		defer a.Close()
		if b.N < 8 {
			return
		}
		for range 8 {
			go func() {
				for range b.N / 8 {
					_ = a.Tell(ctx, nil)
				}
			}()
		}
		<-done
	})
	b.Run("ask", func(b *testing.B) {
		b.ReportAllocs()
		a, _ := actor.New(ctx, handler(func(_ *actor.Context[*q], m *q) error { return m.Reply(1) }))
		defer a.Close()
		for b.Loop() {
			if _, err := actor.Ask(ctx, a, &q{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ping-pong", func(b *testing.B) {
		b.ReportAllocs()
		done, n := make(chan bool), 0
		var one, two *actor.Ref[int]
		one, _ = actor.New(ctx, handler(func(c *actor.Context[int], m int) error {
			if n++; n == b.N {
				close(done)
				return nil
			}
			return two.Tell(c, m)
		}))
		two, _ = actor.New(ctx, handler(func(c *actor.Context[int], m int) error { return one.Tell(c, m) }))
		defer one.Close()
		defer two.Close()
		_ = one.Tell(ctx, 1)
		<-done
	})
	b.Run("spawn and close", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a, _ := actor.New(ctx, account)
			_ = a.Close()
		}
	})
	b.Run("spawn", func(b *testing.B) {
		b.ReportAllocs()
		all := make([]*actor.Ref[accountMsg], 0, b.N)
		for range b.N {
			a, _ := actor.New(ctx, account)
			all = append(all, a)
		}
		b.StopTimer()
		for _, a := range all {
			_ = a.Close()
		}
	})
	b.Run("restart", func(b *testing.B) {
		b.ReportAllocs()
		sup := supervisor(actor.OneForOne, actor.WithIntensity(1<<30, time.Nanosecond), actor.WithBackoff(1, 1))
		go sup.Run(ctx)
		defer sup.Close()
		a, _ := actor.Supervise(sup, "a", account, actor.Permanent)
		for b.Loop() {
			_ = a.Tell(ctx, fail{})
			_, _ = actor.Ask(ctx, a, &withdraw{})
		}
	})
	b.Run("idle", func(b *testing.B) {
		const n = 100_000
		for b.Loop() {
			before := inUse()
			all := make([]*actor.Ref[accountMsg], n)
			for i := range all {
				all[i], _ = actor.New(ctx, account)
			}
			b.ReportMetric(float64(inUse()-before)/n, "B/actor")
			for _, a := range all {
				_ = a.Close()
			}
		}
	})
}
