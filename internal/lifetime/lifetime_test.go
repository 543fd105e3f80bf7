package lifetime

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/contain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errEnd = errors.New("the end")

func TestManyClose(t *testing.T) {
	ends := 0
	l := New(t.Context(), "x", func(context.Context) error { ends++; return errEnd })
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := errors.Join(l.Close()); !errors.Is(err, errEnd) {
				t.Errorf("closed with %v", err)
			}
		})
	}
	all.Wait()
	if err := l.Shutdown(t.Context()); ends != 1 || !errors.Is(err, errEnd) {
		t.Errorf("ended %d times; then %v", ends, err)
	}
}

func TestEndOfContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var given error
		l := New(ctx, "x", func(ctx context.Context) error { given = ctx.Err(); return nil })
		cancel()
		<-l.Done()
		if err := l.Close(); err != nil || given != nil {
			t.Errorf("closed with %v; end was given a context with %v", err, given)
		}
	})
}

// A context that has ended before is an end like another.
func TestStillborn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	<-New(ctx, "x", func(context.Context) error { return nil }).Done()
}

// What was closed is not held by a long context.
func TestClosedLeavesItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ends := 0
	l := New(ctx, "x", func(context.Context) error { ends++; return nil })
	l.Close()
	if l.stop() {
		t.Error("the context still has it")
	}
	cancel()
	if ends != 1 {
		t.Errorf("ended %d times", ends)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(t.Context(), "x", func(ctx context.Context) error {
			<-ctx.Done() // as long as it was given
			time.Sleep(time.Hour)
			return errEnd
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || err.Error() != "x: shutdown: context deadline exceeded" {
			t.Errorf("gave up with %v", err)
		}
		if err := l.Close(); !errors.Is(err, errEnd) {
			t.Errorf("then closed with %v", err)
		}
		if err := l.Shutdown(ctx); !errors.Is(err, errEnd) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// An end that panics is over: everyone who waits for it goes on, and is told.
func TestEndIsContained(t *testing.T) {
	old, flags, out := slog.Default(), log.Flags(), log.Writer()
	defer func() { slog.SetDefault(old); log.SetFlags(flags); log.SetOutput(out) }()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		for who, ask := range map[string]func(l *Life, end func()){
			"context": func(_ *Life, end func()) { end() },
			"close":   func(l *Life, _ func()) { go l.Close() },
		} {
			ctx, end := context.WithCancel(t.Context())
			before := contain.Strays()
			l := New(ctx, "x", func(context.Context) error { how(); return nil })
			ask(l, end)
			<-l.Done()
			if err := l.Close(); !errors.Is(err, contain.ErrPanic) || !strings.Contains(err.Error(), "x: close") {
				t.Errorf("%s, %s: closed with %v", name, who, err)
			}
			if err := l.Shutdown(t.Context()); !errors.Is(err, contain.ErrPanic) {
				t.Errorf("%s, %s: shut down with %v", name, who, err)
			}
			if n := contain.Strays() - before; n != 1 {
				t.Errorf("%s, %s: told %d times", name, who, n)
			}
			end()
		}
	}
}

func TestState(t *testing.T) {
	var l *Life
	is := func(want string) {
		t.Helper()
		if got := l.State(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	is("not made")
	l = New(t.Context(), "pkg", func(context.Context) error { is("closing"); return nil })
	is("running")
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	is("closed")
}
