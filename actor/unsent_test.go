package actor_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// Close says how many messages nobody got, of whom, and why.
func TestCloseSaysWhatWasLost(t *testing.T) {
	works := make(chan struct{})
	busy, _ := actor.New(bg, handler(func(c *actor.Context[int], _ int) error { close(works); <-c.Done(); return nil }), actor.WithName("orders"))
	tellAll(t, busy, 1, 2, 3)
	<-works
	failure := errors.New("disk full")
	release := make(chan struct{})
	fails, _ := actor.New(bg, handler(func(*actor.Context[int], int) error { <-release; return failure }), actor.WithName("ledger"))
	tellAll(t, fails, 1, 2)
	close(release)
	<-fails.Done()
	for a, want := range map[*actor.Ref[int]]string{
		busy:  `actor: 2 messages not delivered (2 for "orders": it was told to end)`,
		fails: `actor: 1 message not delivered (1 for "ledger": disk full)`,
	} {
		for range 2 {
			if err := a.Close(); err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
	var unsent *actor.UnsentError
	if !errors.As(fails.Close(), &unsent) || len(unsent.For) != 1 || !errors.Is(unsent.For[0].Why, failure) {
		t.Errorf("%+v", unsent)
	}
}

// What was lost is an event and a line of the log, of an actor by itself and of a child.
func TestWhatWasLostIsTold(t *testing.T) {
	var alone, supervised logbook.Book
	works := make(chan struct{}, 2)
	busy := handler(func(c *actor.Context[int], _ int) error { works <- struct{}{}; <-c.Done(); return nil })
	a, _ := actor.New(bg, busy, actor.WithName("orders"), actor.WithLogger(alone.Zerolog()), actor.WithSlog(alone.Slog()))
	sup, err := actor.NewSupervisor(actor.OneForOne, actor.WithLogger(supervised.Zerolog()), actor.WithSlog(supervised.Slog()))
	if err != nil {
		t.Fatal(err)
	}
	events := sup.Events(t.Context())
	child, err := actor.Supervise(sup, "ledger", busy, actor.Permanent)
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- sup.Run(bg) }()
	tellAll(t, a, 1, 2, 3)
	tellAll(t, child, 1, 2)
	<-works
	<-works
	if a.Close() == nil || sup.Close() == nil {
		t.Error("nothing was lost")
	}
	<-ran
	found := false
	for e := range events {
		found = found || e.Kind == actor.Undelivered && e.N == 1 && e.String() == `Undelivered "ledger" 1`
	}
	if !found {
		t.Error("no event tells it")
	}
	for b, name := range map[*logbook.Book]string{&alone: `"actor":"orders","messages":2`, &supervised: `"actor":"ledger","messages":1`} {
		if !b.Has("ZA0608", "closed with messages undelivered", name) {
			t.Errorf("no line %s:\n%s", name, b)
		}
	}
}

// The text names ten actors at most; For has all.
func TestUnsentTextIsBounded(t *testing.T) {
	e := &actor.UnsentError{N: 12, For: make([]actor.Unsent, 12)}
	if text := e.Error(); !strings.HasSuffix(text, "; and 2 more actors)") {
		t.Error(text)
	}
}
