package members

import "errors"

// ErrInvalidOption says that an option is out of its bounds. All other errors are those
// that beacon.Discoverer has.
var ErrInvalidOption = errors.New("members: invalid option")
