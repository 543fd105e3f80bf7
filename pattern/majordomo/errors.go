package majordomo

import (
	"errors"
	"fmt"
	"net"
)

var (
	// ErrClosed is returned by the calls of a Client that is closed. It matches
	// net.ErrClosed.
	ErrClosed = fmt.Errorf("majordomo: client closed: %w", net.ErrClosed)
	// ErrNoAnswer says that no attempt brought an answer. The last reason stands behind it.
	ErrNoAnswer = errors.New("majordomo: no answer")
	// ErrInvalidOption says that an option, or an argument of a constructor, breaks its rule.
	ErrInvalidOption = errors.New("majordomo: invalid option")
	// ErrService says that the name of a service is empty, longer than 255 bytes, or one of
	// the broker's own (mmi.).
	ErrService = errors.New("majordomo: invalid name of a service")
	// ErrProtocol says that a peer sent what MDP 0.2 does not have.
	ErrProtocol = errors.New("majordomo: not MDP 0.2")
	// ErrRunning says that Run was called while an earlier Run is under way.
	ErrRunning = errors.New("majordomo: it runs already")

	// ErrPanic says that a worker's handler panicked; what it said, and where, stands behind
	// it.
	ErrPanic = errors.New("majordomo: a handler panicked")

	// Reasons in events.

	// ErrSilent says that a peer sent no heartbeat in time.
	ErrSilent = errors.New("majordomo: silent for too long")
	// ErrGone says that a peer's connection ended, or that it took its leave.
	ErrGone = errors.New("majordomo: gone")
	// ErrExpired says that a request waited for a worker in vain.
	ErrExpired = errors.New("majordomo: no worker came in time")
	// ErrFull says that there are as many requests as WithQueue allows.
	ErrFull = errors.New("majordomo: queue full")
	// ErrWorkers says that a request was lost with as many workers as WithDeliveries allows.
	ErrWorkers = errors.New("majordomo: lost with every worker that had it")
	// ErrEnded says that the broker has ended.
	ErrEnded = errors.New("majordomo: broker ended")
)
