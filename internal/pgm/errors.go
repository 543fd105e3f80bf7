package pgm

import (
	"errors"
	"io/fs"
)

var (
	// ErrPermission: the process may not open raw sockets, which pgm:// needs. It is
	// also fs.ErrPermission.
	ErrPermission = &permissionError{}
	// ErrInterface: no interface fits what the endpoint names.
	ErrInterface = errors.New("no such interface for multicast")

	// ErrEnded: a source has said that it ends.
	ErrEnded = errors.New("the pgm source has ended its session")
	// ErrSilent: a source has not been heard for long.
	ErrSilent = errors.New("the pgm source is not heard any more")
	// ErrLost: packets could not be had again.
	ErrLost = errors.New("pgm packets are lost beyond repair")
	// ErrClosed: the endpoint was closed.
	ErrClosed = errors.New("closed")
)

type permissionError struct{}

func (*permissionError) Error() string {
	return "pgm:// needs raw sockets, which this process may not open (CAP_NET_RAW); epgm:// does not"
}

func (*permissionError) Is(target error) bool { return target == fs.ErrPermission }
