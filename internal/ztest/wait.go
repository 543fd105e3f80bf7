package ztest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Patience bounds everything that a test waits for. It is there for a test that hangs: it
// is waited for only by one that fails, so that no test passes or fails by how much of it
// is needed. A busy machine may need a good part of it.
const Patience = 2 * time.Minute

// Within ends after Patience, or with the test.
func Within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	t.Cleanup(cancel)
	return ctx
}

// Eventually waits for a condition that another goroutine, or another process, brings
// about and nothing reports. Where something reports it, wait for that: see Soon. What is
// seen is printed when it fails: a Stringer, a *string, or a func() string.
func Eventually(t testing.TB, what string, holds func() bool, seen ...any) {
	t.Helper()
	end := time.Now().Add(Patience)
	for pause := 50 * time.Microsecond; !holds(); pause = min(2*pause, 5*time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s%s", Patience, what, asText(seen))
		}
		time.Sleep(pause)
	}
}

// asText is what was seen, as text.
func asText(seen []any) string {
	var b strings.Builder
	for _, x := range seen {
		switch x := x.(type) {
		case *string:
			fmt.Fprintf(&b, "\n%s", *x)
		case func() string:
			fmt.Fprintf(&b, "\n%s", x())
		default:
			fmt.Fprintf(&b, "\n%v", x)
		}
	}
	return b.String()
}

// Soon receives what must come: a value, or the end of the channel.
func Soon[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	select {
	case v := <-c:
		return v
	case <-timer.C:
		t.Fatalf("not within %v: %s", Patience, what)
	}
	panic("unreachable")
}
