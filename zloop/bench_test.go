package zloop_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
)

// BenchmarkReader is one message from a busy source, with idle ones beside it.
func BenchmarkReader(b *testing.B) {
	for _, idle := range []int{0, 100, 1000} {
		b.Run(map[int]string{0: "alone", 100: "beside-100", 1000: "beside-1000"}[idle], func(b *testing.B) {
			b.ReportAllocs()
			l := newLoop()
			for range idle {
				quiet, _ := newPair()
				l.Reader(quiet, func(msg.Msg) error { return nil })
			}
			in, out := newPair()
			n := 0
			l.Reader(in, func(msg.Msg) error {
				if n++; n == b.N {
					return zloop.ErrStop
				}
				return nil
			})
			m := msg.NewString("x")
			go func() {
				for range b.N {
					_ = out.Send(context.Background(), m)
				}
			}()
			if err := l.Run(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkTimerReset(b *testing.B) {
	l := newLoop()
	for i := range 10_000 {
		l.After(time.Hour+time.Duration(i), stop)
	}
	t := l.After(time.Hour, stop)
	b.ReportAllocs()
	for b.Loop() {
		t.Reset(2 * time.Hour)
	}
}

func BenchmarkTicketReset(b *testing.B) {
	l := newLoop()
	var t *zloop.Ticket
	for range 10_000 {
		t = l.Ticket(time.Hour, stop)
	}
	b.ReportAllocs()
	for b.Loop() {
		t.Reset()
	}
}
