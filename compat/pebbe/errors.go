package zmq4

import (
	"errors"
	"syscall"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/zmq"
)

// Errno is an error by its number: the system's, or one of ZeroMQ's own. All functions
// of this package return plain Errno values, so that they can be compared with ==.
type Errno uintptr

// base is where ZeroMQ's own numbers begin.
const base = 156384712

// The errors of ZeroMQ that systems have, too.
const (
	EADDRINUSE      = Errno(syscall.EADDRINUSE)
	EADDRNOTAVAIL   = Errno(syscall.EADDRNOTAVAIL)
	EAFNOSUPPORT    = Errno(syscall.EAFNOSUPPORT)
	ECONNABORTED    = Errno(syscall.ECONNABORTED)
	ECONNREFUSED    = Errno(syscall.ECONNREFUSED)
	ECONNRESET      = Errno(syscall.ECONNRESET)
	EHOSTUNREACH    = Errno(syscall.EHOSTUNREACH)
	EINPROGRESS     = Errno(syscall.EINPROGRESS)
	EMSGSIZE        = Errno(syscall.EMSGSIZE)
	ENETDOWN        = Errno(syscall.ENETDOWN)
	ENETRESET       = Errno(syscall.ENETRESET)
	ENETUNREACH     = Errno(syscall.ENETUNREACH)
	ENOBUFS         = Errno(syscall.ENOBUFS)
	ENOTCONN        = Errno(syscall.ENOTCONN)
	ENOTSOCK        = Errno(syscall.ENOTSOCK)
	ENOTSUP         = Errno(syscall.EOPNOTSUPP)
	EPROTONOSUPPORT = Errno(syscall.EPROTONOSUPPORT)
	ETIMEDOUT       = Errno(syscall.ETIMEDOUT)
)

// The errors that only ZeroMQ has.
const (
	EFSM           = Errno(base + 51) // the call is not legal in the socket's state
	ENOCOMPATPROTO = Errno(base + 52) // the transport does not fit the socket's type
	ETERM          = Errno(base + 53) // the context was terminated
	EMTHREAD       = Errno(base + 54) // there is no I/O thread
)

var ownErrors = map[Errno]string{
	EFSM:           "Operation cannot be accomplished in current state",
	ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
	ETERM:          "Context was terminated",
	EMTHREAD:       "No thread available",
}

// Error is the text for a number.
func (e Errno) Error() string {
	if text, ok := ownErrors[e]; ok {
		return text
	}
	return syscall.Errno(e).Error()
}

// Is reports whether a system's error is the same one, for errors.Is.
func (e Errno) Is(target error) bool {
	no, ok := target.(syscall.Errno)
	return ok && Errno(no) == e
}

// AsErrno is the number of an error of this package or of the system; 0 for others.
func AsErrno(err error) Errno {
	switch e := err.(type) {
	case Errno:
		return e
	case syscall.Errno:
		return Errno(e)
	}
	return 0
}

// Error is the text for an error number. (zmq_strerror)
func Error(e int) string { return Errno(e).Error() }

// Errors that are no numbers. Those called NotImplemented are never returned: they are
// about versions of libzmq that lack something.
var (
	ErrorContextClosed         = errors.New("Context is closed")
	ErrorSocketClosed          = errors.New("Socket is closed")
	ErrorMoreExpected          = errors.New("More expected")
	ErrorNotImplemented405     = errors.New("Not implemented, requires 0MQ version 4.0.5")
	ErrorNotImplemented41      = errors.New("Not implemented, requires 0MQ version 4.1")
	ErrorNotImplemented42      = errors.New("Not implemented, requires 0MQ version 4.2")
	ErrorNotImplementedWindows = errors.New("Not implemented on Windows")
	ErrorNoSocket              = errors.New("No such socket")
)

// numbers says which of libzmq's numbers stands for an error of the core. Order counts:
// ErrTerm is an ErrClosed, too.
var numbers = []struct {
	err error
	no  Errno
}{
	{zmq.ErrTerm, ETERM},
	{zmq.ErrAgain, Errno(syscall.EAGAIN)},
	{zmq.ErrState, EFSM},
	{zmq.ErrPeerGone, EHOSTUNREACH},
	{zmq.ErrHostUnreachable, EHOSTUNREACH},
	{zmq.ErrNotSupported, ENOTSUP},
	{zmq.ErrNoEndpoint, Errno(syscall.ENOENT)},
	{zmq.ErrAddrInUse, EADDRINUSE},
	{zmq.ErrMsgTooLarge, EMSGSIZE},
	{zmq.ErrTooManySockets, Errno(syscall.EMFILE)},
	{zmq.ErrAuth, Errno(syscall.EACCES)},
	{zmq.ErrInvalidMessage, Errno(syscall.EINVAL)},
	{zmq.ErrInvalidOption, Errno(syscall.EINVAL)},
	{zmq.ErrInvalidEndpoint, Errno(syscall.EINVAL)},
}

// errnoOf makes an error of the core a number.
func errnoOf(err error) error {
	if err == nil {
		return nil
	}
	for _, n := range numbers {
		if errors.Is(err, n.err) {
			return n.no
		}
	}
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
		return Errno(no)
	case errors.Is(err, zmq.ErrClosed):
		return ErrorSocketClosed
	}
	return err
}

// endpointErrno is errnoOf for Bind and Connect: a transport that there is not is an
// error of its own, and so is one that the socket's type can't use.
func endpointErrno(text string, err error) error {
	if errors.Is(err, zmq.ErrInvalidEndpoint) {
		_, perr := endpoint.Parse(text)
		switch {
		case errors.Is(perr, endpoint.ErrScheme):
			return EPROTONOSUPPORT
		case perr == nil:
			return ENOCOMPATPROTO
		}
	}
	return errnoOf(err)
}
