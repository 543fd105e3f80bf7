package endpoint

import (
	"errors"
	"fmt"
)

var (
	// ErrInvalid says that a string is not an endpoint, or not one for the
	// direction asked. The text names the value and the rule it broke.
	ErrInvalid = errors.New("invalid endpoint")

	// ErrScheme says that nothing is known by the name before "://".
	ErrScheme = errors.New("unknown transport")
)

// quoteMax bounds how much of a bad value an error repeats.
const quoteMax = 255

// invalid is ErrInvalid with the value and the rule it broke.
func invalid(s, rule string) error {
	return fmt.Errorf("%w %q: %s", ErrInvalid, clip(s), rule)
}

func clip(s string) string {
	if len(s) <= quoteMax {
		return s
	}
	return s[:quoteMax] + "..."
}
