package feed

import (
	"context"
	"log"
	"log/slog"
	"runtime"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// stray runs fn, in which a panic has to be told that belongs to nobody.
func stray(t *testing.T, fn func()) {
	t.Helper()
	old, flags, out := slog.Default(), log.Flags(), log.Writer()
	defer func() { slog.SetDefault(old); log.SetFlags(flags); log.SetOutput(out) }()
	var lines logbook.Book
	slog.SetDefault(lines.Slog())
	before := contain.Strays()
	fn()
	ztest.Eventually(t, "it is logged", func() bool { return lines.Has(contain.ErrPanic.Error()) }, &lines)
	if n := contain.Strays() - before; n != 1 {
		t.Errorf("%d strays, log %q", n, &lines)
	}
}

// An event that can't be made ends the one subscription that it was made for; the feed
// and its other readers go on.
func TestChanIsContained(t *testing.T) {
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			bad := true
			f := NewKeyed(func(a, b int) bool { return a == b }, func(c Change[string, int]) Change[string, int] {
				if bad { // guarded by the feed's lock
					bad = false
					how()
				}
				return c
			})
			defer f.Close()
			stray(t, func() {
				c := f.Chan(t.Context())
				f.Set("a", 1)
				if e, ok := <-c; ok {
					t.Errorf("told %v", e)
				}
			})
			if c := <-f.Chan(t.Context()); c.Key != "a" || c.Kind != Found {
				t.Errorf("the next one is told %v", c)
			}
			next := puller(t, f)
			f.Set("b", 1)
			expect(t, next, "1a1", "1b1")
		})
	}
}

// The end of a context that fails on its way gives the lock back.
func TestEndIsContained(t *testing.T) {
	f := newFeed()
	ctx, cancel := context.WithCancel(t.Context())
	r := f.hub.subscribe(ctx, All, f.fill)
	f.hub.readers[nil] = struct{}{} // a reader that can't be asked for its mask
	stray(t, cancel)
	f.hub.mu.Lock()
	delete(f.hub.readers, nil)
	f.hub.mu.Unlock()
	if _, _, over := r.take(); !over {
		t.Error("the subscription goes on")
	}
	f.Set("a", 1)
	expect(t, puller(t, f), "1a1")
}
