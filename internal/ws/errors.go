package ws

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-zactor/zactor/internal/wire"
)

// ErrNoTLS says that an endpoint of wss has nothing to make TLS of.
var ErrNoTLS = errors.New("wss needs a certificate")

// The status codes of a Close frame that we send (RFC 6455, section 7.4.1).
const (
	statusNormal      = 1000
	statusGoingAway   = 1001
	statusProtocol    = 1002
	statusUnsupported = 1003
	statusNone        = 1005 // stands for a Close frame without one
)

// brokenError is a rule of WebSocket or ZWS that the peer broke, and the status that
// it is told.
type brokenError struct {
	wire.ProtocolError
	status uint16
}

func (e *brokenError) Unwrap() error { return &e.ProtocolError }

// broken is a brokenError.
func broken(status uint16, format string, args ...any) error {
	return &brokenError{wire.ProtocolError{Code: wire.CodeWebSocket, Reason: "websocket: " + fmt.Sprintf(format, args...)}, status}
}

// refused says why a connection does not become a WebSocket.
func refused(format string, args ...any) error { return broken(statusProtocol, format, args...) }

// closedBy is what reading ends with once the peer has sent a Close frame.
func closedBy(status uint16, reason []byte) error {
	switch status {
	case statusNormal, statusGoingAway, statusNone:
		return io.EOF
	}
	return fmt.Errorf("peer closed the WebSocket with status %d, %s: %w", status, wire.Quote(reason), io.EOF)
}
