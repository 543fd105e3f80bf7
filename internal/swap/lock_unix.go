//go:build unix

package swap

import (
	"os"
	"syscall"
)

// lock takes the directory for this process; the kernel gives it back when the
// process ends, however it ends.
func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return ErrInUse
	}
	return nil
}
