package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/zmq"
)

// The exit codes.
const (
	ExitOK      = 0
	ExitFailed  = 1 // it was understood, and failed
	ExitUsage   = 2 // the command line was not understood
	ExitNobody  = 3 // nobody was there, or nothing came in time
	ExitRefused = 4 // the peer refused us, or is not the one with the key that we expect
)

// Error is an error with the exit code and the hint that belong to it.
type Error struct {
	Code int
	Err  error
	Hint string // what to do; empty: nothing is known
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// Usage is an error of the command line.
func Usage(hint, format string, args ...any) error {
	return &Error{Code: ExitUsage, Err: fmt.Errorf(format, args...), Hint: hint}
}

// Failed is an error of what was understood.
func Failed(hint, format string, args ...any) error {
	return &Error{Code: ExitFailed, Err: fmt.Errorf(format, args...), Hint: hint}
}

// Code is the exit code for an error.
func Code(err error) int {
	var known *Error
	var unsent *zmq.UnsentError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &known):
		return known.Code
	case errors.Is(err, zmq.ErrAuth), errors.Is(err, zmq.ErrServerKey):
		return ExitRefused
	case errors.Is(err, zmq.ErrInvalidEndpoint):
		return ExitUsage
	case errors.As(err, &unsent):
		return codeUnsent(unsent)
	case errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, zmq.ErrHostUnreachable):
		return ExitNobody
	}
	return ExitFailed
}

// codeUnsent tells those who refuse us from those who are not there.
func codeUnsent(e *zmq.UnsentError) int {
	for _, u := range e.For {
		if errors.Is(u.Why, zmq.ErrAuth) || errors.Is(u.Why, zmq.ErrServerKey) {
			return ExitRefused
		}
	}
	return ExitNobody
}

// hints are what to do about errors that anything may return.
var hints = []struct {
	err  error
	hint string
}{
	{zmq.ErrServerKey, "ask the server's owner for its public key: zactor cert show FILE prints it"},
	{zmq.ErrAuth, "the server must trust our certificate (copy its public file into the folder of --trust) or our password"},
	{zmq.ErrInvalidEndpoint, EndpointHint},
	{zmq.ErrAddrInUse, "another program has the address: connect to it with -c, or bind another one, such as ':*'"},
	{syscall.EADDRNOTAVAIL, "no interface of this machine has that address: '*:PORT' binds all that there are, 'eth0:PORT' one of them"},
	{syscall.EACCES, "the operating system does not let us: ports below 1024 and raw sockets need rights, a path the right modes"},
	{cert.ErrExposed, "chmod 600 the file with the secret key"},
	{wire.ErrIncompatible, "zactor ping says the type of the socket there; each type talks to some others: PUSH to PULL, REQ to REP, PUB to SUB"},
	{wire.ErrMechanism, "zactor ping says the mechanism there: --curve-server KEY is CURVE, --plain USER is PLAIN, neither is NULL"},
}

// NobodyHint is what to do where no peer is there.
const NobodyHint = "is the other side running, and is that the address that it has bound? zactor ping asks it"

// Hint is what to do about an error; empty where nothing is known.
func Hint(err error) string {
	var known *Error
	if errors.As(err, &known) {
		return known.Hint
	}
	for _, h := range hints {
		if errors.Is(err, h.err) {
			return h.hint
		}
	}
	if hint := fileHint(err); hint != "" {
		return hint
	}
	if Code(err) == ExitNobody {
		return NobodyHint
	}
	return ""
}

// fileHint is what to do about a file that is not there, or may not be made.
func fileHint(err error) string {
	var at *fs.PathError
	switch {
	case !errors.Is(err, os.ErrNotExist):
		return ""
	case strings.Contains(err.Error(), "cert: "):
		return "zactor cert new FILE makes a certificate"
	case errors.As(err, &at) && !filepath.IsAbs(at.Path):
		if here, err := os.Getwd(); err == nil {
			return "is the path right? it is seen from " + here
		}
	}
	return "is the path right? ls shows what is there"
}

// Report says in one line what went wrong, and in another what to do about it: at least
// where that is explained. It returns the exit code.
func Report(w io.Writer, name string, err error) int {
	if err == nil {
		return ExitOK
	}
	fmt.Fprintf(w, "%s: %s\n", name, Words(err.Error()))
	h := Hint(err)
	if h == "" {
		h = name + " --help explains"
	}
	fmt.Fprintf(w, "hint: %s\n", Words(h))
	return Code(err)
}
