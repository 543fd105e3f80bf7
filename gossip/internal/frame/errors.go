package frame

import "errors"

var (
	// ErrMalformed says that frames are not a zgossip message.
	ErrMalformed = errors.New("gossip: malformed message")
	// ErrInvalid says that a value can't be said in zgossip.
	ErrInvalid = errors.New("gossip: cannot be said in a message")
)
