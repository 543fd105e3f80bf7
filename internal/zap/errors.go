package zap

import (
	"errors"

	"github.com/go-zactor/zactor/internal/wire"
)

// The codes of bad replies are the numbers that libzmq gives as the value of its
// event HANDSHAKE_FAILED_PROTOCOL.
const (
	CodeUnspecified     uint32 = 0x20000000
	CodeMalformedReply  uint32 = 0x20000001
	CodeBadRequestID    uint32 = 0x20000002
	CodeBadVersion      uint32 = 0x20000003
	CodeInvalidStatus   uint32 = 0x20000004
	CodeInvalidMetadata uint32 = 0x20000005
)

// ErrRequest says that a request is not one of ZAP 1.0.
var ErrRequest = errors.New("bad ZAP request")

// bad builds the error for a reply. It is a *wire.ProtocolError, as that of a
// peer is: the code tells them apart.
func bad(code uint32, format string, args ...any) error {
	return wire.Malformed(code, format, args...)
}
