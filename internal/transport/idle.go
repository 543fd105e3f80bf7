package transport

import "os"

// ErrIdle is what a connection returns that was asked to rest, instead of waiting, when it
// holds nothing and nothing has arrived: whoever reads can then wait with Await, without a
// buffer. It is a timeout, so that a connection that lies between is as good as before.
var ErrIdle error = idleError{}

type idleError struct{}

func (idleError) Error() string        { return "transport: nothing has arrived" }
func (idleError) Timeout() bool        { return true }
func (idleError) Temporary() bool      { return true }
func (idleError) Is(target error) bool { return target == os.ErrDeadlineExceeded }
