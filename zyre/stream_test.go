package zyre

import (
	"context"
	"errors"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
)

// What has come before anybody asks waits for the first who does: changes of the roster
// all, messages as far as there is room.
func TestFirstReader(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), ztest.Within(t)
	a, b := begun(t, port, "a"), begun(t, port, "b", WithGroups("g"))
	meet(t, a, b)
	large := msg.NewString(string(make([]byte, maxEarlyBytes/2)))
	for range 5 {
		if err := b.Whisper(ctx, a.ID(), large.Clone()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Join("h"); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "all has come", func() bool { return len(a.Members("h")) == 1 })
	ea := listen(t, a)
	ea.order(Enter, Join, Whisper, Whisper, Join)
	if e := ea.expect(Lost, Whisper); e.Kind != Lost || e.Missing != 3 || a.Stats().EventsLost != 3 {
		t.Errorf("%v of %d, %d are counted", e.Kind, e.Missing, a.Stats().EventsLost)
	}
	listen(t, a).order(Enter, Join, Join) // the next one gets what is
}

// An application that reads nothing holds nobody up: the node lives, answers, and
// counts what it had to drop; the roster is right when it looks.
func TestSleepyApplication(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), ztest.Within(t)
	a, b := begun(t, port, "asleep", WithQueue(10)), begun(t, port, "busy")
	ea := listen(t, a)
	meet(t, a, b)
	for range 5000 {
		if err := b.Whisper(ctx, a.ID(), msg.NewString("x")); err != nil {
			t.Fatal(err)
		}
	}
	ztest.Eventually(t, "all is counted", func() bool { return a.Stats().EventsLost > 4900 })
	if err := errors.Join(b.Join("g"), a.Join("h")); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "the roster is right", func() bool { return len(a.Members("g")) == 1 && len(b.Members("h")) == 1 })
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
	port, ctx := network(t), ztest.Within(t)
	a, b := begun(t, port, "a"), begun(t, port, "b")
	meet(t, a, b)
	if err := b.Join("g"); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "the group is known", func() bool { return len(a.Members("g")) == 1 })
	first, second := listen(t, a), listen(t, a)
	first.order(Enter, Join)
	second.order(Enter, Join)
	events := a.Events(ctx)
	for _, want := range []EventKind{Enter, Join} { // leaving the loop loses nothing
		for e := range events {
			if e.Kind != want || e.Peer != b.ID() {
				t.Errorf("%+v came, want %v", e, want)
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
}

func TestStreamEndsWithContext(t *testing.T) {
	t.Parallel()
	n := begun(t, network(t), "n")
	ctx, cancel := context.WithCancel(context.Background())
	events := n.Events(ctx)
	unread := n.Events(ctx)
	cancel()
	for range events {
		t.Error("an event")
	}
	for range unread {
		t.Error("an event, later")
	}
}
