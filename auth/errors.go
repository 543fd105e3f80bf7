package auth

import (
	"errors"
	"fmt"
	"net"
)

// Errors of this package.
var (
	// ErrInvalidRule says that a text is no rule for addresses.
	ErrInvalidRule = errors.New("auth: invalid address rule")
	// ErrInvalidKey says that a text is no public key in Z85.
	ErrInvalidKey = errors.New("auth: invalid public key")
	// ErrInvalidUser says that a user name or password can't be used.
	ErrInvalidUser = errors.New("auth: invalid user or password")
	// ErrPasswordFile says that a password file can't be used: it can't be read, or others
	// than its owner may write it.
	ErrPasswordFile = errors.New("auth: password file")
	// ErrInvalidOption says that an option is out of its bounds.
	ErrInvalidOption = errors.New("auth: invalid option")
	// ErrClosed is returned by PlainFile of an Auth that is closed. It matches
	// net.ErrClosed.
	ErrClosed = fmt.Errorf("auth: closed: %w", net.ErrClosed)
)
