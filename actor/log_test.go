package actor_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/actor"
)

// lockedBuffer is where loggers of several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

type panickyWriter struct{}

func (panickyWriter) Write([]byte) (int, error) { panic("a logger's own") }

// Both loggers are told what happens, by their own fields; and a logger that panics
// takes nobody down.
func TestLogs(t *testing.T) {
	var zero, std lockedBuffer
	sup := supervisor(actor.OneForOne, actor.WithLogger(zerolog.New(&zero)), actor.WithSlog(slog.New(slog.NewJSONHandler(&std, nil))))
	end := running(t, sup)
	a, _ := actor.Supervise(sup, "a", account, actor.Permanent)
	tellAll[accountMsg](t, a, fail{})
	if _, err := actor.Ask(bg, a, &withdraw{}); err != nil {
		t.Error(err)
	}
	_ = end()
	for name, b := range map[string]*lockedBuffer{"zerolog": &zero, "slog": &std} {
		for _, want := range []string{`"actor":"a"`, "boom", "actor failed", "ZA0601", "message lost with a failed life", "actor_test.fail"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s has no %s:\n%s", name, want, b)
			}
		}
	}
	var own lockedBuffer
	plain := open(t, account, actor.WithName("plain"), actor.WithLogger(zerolog.New(&own)))
	tellAll[accountMsg](t, plain, fail{"panic"})
	<-plain.Done()
	stop(t, plain)
	if s := own.String(); !strings.Contains(s, `"plain"`) || !strings.Contains(s, "panic: boom") {
		t.Errorf("the log of a plain actor:\n%s", s)
	}
	sup = supervisor(actor.OneForOne, actor.WithLogger(zerolog.New(panickyWriter{})))
	running(t, sup)
	a, _ = actor.Supervise(sup, "a", account, actor.Permanent, actor.WithLogger(zerolog.New(panickyWriter{})))
	tellAll[accountMsg](t, a, fail{}, deposit{1})
	if _, err := actor.Ask(bg, a, &withdraw{}); err != nil {
		t.Error(err)
	}
}
