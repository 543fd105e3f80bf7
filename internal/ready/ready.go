// Package ready is the one contract by which things that carry messages say
// whether a call on them would block now. Sockets, actors and actors' pipes
// keep it, and the poller and the loop know them by nothing else.
//
// It is a leaf, so that internal/mailbox, which sits below zmq, can keep the same
// contract; zmq gives it its public names.
package ready

import "strings"

// Events is a set of the things that would not block.
type Events uint8

// The members of Events.
const (
	In  Events = 1 << iota // a receive would return a message, or an error, at once
	Out                    // a send would return at once
)

// String writes the set as "in|out", and the empty set as "none".
func (e Events) String() string {
	var names []string
	if e&In != 0 {
		names = append(names, "in")
	}
	if e&Out != 0 {
		names = append(names, "out")
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, "|")
}

// Pollable is a thing whose readiness can be asked for and waited for.
//
// To wait, call Notify first and Poll then: what changes between the two calls
// has left a token in the channel, and what changed before is in Poll's answer.
type Pollable interface {
	// Poll returns what would not block right now. It is a level, not an edge:
	// it stays until a call changes it. A closed thing reports In|Out, so that
	// the next call is made and returns the error.
	Poll() Events

	// Notify makes the thing send on c, without blocking, whenever Poll's answer
	// may have grown, and once when it closes. A channel with room for one token
	// loses nothing, however many things send on it. stop ends that; it may be
	// called more than once, and when it returns nothing is sent any more.
	Notify(c chan<- struct{}) (stop func())
}
