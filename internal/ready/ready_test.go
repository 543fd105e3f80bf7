package ready_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/ready"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEventsString(t *testing.T) {
	for e, want := range map[ready.Events]string{
		0:                              "none",
		ready.In:                       "in",
		ready.Out:                      "out",
		ready.In | ready.Out:           "in|out",
		ready.Events(1 << 7):           "none",
		ready.Out | ready.Events(1<<6): "out",
	} {
		if got := e.String(); got != want {
			t.Errorf("Events(%d) = %q, want %q", uint8(e), got, want)
		}
	}
}

func TestNotifyReachesEveryWatcherOnce(t *testing.T) {
	var l ready.Watchers
	a, b := make(chan struct{}, 1), make(chan struct{}, 1)
	wa := l.Add(a)
	l.Add(b)
	l.Notify()
	l.Notify() // the slots are full: it must not block
	if len(a) != 1 || len(b) != 1 {
		t.Fatalf("tokens %d and %d, want 1 and 1", len(a), len(b))
	}
	<-a
	<-b
	l.Remove(wa)
	l.Remove(wa)
	l.Notify()
	if len(a) != 0 || len(b) != 1 {
		t.Fatalf("after Remove: tokens %d and %d, want 0 and 1", len(a), len(b))
	}
}

func TestRemoveKeepsTheOthers(t *testing.T) {
	for out := range 3 {
		var l ready.Watchers
		var cs [3]chan struct{}
		var ws [3]*ready.Watcher
		for i := range cs {
			cs[i] = make(chan struct{}, 1)
			ws[i] = l.Add(cs[i])
		}
		l.Remove(ws[out])
		l.Notify()
		for i, c := range cs {
			if want := i != out; (len(c) == 1) != want {
				t.Errorf("without %d: watcher %d has %d tokens", out, i, len(c))
			}
		}
		if l.Empty() {
			t.Error("Empty with two watchers left")
		}
	}
}
