package lastvalue

import (
	"errors"
)

var (
	// ErrInvalidOption says that an option breaks its rule.
	ErrInvalidOption = errors.New("lastvalue: invalid option")
	// ErrTopic says that a message has no frames, or a topic of more than 255 bytes.
	ErrTopic = errors.New("lastvalue: invalid topic")
	// ErrFull says that a new topic, or a larger value, is beyond what WithLimits allows.
	ErrFull = errors.New("lastvalue: cache full")
	// ErrRunning says that Run was called while an earlier Run is under way.
	ErrRunning = errors.New("lastvalue: it runs already")
	// ErrSubscriptions says that a subscriber has more subscriptions than it may.
	ErrSubscriptions = errors.New("lastvalue: too many subscriptions")
)
