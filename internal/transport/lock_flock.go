//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package transport

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// lockWait bounds the wait for a folder that another process holds. The lock
// only keeps two starters from meeting within microseconds, so it is better
// to go on without it than to hang.
const lockWait = time.Second

// lockFolder locks a folder among the programs that use this package, and
// returns what undoes it. The lock is on the folder itself: it leaves no file
// behind, and ends with the process.
func lockFolder(ctx context.Context, folder string) (unlock func()) {
	fd, err := unix.Open(folder, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_DIRECTORY, 0)
	if err != nil {
		return func() {} // not readable: bind will say what is wrong, if anything
	}
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for held(fd) && ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return func() { _ = unix.Close(fd) }
}

// held reports whether another process has the lock. Having taken it is false,
// and so is a file system that cannot lock.
func held(fd int) bool {
	err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	return err == unix.EWOULDBLOCK || err == unix.EINTR
}
