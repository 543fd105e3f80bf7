package actor

import "errors"

// Strategy says which children of a supervisor are restarted when one of them
// fails. Those that still run are stopped first, in the reverse order in which
// they were added; then all are started again in that order.
type Strategy uint8

// The strategies.
const (
	OneForOne  Strategy = iota // the one that failed
	OneForAll                  // all
	RestForOne                 // the one that failed and those added after it
)

// String returns the strategy's name.
func (s Strategy) String() string {
	switch s {
	case OneForOne:
		return "OneForOne"
	case OneForAll:
		return "OneForAll"
	case RestForOne:
		return "RestForOne"
	}
	return "unknown"
}

// Restart says when a supervised actor is restarted.
type Restart uint8

// The rules. None is restarted after its actor was told to end, or when its
// function returned ErrNoRestart.
const (
	Permanent Restart = iota // always
	Transient                // when its function has failed: returned an error, or panicked
	Temporary                // never, also not with its siblings
)

// String returns the name of the rule.
func (k Restart) String() string {
	switch k {
	case Permanent:
		return "Permanent"
	case Transient:
		return "Transient"
	case Temporary:
		return "Temporary"
	}
	return "unknown"
}

// restarts reports whether an actor under this rule whose function ended with err is
// to be restarted.
func (k Restart) restarts(err error) bool {
	if errors.Is(err, ErrNoRestart) {
		return false
	}
	return k == Permanent || k == Transient && err != nil
}
