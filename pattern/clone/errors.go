package clone

import (
	"errors"
	"fmt"
	"net"
)

var (
	// ErrClosed is returned by the calls of a Client that is closed. It matches
	// net.ErrClosed.
	ErrClosed = fmt.Errorf("clone: client closed: %w", net.ErrClosed)
	// ErrInvalidOption says that an option, or an endpoint, breaks its rule.
	ErrInvalidOption = errors.New("clone: invalid option")
	// ErrKey says that a key is empty, longer than 255 bytes, a word of the protocol, or
	// outside of the client's subtree.
	ErrKey = errors.New("clone: invalid key")
	// ErrProtocol says that a peer sent what CHP does not have.
	ErrProtocol = errors.New("clone: not CHP")
	// ErrFull says that the table is as large as WithLimits allows.
	ErrFull = errors.New("clone: table full")
	// ErrRunning says that Run was called while an earlier Run is under way.
	ErrRunning = errors.New("clone: it runs already")
	// ErrSilent says that a server sent nothing for too long.
	ErrSilent = errors.New("clone: silent for too long")
	// ErrLost says that the connection to a server was lost.
	ErrLost = errors.New("clone: connection lost")
	// ErrMissed says that the client was too slow, and changes were dropped on their way.
	ErrMissed = errors.New("clone: changes missed")
)
