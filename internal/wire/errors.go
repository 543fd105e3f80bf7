package wire

import (
	"errors"
	"fmt"
	"strconv"
)

// The protocol codes are the numbers that libzmq gives as the value of its
// event HANDSHAKE_FAILED_PROTOCOL.
const (
	CodeUnspecified       uint32 = 0x10000000
	CodeUnexpectedCommand uint32 = 0x10000001
	CodeInvalidSequence   uint32 = 0x10000002
	CodeKeyExchange       uint32 = 0x10000003
	CodeMalformedCommand  uint32 = 0x10000011
	CodeMalformedMessage  uint32 = 0x10000012
	CodeMalformedHello    uint32 = 0x10000013
	CodeMalformedInitiate uint32 = 0x10000014
	CodeMalformedError    uint32 = 0x10000015
	CodeMalformedReady    uint32 = 0x10000016
	CodeMalformedWelcome  uint32 = 0x10000017
	CodeInvalidMetadata   uint32 = 0x10000018
	CodeCryptographic     uint32 = 0x11000001
	CodeMechanismMismatch uint32 = 0x11000002
	CodeWebSocket         uint32 = 0x30000000
)

var (
	// ErrIncompatible says that the socket types of the two peers do not talk
	// to each other.
	ErrIncompatible = errors.New("incompatible socket types")
	// ErrMechanism says that the peers are configured for different security
	// mechanisms. It comes wrapped in a *ProtocolError.
	ErrMechanism = errors.New("mechanism mismatch")
	// ErrInsecure says that the peer speaks a protocol older than ZMTP 3.0, which
	// has no security, while ours is configured to have it.
	ErrInsecure = errors.New("refused a downgrade below ZMTP 3.0")
	// ErrNotWaiting says that Decide was called when there was nothing to decide.
	ErrNotWaiting = errors.New("the handshake is not waiting for a decision")
	// ErrHandshakeClosed says that Close ended a handshake that was under way.
	ErrHandshakeClosed = errors.New("handshake closed")
)

// ProtocolError says that the peer broke the protocol, and how.
type ProtocolError struct {
	Code   uint32 // libzmq's event code
	Reason string // at most a line; text of the peer in it is quoted and cut
	Cause  error  // ErrMechanism, or nil
}

// Error returns the reason and the code.
func (e *ProtocolError) Error() string {
	return fmt.Sprintf("protocol error %#08x: %s", e.Code, e.Reason)
}

// Unwrap returns the sentinel that the error stands for, if there is one.
func (e *ProtocolError) Unwrap() error { return e.Cause }

// AuthError says that the peer, a server, refused us with a status of its
// authenticator. The same credentials are likely to be refused again.
type AuthError struct {
	Status string // three digits, "400" as a rule
}

// Error names the status.
func (e *AuthError) Error() string {
	return "the server refused our credentials with status " + e.Status
}

// RefusedError says that we, the server, refused the peer's credentials.
type RefusedError struct {
	Status string // of our own authenticator
}

// Error names the status.
func (e *RefusedError) Error() string {
	return "credentials refused with status " + Quote([]byte(e.Status))
}

// Malformed builds the error for input that breaks a rule of the protocol.
func Malformed(code uint32, format string, args ...any) error {
	return &ProtocolError{Code: code, Reason: fmt.Sprintf(format, args...)}
}

// maxQuoted bounds text of a peer in our errors and logs.
const maxQuoted = 255

// Quote makes text of a peer fit for a log line: printable ASCII in quotes, 255
// bytes at most.
func Quote(text []byte) string {
	if len(text) > maxQuoted {
		text = text[:maxQuoted]
	}
	if q := strconv.QuoteToASCII(string(text)); len(q) <= maxQuoted {
		return q
	}
	// One byte becomes four at most (\xff), so a quarter of it fits whatever it is.
	return strconv.QuoteToASCII(string(text[:60])) + "..."
}
