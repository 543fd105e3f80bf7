//go:build unix

package cert

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// exposed reports whether others than the owner have any right to a file.
func exposed(mode fs.FileMode) bool { return mode.Perm()&0o077 != 0 }

// syncDir makes a rename last through a power cut. Some file systems can't sync
// a directory, and have to be taken as they are.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil // a directory may be writable and not readable
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
