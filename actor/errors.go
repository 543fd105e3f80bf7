package actor

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/zmq"
)

var (
	// ErrClosed is returned by calls on an actor that has ended or was told to,
	// and by calls on the pipe of one that was told to. It matches zmq.ErrClosed
	// and net.ErrClosed. When the actor has ended with an error, what its owner's
	// calls return matches that error as well.
	ErrClosed error = &fact{"actor: closed", zmq.ErrClosed}

	// ErrAgain is returned by the Try methods when the call would have to wait.
	// It matches zmq.ErrAgain and os.ErrDeadlineExceeded.
	ErrAgain error = &fact{"actor: try again", zmq.ErrAgain}

	// ErrMailboxFull is returned instead of waiting by an actor made with
	// WithOverflow(Fail), to an Ask of one made with WithOverflow(DropNew), and by
	// a Stash that is full. It matches zmq.ErrAgain.
	ErrMailboxFull error = &fact{"actor: mailbox full", zmq.ErrAgain}

	// ErrNotReady is returned when an actor's function has returned nil without
	// having been ready, or was not ready in time; then it matches
	// os.ErrDeadlineExceeded too.
	ErrNotReady = errors.New("actor: ended before it was ready")

	// ErrNoReply ends an Ask that the actor received and did not answer.
	ErrNoReply = errors.New("actor: the request was not answered")

	// ErrReplied is returned by the second Reply to one request.
	ErrReplied = errors.New("actor: the request was answered before")

	// ErrAsked is returned by an Ask with a question that was asked before.
	ErrAsked = errors.New("actor: a question can be asked once: make a new one")

	// ErrCycle is returned at once by an Ask that could never be answered, because
	// whoever would have to answer waits for the asker.
	ErrCycle = errors.New("actor: a circle of asks")

	// ErrType is returned for a question, or an actor, of another type than the one
	// that was asked for.
	ErrType = errors.New("actor: wrong type")

	// ErrNameTaken is returned for an actor with a name that another one of the
	// registry or supervisor has.
	ErrNameTaken = errors.New("actor: name taken")

	// ErrNoName is returned for an actor that is to be registered, or supervised,
	// without a name.
	ErrNoName = errors.New("actor: a registered or supervised actor needs a name")

	// ErrNotFound is returned by Find for a name that the registry does not have.
	ErrNotFound = errors.New("actor: no actor of that name")

	// ErrOption is returned by a constructor for an option with an invalid value, or
	// one that it does not have, and for a setup that makes no handler.
	ErrOption = errors.New("actor: invalid option")

	// ErrNoRestart, returned by a supervised function, also wrapped, ends its
	// actor for good, whatever its Restart.
	ErrNoRestart = errors.New("actor: do not restart")

	// ErrEscalate, returned by a supervised function, also wrapped, makes its
	// supervisor give up at once.
	ErrEscalate = errors.New("actor: escalate")

	// ErrGaveUp is matched by Run's error when a child failed too often or
	// escalated; the child's error is matched as well.
	ErrGaveUp = errors.New("actor: supervisor gave up")

	// ErrStuck is matched by the error of a Close, and of a supervisor's Run, when
	// a function did not return within the stop timeout. Its goroutine is still
	// there, and so are its resources.
	ErrStuck = errors.New("actor: did not return within the stop timeout")

	// ErrRunning is returned by Run when the supervisor is running already.
	ErrRunning = errors.New("actor: supervisor is running already")
)

// errGoexit is the error of an actor whose function neither returned nor
// panicked.
var errGoexit = errors.New("actor: the function called runtime.Goexit")

// errLate is the cause that ends an actor which was not ready in time.
var errLate = fmt.Errorf("%w: %w", ErrNotReady, os.ErrDeadlineExceeded)

// UnsentError is returned by Close and Shutdown of an actor that had messages in
// its mailbox when it ended, and of a supervisor with such children. They were not
// delivered.
type UnsentError struct {
	N   int      // how many messages
	For []Unsent // for whom, one entry an actor, the most first
}

// Unsent is how many messages one actor did not get.
type Unsent struct {
	Actor string // its name
	N     int
	Why   error // what it had failed with; nil when it was told to end
}

// String is one line for people.
func (u Unsent) String() string {
	why := "it was told to end"
	if u.Why != nil {
		why = u.Why.Error()
	}
	return fmt.Sprintf("%d for %q: %s", u.N, u.Actor, why)
}

func (e *UnsentError) Error() string {
	s := fmt.Sprintf("actor: %d messages not delivered", e.N)
	if e.N == 1 {
		s = "actor: 1 message not delivered"
	}
	var list []string
	for i, u := range e.For {
		if i == maxUnsent {
			list = append(list, fmt.Sprintf("and %d more actors", len(e.For)-i))
			break
		}
		list = append(list, u.String())
	}
	if len(list) > 0 {
		s += " (" + strings.Join(list, "; ") + ")"
	}
	return s
}

// maxUnsent is how many actors the text of an UnsentError names.
const maxUnsent = 10

// unsent makes the error of what actors did not get, nil when they got all.
func unsent(list []Unsent) error {
	if len(list) == 0 {
		return nil
	}
	e := &UnsentError{For: slices.Clone(list)}
	slices.SortStableFunc(e.For, func(a, b Unsent) int { return cmp.Compare(b.N, a.N) })
	for _, u := range list {
		e.N += u.N
	}
	return e
}

// PanicError is the error of an actor whose function has panicked.
type PanicError struct {
	Value any // what it panicked with

	callers []uintptr
	once    sync.Once
	stack   string
}

// newPanicError is called by the deferred function that has recovered v.
func newPanicError(v any) *PanicError {
	e := &PanicError{Value: v}
	var pcs [64]uintptr
	e.callers = append([]uintptr(nil), pcs[:runtime.Callers(3, pcs[:])]...)
	return e
}

// guarded runs what has a goroutine to itself, and returns the *PanicError that it ended
// with, or nil.
func guarded(where string, fn func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(v)
		}
	}()
	contain.Probe(where)
	fn()
	return nil
}

// orFail has a life fail when what runs for it beside its function panics.
func orFail(l life, where string, fn func()) {
	if err := guarded(where, fn); err != nil {
		l.kill(killed{err})
	}
}

// Error returns the value only; the stack is for logs.
func (e *PanicError) Error() string { return fmt.Sprintf("actor: panic: %v", e.Value) }

// Unwrap returns the value, when it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Stack returns where it panicked: a line with the function and one with the file
// for each call, the innermost first. It is written when it is first asked for:
// an actor that panics often must not pay for what nobody reads.
func (e *PanicError) Stack() string {
	e.once.Do(func() {
		var b strings.Builder
		frames := runtime.CallersFrames(e.callers)
		for more := len(e.callers) > 0; more; {
			var f runtime.Frame
			f, more = frames.Next()
			fmt.Fprintf(&b, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
		}
		e.stack = b.String()
	})
	return e.stack
}

// fact is a sentinel that matches a more general one without repeating its text.
type fact struct {
	text    string
	general error
}

func (e *fact) Error() string { return e.text }
func (e *fact) Unwrap() error { return e.general }
