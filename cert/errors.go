package cert

import (
	"errors"
	"strings"
)

// The errors of this package, each wrapped together with the value and the rule
// that it broke, but never with a secret. A missing file is fs.ErrNotExist.
var (
	// ErrZ85 says that bytes or text can't be converted.
	ErrZ85 = errors.New("cert: invalid Z85")
	// ErrZPL says that a document does not follow the rules of ZPL.
	ErrZPL = errors.New("cert: malformed ZPL")
	// ErrMalformed says that a file is ZPL, but not a certificate.
	ErrMalformed = errors.New("cert: malformed certificate")
	// ErrInvalidKey says that a key is zero, or of low order: a link with it would
	// be no secret.
	ErrInvalidKey = errors.New("cert: unusable key")
	// ErrNoSecret says that a certificate has only its public key.
	ErrNoSecret = errors.New("cert: certificate without a secret key")
	// ErrMismatch says that two keys do not belong together.
	ErrMismatch = errors.New("cert: keys do not belong together")
	// ErrExposed says that a file with a secret key can be read or written by
	// others than its owner.
	ErrExposed = errors.New("cert: secret file is open to others")
	// ErrUnsafe says that a name or a value can't be written to a file so that it
	// is read back the same.
	ErrUnsafe = errors.New("cert: can't be written safely")
	// ErrTooLarge says that a file or a directory is above its limit.
	ErrTooLarge = errors.New("cert: too large")
	// ErrInvalidOption says that an argument of an option is out of its range.
	ErrInvalidOption = errors.New("cert: invalid option")
	// ErrDuplicate says that two files of a store have the same key.
	ErrDuplicate = errors.New("cert: same key in two files")

	errNoDir  = errors.New("not a directory")
	errNoFile = errors.New("not a regular file")
)

// opError is what a function of this package returns: its name stands in front once,
// however many of the errors above are wrapped.
type opError struct {
	op  string // "load a.cert", or "" for none
	err error
}

// wrap makes an opError, and nil of nil.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return &opError{op, err}
}

func (e *opError) Error() string {
	text := strings.ReplaceAll(strings.TrimPrefix(e.err.Error(), "cert: "), ": cert: ", ": ")
	if e.op != "" {
		text = e.op + ": " + text
	}
	return "cert: " + text
}

func (e *opError) Unwrap() error { return e.err }
