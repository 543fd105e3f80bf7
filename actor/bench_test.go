package actor_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
)

// The floors stand beside the benchmarks: only ratios from one run mean anything.

func BenchmarkOneWay(b *testing.B) {
	m := msg.NewString("x")
	b.Run("actor", func(b *testing.B) {
		b.ReportAllocs()
		a, err := actor.Spawn(context.Background(), func(ctx context.Context, p *actor.Pipe) error {
			for range b.N {
				if _, err := p.Recv(ctx); err != nil {
					return err
				}
			}
			return nil
		}, actor.WithMailbox(1000))
		if err != nil {
			b.Fatal(err)
		}
		for range b.N {
			if err := a.Send(context.Background(), m); err != nil {
				b.Fatal(err)
			}
		}
		<-a.Done()
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

func BenchmarkPingPong(b *testing.B) {
	m := msg.NewString("x")
	ctx := context.Background()
	spawn := func(b *testing.B, fn actor.Func) *actor.Actor {
		b.ReportAllocs()
		a, err := actor.Spawn(ctx, fn)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = a.Close() })
		return a
	}
	b.Run("actor", func(b *testing.B) {
		a := spawn(b, mirror)
		for b.Loop() {
			_ = a.Send(ctx, m)
			if _, err := a.Recv(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ask", func(b *testing.B) {
		a := spawn(b, echo)
		for b.Loop() {
			if _, err := a.Ask(ctx, m); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("chan-0", func(b *testing.B) {
		b.ReportAllocs()
		there, back := make(chan msg.Msg), make(chan msg.Msg)
		go func() {
			for m := range there {
				back <- m
			}
		}()
		for b.Loop() {
			there <- m
			<-back
		}
		close(there)
	})
}

func BenchmarkSpawnStop(b *testing.B) {
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		a, err := actor.Spawn(ctx, echo)
		if err != nil {
			b.Fatal(err)
		}
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkClose ends actors that wait for a message, which costs no allocation: who waits
// ends in the turn that Close gives it.
func BenchmarkClose(b *testing.B) {
	b.ReportAllocs()
	all := make([]*actor.Actor, b.N)
	for i := range all {
		a, err := actor.Spawn(context.Background(), func(ctx context.Context, p *actor.Pipe) error {
			for _, err := range p.Messages(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		all[i] = a
	}
	b.ResetTimer()
	for _, a := range all {
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdle has 10,000 actors that wait for a message.
func BenchmarkIdle(b *testing.B) {
	const n = 10_000
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, parent := range map[string]context.Context{"actor": context.Background(), "actor-cancellable": ctx} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before := inUse()
				actors := make([]*actor.Actor, n)
				for i := range actors {
					actors[i], _ = actor.Spawn(parent, echo)
				}
				b.ReportMetric(float64(inUse()-before)/n, "B/actor")
				for _, a := range actors {
					_ = a.Close()
				}
			}
		})
	}
	b.Run("goroutine-and-chan", func(b *testing.B) {
		for b.Loop() {
			before := inUse()
			cs := make([]chan msg.Msg, n)
			for i := range cs {
				cs[i] = make(chan msg.Msg)
				go func() { <-cs[i] }()
			}
			b.ReportMetric(float64(inUse()-before)/n, "B/actor")
			for _, c := range cs {
				close(c)
			}
		}
	})
}

// inUse is the memory in use on heap and stacks.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
