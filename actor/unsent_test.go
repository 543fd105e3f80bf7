package actor_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/actor"
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

// The text names ten actors at most; For has all.
func TestUnsentTextIsBounded(t *testing.T) {
	e := &actor.UnsentError{N: 12, For: make([]actor.Unsent, 12)}
	if text := e.Error(); !strings.HasSuffix(text, "; and 2 more actors)") {
		t.Error(text)
	}
}
