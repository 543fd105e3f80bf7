package security

import (
	"errors"

	"github.com/go-zactor/zactor/internal/wire"
)

var (
	// ErrWeakKey says that a key of the configuration is zero or of low order.
	ErrWeakKey = errors.New("weak CURVE key")
	// ErrKeyMismatch says that a public key does not belong to the secret key.
	ErrKeyMismatch = errors.New("public and secret CURVE key do not belong together")
	// ErrCredentials says that a user name or password does not fit into HELLO.
	ErrCredentials = errors.New("user name and password have at most 255 bytes")

	errNoDecision = errors.New("this side of the handshake has nothing to decide")
)

// errCrypto is the answer to everything that fails to decrypt or to verify. It
// is one value so that no path can say more than another.
var errCrypto = &wire.ProtocolError{Code: wire.CodeCryptographic, Reason: "cryptographic check failed: the peer means another key than ours, or bytes were changed on their way"}
