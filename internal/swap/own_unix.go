//go:build unix

package swap

import (
	"io/fs"
	"os"
	"syscall"
)

// locks: a lock ends with its process, so that one without an owner can be told.
const locks = true

// lock takes the directory for this process; the kernel gives it back when the
// process ends, however it ends.
func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return ErrInUse
	}
	return nil
}

// owner is the user id of a file's owner; ok is false where there is none.
func owner(fi fs.FileInfo) (uid int, ok bool) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}
