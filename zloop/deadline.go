package zloop

import "time"

// deadline is a timer or a ticket that a pass has found due. Its methods are
// called with the loop's mu held.
type deadline interface {
	fire(now time.Time) func() error // the handler to call; nil when it is due no longer
	putBack()                        // into its queue, since the pass has ended early
}

// state is where a timer or ticket is.
type state uint8

const (
	idle   state = iota // nowhere: stopped, or fired for the last time
	queued              // in its queue
	isDue               // in the loop's due list
)
