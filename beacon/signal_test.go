package beacon

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
)

func numbered(n int) Signal { return Signal{Data: fmt.Append(nil, n)} }

// quiet is a Beacon without sockets, for what lies between handle and a reader.
func quiet(queue int) *Beacon {
	return &Beacon{config: defaults(), signals: newSignals(queue)}
}

func texts(seq iter.Seq[Signal], n int) (list []string) {
	for s := range seq {
		text := string(s.Data)
		if s.Missing > 0 {
			text = fmt.Sprint("missing ", s.Missing)
		}
		if list = append(list, text); len(list) == n {
			break
		}
	}
	return list
}

// A slow reader has the newest signals, and knows how many it has missed; the first
// signal is that after the call.
func TestSlowReader(t *testing.T) {
	b := quiet(3)
	b.deliver(numbered(0))
	seq := b.Events(t.Context())
	for i := 1; i <= 5; i++ {
		b.deliver(numbered(i))
	}
	if got := texts(seq, 2); !slices.Equal(got, []string{"missing 2", "3"}) {
		t.Errorf("read %v, want the newest three from the oldest on", got)
	}
	b.signals.Close()
	if got := texts(seq, 9); !slices.Equal(got, []string{"4", "5"}) {
		t.Errorf("then read %v", got)
	}
	if n := b.Stats().Dropped.Overflow; n != 2 {
		t.Errorf("%d counted, want 2", n)
	}
}

// What a reader gets is neither the buffer that is read into nor another reader's.
func TestSignalsAreOwned(t *testing.T) {
	b := quiet(8)
	one, two := b.Events(t.Context()), b.Events(t.Context())
	buffer := []byte("a")
	b.deliver(Signal{Data: buffer})
	buffer[0] = 'b'
	for s := range one {
		s.Data[0] = 'c'
		break
	}
	if got := texts(two, 1); got[0] != "a" {
		t.Errorf("read %q", got[0])
	}
}

func BenchmarkDeliver(b *testing.B) {
	beacon := quiet(DefaultQueue)
	beacon.Events(context.Background())
	s := Signal{Data: make([]byte, zreSize1)}
	b.ReportAllocs()
	for b.Loop() {
		beacon.deliver(s)
	}
}
