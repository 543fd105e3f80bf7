// Package contain keeps what a peer or a user's hook does wrong to the connection, the
// actor or the call that it was done in.
//
// A panic becomes an error, a *Panic, and so does a hook's runtime.Goexit; what stands
// deferred below runs in either case, so that locks are given back. What the runtime
// itself ends the process for can't be contained: concurrent writes of one map, a
// deadlock of all goroutines, a stack or memory that is used up, os.Exit, and a panic in
// a goroutine that the hook has started itself.
package contain

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrPanic matches every *Panic.
var ErrPanic = errors.New("internal error, contained")

// errGoexit is the Value of a Panic that was none.
var errGoexit = errors.New("runtime.Goexit")

// Panic is what contained code ended with.
type Panic struct {
	Where string // what ran: "attach", "writer"
	Value any    // what it panicked with
	Stack []byte // of the goroutine
}

// maxText bounds what a panic's value adds to a line.
const maxText = 1 << 10

// Error says where it happened, and with what.
func (p *Panic) Error() string {
	text := fmt.Sprint(p.Value) // fmt contains what a String or Error method does
	if len(text) > maxText {
		text = text[:maxText] + "..."
	}
	return fmt.Sprintf("%v: %s: panic: %s", ErrPanic, p.Where, text)
}

// Is makes ErrPanic match. The value matches nothing: a hook that panics with
// net.ErrClosed has not closed anything.
func (p *Panic) Is(target error) bool { return target == ErrPanic }

// Caught is for a deferred function that has found out that what it guards did not
// return: v is what recover gave it, nil for a runtime.Goexit.
func Caught(where string, v any) *Panic {
	if v == nil {
		v = errGoexit
	}
	return newPanic(where, v)
}

func newPanic(where string, value any) *Panic {
	return &Panic{Where: where, Value: value, Stack: debug.Stack()}
}

// Into is deferred: it turns a panic into *err. A runtime.Goexit goes on.
func Into(err *error, where string) {
	if v := recover(); v != nil {
		*err = newPanic(where, v)
	}
}

// Call runs fn, and returns the *Panic that it ended with, or nil. A runtime.Goexit goes
// on: only the end of the goroutine answers it.
func Call(where string, fn func()) (err error) {
	defer Into(&err, where)
	fn()
	return nil
}

// Try is Call for what has an error of its own.
func Try(where string, fn func() error) (err error) {
	defer Into(&err, where)
	return fn()
}

// Run runs body and then end, with what became of body: its error, or the *Panic that it
// ended with, a runtime.Goexit included. It is what a goroutine consists of that must
// not end without tidying up. end must not panic itself; when it does, report hears of
// it, and the goroutine ends all the same. A nil report hears nothing.
func Run(where string, body func() error, end func(error), report func(*Panic)) {
	var err error
	returned := false
	finish := func() {
		defer func() {
			if v := recover(); v != nil && report != nil {
				defer func() { _ = recover() }()
				report(newPanic(where+", at its end", v))
			}
		}()
		end(err)
	}
	defer func() {
		v := recover()
		switch {
		case v != nil:
			err = newPanic(where, v)
		case !returned:
			err = newPanic(where, errGoexit)
		}
		finish()
	}()
	err = body()
	returned = true
}

// Apart runs fn in a goroutine of its own and waits for it. It is for hooks that are
// called where nothing may end, not even by a runtime.Goexit.
func Apart(where string, fn func()) error {
	done := make(chan error, 1)
	go Run(where, func() error { fn(); return nil }, func(err error) { done <- err }, nil)
	return <-done
}
