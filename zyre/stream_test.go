package zyre

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/go-zactor/zactor/msg"
)

// What does not fit is dropped, messages first, and a note stands in its place.
func TestStreamOverflow(t *testing.T) {
	var lost atomic.Uint64
	s := newStream(2, &lost)
	say := func(kind EventKind) { s.push(Event{Kind: kind}) }
	for range 5 {
		say(Whisper)
	}
	say(Join)
	say(Shout)
	say(Exit)
	say(Exit)
	say(Join)
	var got []EventKind
	var missing uint64
	for {
		e, ok, _ := s.pop()
		if !ok {
			break
		}
		got = append(got, e.Kind)
		missing += e.Missing
	}
	if want := []EventKind{Whisper, Whisper, Lost, Join, Lost}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if missing != 7 || lost.Load() != 7 {
		t.Errorf("%d and %d lost, want 7", missing, lost.Load())
	}
	say(Whisper)
	if e, ok, _ := s.pop(); !ok || e.Kind != Whisper {
		t.Error("a drained stream takes nothing")
	}
}

func TestStreamIsBoundedInBytes(t *testing.T) {
	var lost atomic.Uint64
	s := newStream(1000, &lost)
	big := make([]byte, 10<<20)
	for range 20 {
		s.push(Event{Kind: Whisper, Msg: msg.New(big)})
	}
	if s.bytes > maxQueueBytes || lost.Load() != 14 {
		t.Errorf("%d bytes wait, %d lost", s.bytes, lost.Load())
	}
	for range 7 {
		s.pop()
	}
	if s.bytes != 0 || len(s.queue) != 0 {
		t.Errorf("%d bytes, %d events left", s.bytes, len(s.queue))
	}
}

// An application that reads nothing holds nobody up: the node lives, answers, and
// counts what it had to drop; the roster is right when it looks.
func TestSleepyApplication(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), background(t)
	a, b := made(t, port, "asleep", WithQueue(10)), begun(t, port, "busy")
	ea := listen(t, a)
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	meet(t, a, b)
	for range 5000 {
		if err := b.Whisper(ctx, a.ID(), msg.NewString("x")); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all is counted", func() bool { return a.Stats().EventsLost > 4900 })
	if err := errors.Join(b.Join("g"), a.Join("h")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the roster is right", func() bool { return len(a.Members("g")) == 1 && len(b.Members("h")) == 1 })
	whispers, missing := 0, uint64(0)
	for whispers+int(missing) < 5000 {
		switch e := ea.expect(Whisper, Lost, Exit); e.Kind {
		case Whisper:
			whispers++
		case Lost:
			missing += e.Missing
		default:
			t.Fatal("the busy one exited")
		}
	}
	if missing != a.Stats().EventsLost {
		t.Errorf("the notes say %d, the counter %d", missing, a.Stats().EventsLost)
	}
}

// A stream begins with those who are there, and each has its own.
func TestLateStream(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), background(t)
	a, b := begun(t, port, "a"), begun(t, port, "b")
	meet(t, a, b)
	if err := b.Join("g"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the group is known", func() bool { return len(a.Members("g")) == 1 })
	first, second := listen(t, a), listen(t, a)
	first.order(Enter, Join)
	second.order(Enter, Join)
	events := a.Events(ctx)
	for range 2 {
		for e := range events {
			if e.Kind != Enter || e.Peer != b.ID() {
				t.Errorf("first came %+v", e)
			}
			break
		}
	}
	if err := b.Whisper(ctx, a.ID(), msg.NewString("x")); err != nil {
		t.Fatal(err)
	}
	m1, m2 := first.expect(Whisper), second.expect(Whisper)
	m1.Msg.Frames[0][0] = 'y'
	if m2.Msg.Frames[0][0] != 'x' {
		t.Error("two streams share a frame")
	}
	eventually(t, "streams that were left are gone", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.streams) == 2
	})
}

func TestStreamEndsWithContext(t *testing.T) {
	t.Parallel()
	n := begun(t, network(t), "n")
	ctx, cancel := context.WithCancel(context.Background())
	events := n.Events(ctx)
	unread := n.Events(ctx)
	_ = unread
	cancel()
	for range events {
		t.Error("an event")
	}
	eventually(t, "the unread one is gone", func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return len(n.streams) == 0
	})
}
