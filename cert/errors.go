package cert

import "errors"

// The errors of this package, each wrapped together with the value and the rule
// that it broke, but never with a secret. A missing file is fs.ErrNotExist.
var (
	// ErrZ85 says that bytes or text can't be converted.
	ErrZ85 = errors.New("invalid Z85")
	// ErrZPL says that a document does not follow the rules of ZPL.
	ErrZPL = errors.New("malformed ZPL")
	// ErrMalformed says that a file is ZPL, but not a certificate.
	ErrMalformed = errors.New("malformed certificate")
	// ErrInvalidKey says that a key is zero, or of low order: a link with it would
	// be no secret.
	ErrInvalidKey = errors.New("unusable key")
	// ErrNoSecret says that a certificate has only its public key.
	ErrNoSecret = errors.New("certificate without a secret key")
	// ErrMismatch says that two keys do not belong together.
	ErrMismatch = errors.New("keys do not belong together")
	// ErrExposed says that a file with a secret key can be read or written by
	// others than its owner.
	ErrExposed = errors.New("secret file is open to others")
	// ErrUnsafe says that a name or a value can't be written to a file so that it
	// is read back the same.
	ErrUnsafe = errors.New("can't be written safely")
	// ErrTooLarge says that a file or a directory is above its limit.
	ErrTooLarge = errors.New("too large")
	// ErrInvalidOption says that an argument of an option is out of its range.
	ErrInvalidOption = errors.New("invalid option")
	// ErrDuplicate says that two files of a store have the same key.
	ErrDuplicate = errors.New("same key in two files")

	errNoDir  = errors.New("not a directory")
	errNoFile = errors.New("not a regular file")
)
