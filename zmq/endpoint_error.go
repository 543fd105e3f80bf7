package zmq

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/transport"
)

// EndpointError is what Bind, Connect, Unbind, Disconnect and MonitorSocket return when
// the endpoint is the reason. It matches the sentinel that the method names, and the
// system's error, with errors.Is.
type EndpointError struct {
	Op       string // "bind", "connect", "unbind", "disconnect" or "monitor"
	Endpoint string // as it was given
	Kind     EndpointFault
	Err      error
}

// Error names the call, the endpoint and the rule, once each.
func (e *EndpointError) Error() string {
	return "zmq: " + e.Op + " " + quote(e.Endpoint) + ": " + e.reason()
}

// Unwrap is Err.
func (e *EndpointError) Unwrap() error { return e.Err }

// EndpointFault is the kind of an EndpointError, so that no program needs to read its
// text. The comments name libzmq's errno.
type EndpointFault uint8

// The kinds of an EndpointError.
const (
	FaultSystem      EndpointFault = iota // what the system said, in Err
	FaultSyntax                           // it can't be understood, or not be used for this call (EINVAL)
	FaultTransport                        // there is no such transport here (EPROTONOSUPPORT)
	FaultMismatch                         // the transport does not fit the socket's type or options (ENOCOMPATPROTO)
	FaultInUse                            // another socket has the address (EADDRINUSE)
	FaultUnavailable                      // this machine has no such address, name or interface (EADDRNOTAVAIL, ENODEV)
	FaultPermission                       // the system does not allow it (EACCES)
	FaultUnknown                          // the socket does not use it (ENOENT)
)

var endpointFaults = [...]string{"system", "syntax", "transport", "mismatch", "in use", "unavailable", "permission", "unknown"}

// String is the kind in lower case.
func (f EndpointFault) String() string {
	if int(f) < len(endpointFaults) {
		return endpointFaults[f]
	}
	return "EndpointFault(" + strconv.Itoa(int(f)) + ")"
}

// quotedEndpoint bounds how much of an endpoint an error repeats.
const quotedEndpoint = 255

func quote(endpoint string) string {
	if len(endpoint) > quotedEndpoint {
		endpoint = endpoint[:quotedEndpoint] + "..."
	}
	return strconv.Quote(endpoint)
}

// reason is the text of Err without what Error has said already: lower layers name the
// call and the endpoint, too.
func (e *EndpointError) reason() string {
	text := strings.TrimPrefix(e.Err.Error(), "zmq: ")
	for _, verb := range []string{"bind ", "connect "} {
		if rest, ok := strings.CutPrefix(text, verb); ok && strings.Contains(rest, "://") {
			if _, why, ok := strings.Cut(rest, ": "); ok {
				text = why
			}
		}
	}
	text = strings.Replace(text, " in "+quote(e.Endpoint)+": ", ": ", 1)
	return strings.Replace(text, quote(e.Endpoint)+": ", "", 1)
}

// endpointError is an EndpointError for err. Errors that are not the endpoint's, as
// those of options, keep their form.
func endpointError(verb, text string, err error) error {
	kind := faultOf(err)
	switch {
	case errors.Is(err, ErrClosed):
		return err
	case kind == FaultSystem && (errors.Is(err, ErrInvalidOption) || errors.Is(err, ErrState)):
		return fmt.Errorf("%w (%s %s)", err, verb, quote(text))
	case errors.Is(err, transport.ErrAddrInUse) && !errors.Is(err, ErrAddrInUse):
		err = ErrAddrInUse
	case !errors.Is(err, ErrInvalidEndpoint) && (errors.Is(err, endpoint.ErrInvalid) || errors.Is(err, endpoint.ErrScheme)):
		err = invalidEndpoint(err)
	case errors.Is(err, inproc.ErrIncompatible):
		err = mismatch("%v", err)
	}
	return &EndpointError{Op: verb, Endpoint: text, Kind: kind, Err: err}
}

// errMismatch marks an endpoint whose transport does not fit the socket.
var errMismatch = errors.New("the transport does not fit")

func faultOf(err error) EndpointFault {
	var dns *net.DNSError
	switch {
	case errors.Is(err, errMismatch), errors.Is(err, inproc.ErrIncompatible), errors.Is(err, ErrNotSupported):
		return FaultMismatch
	case errors.Is(err, endpoint.ErrScheme), errors.Is(err, transport.ErrNoTransport):
		return FaultTransport
	case errors.Is(err, ErrInvalidEndpoint), errors.Is(err, endpoint.ErrInvalid):
		return FaultSyntax
	case errors.Is(err, ErrNoEndpoint):
		return FaultUnknown
	case errors.Is(err, ErrAddrInUse), errors.Is(err, transport.ErrAddrInUse), errors.Is(err, transport.ErrOccupied):
		return FaultInUse
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.ENODEV), errors.Is(err, transport.ErrIPv6Off), errors.As(err, &dns):
		return FaultUnavailable
	case errors.Is(err, fs.ErrPermission):
		return FaultPermission
	}
	return FaultSystem
}

// badEndpoint is ErrInvalidEndpoint with the rule; cause says of which kind it is.
type badEndpoint struct {
	text  string
	cause error
}

func (e *badEndpoint) Error() string   { return ErrInvalidEndpoint.Error() + ": " + e.text }
func (e *badEndpoint) Unwrap() []error { return []error{ErrInvalidEndpoint, e.cause} }

// invalidEndpoint is ErrInvalidEndpoint with what package endpoint says: the value
// and the rule.
func invalidEndpoint(err error) error {
	text := strings.TrimPrefix(err.Error(), endpoint.ErrInvalid.Error()+" ")
	return &badEndpoint{text: text, cause: err}
}

// mismatch is ErrInvalidEndpoint for a transport that does not fit the socket.
func mismatch(format string, args ...any) error {
	return &badEndpoint{text: fmt.Sprintf(format, args...), cause: errMismatch}
}
