package main

import (
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// What is lost without waiting is a matter of luck, and so not tested.
func TestSlowJoiner(t *testing.T) {
	got := proc.Start(t).Wait()
	if !strings.HasPrefix(got, "the publisher sends at once: ") ||
		!strings.HasSuffix(got, "\nit waits for its subscriber: 100 of 100 arrive\n") {
		t.Errorf("printed\n%s", got)
	}
}
