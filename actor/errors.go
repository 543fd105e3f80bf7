package actor

import (
	"errors"
	"fmt"
	"os"

	"github.com/go-zactor/zactor/zmq"
)

var (
	// ErrStopped is returned by calls on an actor that has ended or was told to,
	// and by calls on the pipe of one that was told to. It matches zmq.ErrClosed
	// and net.ErrClosed. When the actor has ended with an error, what its owner's
	// calls return matches that error as well.
	ErrStopped error = &fact{"actor: stopped", zmq.ErrClosed}

	// ErrAgain is returned by the Try methods when the call would have to wait.
	// It matches zmq.ErrAgain and os.ErrDeadlineExceeded.
	ErrAgain error = &fact{"actor: try again", zmq.ErrAgain}

	// ErrMailboxFull is returned instead of waiting by an actor made with
	// WithOverflow(Fail), and to an Ask of one made with WithOverflow(DropNew).
	// It matches zmq.ErrAgain.
	ErrMailboxFull error = &fact{"actor: mailbox full", zmq.ErrAgain}

	// ErrNotReady is returned by Spawn when the function has returned nil without
	// having been ready, or was not ready in time; then it matches
	// os.ErrDeadlineExceeded too.
	ErrNotReady = errors.New("actor: ended before it was ready")

	// ErrNoReply ends an Ask that the actor received and did not answer.
	ErrNoReply = errors.New("actor: the request was not answered")

	// ErrReplied is returned by the second Reply to one request.
	ErrReplied = errors.New("actor: the request was answered before")

	// ErrNameTaken is returned for an actor with a name that another one of the
	// registry or supervisor has.
	ErrNameTaken = errors.New("actor: name taken")

	// ErrNoName is returned for an actor that is to be registered without a name.
	ErrNoName = errors.New("actor: a registered actor needs a name")

	// ErrNoRestart, returned by a supervised function, also wrapped, ends its
	// actor for good, whatever its kind.
	ErrNoRestart = errors.New("actor: do not restart")

	// ErrEscalate, returned by a supervised function, also wrapped, makes its
	// supervisor give up at once.
	ErrEscalate = errors.New("actor: escalate")

	// ErrGaveUp is matched by Serve's error when a child failed too often or
	// escalated; the child's error is matched as well.
	ErrGaveUp = errors.New("actor: supervisor gave up")

	// ErrStuck is matched by Serve's error when a child did not return within the
	// stop timeout. Its goroutine is still there, and so are its resources.
	ErrStuck = errors.New("actor: did not return within the stop timeout")

	// ErrServing is returned by Serve when the supervisor serves already.
	ErrServing = errors.New("actor: supervisor is serving already")
)

// errGoexit is the error of an actor whose function neither returned nor
// panicked.
var errGoexit = errors.New("actor: the function called runtime.Goexit")

// errLate is the cause that ends an actor which was not ready in time.
var errLate = fmt.Errorf("%w: %w", ErrNotReady, os.ErrDeadlineExceeded)

// PanicError is the error of an actor whose function has panicked.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // where, as runtime/debug.Stack writes it
}

// Error returns the value only; the stack is for logs.
func (e *PanicError) Error() string { return fmt.Sprintf("actor: panic: %v", e.Value) }

// Unwrap returns the value, when it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// fact is a sentinel that matches a more general one without repeating its text.
type fact struct {
	text    string
	general error
}

func (e *fact) Error() string { return e.text }
func (e *fact) Unwrap() error { return e.general }
