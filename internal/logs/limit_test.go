package logs

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// shown is the messages of lines, with their keys, in order.
func shown(text string) (all []string) {
	for line := range strings.Lines(text) {
		cut := func(from string) string {
			_, rest, _ := strings.Cut(line, from+`":"`)
			v, _, _ := strings.Cut(rest, `"`)
			return v
		}
		said := cut("event") + " " + cut("key")
		if _, n, ok := strings.Cut(cut("message"), "repeated "); ok {
			said += " " + n
		}
		all = append(all, said)
	}
	return all
}

func limited() (Logger, *logbook.Book) {
	w := &logbook.Book{}
	return Logger{}.Zerolog(w.Zerolog()), w
}

func expect(t *testing.T, w *logbook.Book, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := shown(w.Take()); !slices.Equal(got, want) {
		t.Errorf("written %q, want %q", got, want)
	}
}

func TestLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := limited()
		again := func(n int, key string) {
			for range n {
				l.Limited(AuthMalformed, key, Str("key", key))
			}
		}
		again(1, "a")
		time.Sleep(Window / 2)
		again(3, "a")
		again(2, "b")
		l.Limited(CertSkipped, "a", Str("key", "a"))
		expect(t, w, "ZA0101 a", "ZA0101 b", "ZA0201 a")
		time.Sleep(Window/2 + 1) // a's is over, b's not
		expect(t, w, "ZA0101 a 3 times")
		time.Sleep(Window / 2)
		expect(t, w, "ZA0101 b 1 times")
		again(4, "a") // still in the window that follows the summary
		expect(t, w)
		time.Sleep(Window / 2)
		expect(t, w, "ZA0101 a 4 times")
		time.Sleep(2 * Window) // it is quiet
		again(1, "a")
		expect(t, w, "ZA0101 a")
		again(2, "a")
		l.With(Str("x", "y")).Flush()
		expect(t, w, "ZA0101 a 2 times")
		time.Sleep(2 * Window)
		expect(t, w)
	})
}

// However many keys peers invent, what is kept is bounded, and each event is written
// or counted.
func TestKeysAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := limited()
		for i := range 5 * maxKeys {
			l.Limited(AuthMalformed, fmt.Sprint(i))
		}
		l.to.limits.mu.Lock()
		if n := len(l.to.limits.windows); n > maxKeys+1 {
			t.Errorf("%d keys are kept", n)
		}
		l.to.limits.mu.Unlock()
		synctest.Wait()
		if n := len(shown(w.Take())); n != maxKeys+1 {
			t.Errorf("%d lines, want one a key and one for the others", n)
		}
		time.Sleep(Window + 1)
		expect(t, w, fmt.Sprintf("ZA0101 others %d times", 4*maxKeys-1))
		time.Sleep(Window)
		l.Limited(AuthMalformed, "new")
		expect(t, w, "ZA0101 ")
	})
}

// What is below the level is neither written nor counted, and sets no timer.
func TestLimitedBelowTheLevel(t *testing.T) {
	w := &logbook.Book{}
	l := Logger{}.Zerolog(w.Zerolog().Level(zerolog.ErrorLevel))
	for range 3 {
		l.Limited(AuthMalformed, "a")
	}
	l.Flush()
	if got := shown(w.Take()); len(got) > 0 || l.to.limits.timer != nil {
		t.Errorf("written %q", got)
	}
}

// A logger that logs itself, while its lines are limited, must not wait for itself.
func TestLoggerThatLogs(t *testing.T) {
	var l Logger
	l = Logger{}.Zerolog(zerolog.New(writer(func(b []byte) { l.Limited(AuthMalformed, "a") })))
	l.Limited(AuthMalformed, "a")
	l.Limited(AuthMalformed, "a")
	l.Flush()
	l.Flush()
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

// A logger that ends the goroutine it is called in loses its own line of those that the
// timer writes, which is counted, and the timer goes on.
func TestTimerIsContained(t *testing.T) {
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, bad := &logbook.Book{}, new(atomic.Bool)
				l := Logger{}.Zerolog(zerolog.New(writer(func(p []byte) {
					if bad.Load() {
						how()
					}
					_, _ = w.Write(p)
				})))
				twice := func() {
					for range 2 {
						l.Limited(AuthMalformed, "a", Str("key", "a"))
						l.Limited(AuthMalformed, "b", Str("key", "b"))
					}
				}
				twice()
				expect(t, w, "ZA0101 a", "ZA0101 b")
				bad.Store(true)
				time.Sleep(Window)
				expect(t, w)
				if n := l.Panics(); n != 2 {
					t.Errorf("%d lines were counted, want 2", n)
				}
				bad.Store(false)
				twice()
				time.Sleep(2 * Window)
				synctest.Wait()
				if got := shown(w.Take()); len(got) != 2 {
					t.Errorf("written %q, want one line of each key", got)
				}
			})
		})
	}
}
