package contain

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Go runs fn in a goroutine. Whatever fn ends with, only that goroutine ends; report
// hears of a panic, with nothing of fn locked. What else is to end then, report does.
func Go(where string, fn func(), report func(*Panic)) { go Alone(where, fn, report) }

// AfterFunc is context.AfterFunc, with fn run as Go does.
func AfterFunc(ctx context.Context, where string, fn func(), report func(*Panic)) (stop func() bool) {
	return context.AfterFunc(ctx, func() { Alone(where, fn, report) })
}

// AfterTime is time.AfterFunc, with fn run as Go does.
func AfterTime(d time.Duration, where string, fn func(), report func(*Panic)) *time.Timer {
	return time.AfterFunc(d, func() { Alone(where, fn, report) })
}

// Alone runs fn in the caller's goroutine, for what is waited for: a runtime.Goexit
// ends the goroutine after report has heard of it, a panic ends fn. A report that panics
// itself is what Stray hears of.
func Alone(where string, fn func(), report func(*Panic)) {
	Run(where, func() error { fn(); return nil }, func(err error) { Tell(err, report) }, Stray)
}

// Tell has report hear of err if it is a *Panic, and returns err.
func Tell(err error, report func(*Panic)) error {
	if p, ok := err.(*Panic); ok {
		report(p)
	}
	return err
}

// strays is how often Stray was called.
var strays atomic.Uint64

// Stray reports a panic where nothing has a logger, a counter and an event for it: it is
// counted for the process, and goes to the program's default slog logger. It may be
// called with locks held, and returns when the line is written.
func Stray(p *Panic) {
	strays.Add(1)
	_ = Apart("default logger", func() {
		slog.Error("zactor: "+p.Error(), slog.String("stack", string(p.Stack)))
	})
}

// Strays is how many panics of this process were reported by Stray.
func Strays() uint64 { return strays.Load() }
