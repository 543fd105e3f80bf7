package swap

import (
	"errors"
	"fmt"
)

var (
	// ErrFull: the log holds as many bytes as it may.
	ErrFull = errors.New("swap is full")
	// ErrClosed: the log was closed.
	ErrClosed = errors.New("swap is closed")
	// ErrInUse: another process has the directory.
	ErrInUse = errors.New("swap directory is in use")
	// ErrUnsafe: another user could read or replace what is in the directory.
	ErrUnsafe = errors.New("swap directory is not safe")
	// ErrForeign: a record is none of ours.
	ErrForeign = errors.New("swap holds a record that is no message")
	// ErrTooLarge: a record is larger than a segment may be.
	ErrTooLarge = errors.New("record too large for swap")
)

// Damage is a stretch of a file that was written and can't be read any more.
type Damage struct {
	File   string
	Offset int64
	Reason string
	// Lost is how many records were in it; at least so many when the log ends there.
	Lost uint64
}

// Error makes a Damage an error.
func (d Damage) Error() string {
	return fmt.Sprintf("swap %s is damaged at byte %d: %s; %d records lost", d.File, d.Offset, d.Reason, d.Lost)
}
