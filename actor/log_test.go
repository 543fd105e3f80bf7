package actor_test

import (
	"testing"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

type panickyWriter struct{}

func (panickyWriter) Write([]byte) (int, error) { panic("a logger's own") }

// Both loggers are told what happens, by their own fields; and a logger that panics
// takes nobody down.
func TestLogs(t *testing.T) {
	var log logbook.Book
	sup := supervisor(actor.OneForOne, actor.WithLogger(log.Zerolog()), actor.WithSlog(log.Slog()))
	end := running(t, sup)
	a, _ := actor.Supervise(sup, "a", account, actor.Permanent)
	tellAll[accountMsg](t, a, fail{})
	if _, err := actor.Ask(bg, a, &withdraw{}); err != nil {
		t.Error(err)
	}
	_ = end()
	for _, want := range []string{`"actor":"a"`, "boom", "actor failed", "ZA0601", "message lost with a failed life", "actor_test.fail"} {
		if !log.Has(want) {
			t.Errorf("one of the two has no %s:\n%s", want, &log)
		}
	}
	var own logbook.Book
	plain := open(t, account, actor.WithName("plain"), actor.WithLogger(own.Zerolog()))
	tellAll[accountMsg](t, plain, fail{"panic"})
	<-plain.Done()
	stop(t, plain)
	if !own.Has(`"plain"`, "panic: boom") {
		t.Errorf("the log of a plain actor:\n%s", &own)
	}
	sup = supervisor(actor.OneForOne, actor.WithLogger(zerolog.New(panickyWriter{})))
	running(t, sup)
	a, _ = actor.Supervise(sup, "a", account, actor.Permanent, actor.WithLogger(zerolog.New(panickyWriter{})))
	tellAll[accountMsg](t, a, fail{}, deposit{1})
	if _, err := actor.Ask(bg, a, &withdraw{}); err != nil {
		t.Error(err)
	}
}
