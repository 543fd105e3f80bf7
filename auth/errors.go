package auth

import "errors"

// Errors of this package.
var (
	// ErrRule says that a text is no rule for addresses.
	ErrRule = errors.New("auth: invalid address rule")
	// ErrKey says that a text is no public key in Z85.
	ErrKey = errors.New("auth: invalid public key")
	// ErrUser says that a user name or password can't be used.
	ErrUser = errors.New("auth: invalid user or password")
	// ErrFile says that a password file can't be used.
	ErrFile = errors.New("auth: password file")
	// ErrOption says that an option is out of its bounds.
	ErrOption = errors.New("auth: invalid option")
)
