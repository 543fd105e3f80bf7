package mailbox

import (
	"errors"
	"fmt"
	"net"
	"os"
)

var (
	// ErrClosed is returned by a Send when either end is closed, and by a Recv
	// when this end is closed, or the other one is and all it sent has been
	// received. It matches net.ErrClosed.
	ErrClosed = fmt.Errorf("mailbox: closed: %w", net.ErrClosed)

	// ErrAgain is returned by the Try methods when the call would have to wait.
	// It matches os.ErrDeadlineExceeded.
	ErrAgain = fmt.Errorf("mailbox: try again: %w", os.ErrDeadlineExceeded)

	// ErrInterrupted is returned by a Send or Recv that would have to wait on an
	// end between Interrupt and Resume.
	ErrInterrupted = errors.New("mailbox: interrupted")
)
