package swap

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MakeDir makes a directory, mode 0700, for files that nobody else may read or replace,
// or says why the one that is there is not safe: its owner is another user than this
// process or root, or everybody may write to it and it is not sticky (as /tmp is). A
// symbolic link is followed when its owner is one of those.
//
// Errors: ErrUnsafe, or the disk's.
func MakeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	fi, err := os.Lstat(dir)
	if err == nil && fi.Mode()&fs.ModeSymlink != 0 {
		if err = safeOwner(dir, fi, true); err != nil {
			return err
		}
		fi, err = os.Stat(dir)
	}
	if err != nil {
		return err
	}
	if fi.Mode()&0o002 != 0 && fi.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("%w: %s: everybody may write to it (mode %04o): chmod o-w", ErrUnsafe, dir, fi.Mode().Perm())
	}
	return safeOwner(dir, fi, true)
}

// secureDir is MakeDir for a log's own directory, in which nobody else may make files
// at all.
func secureDir(dir string) error {
	if err := MakeDir(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	fi, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case fi.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%w: %s is a symbolic link", ErrUnsafe, dir)
	case !fi.IsDir():
		return fmt.Errorf("%w: %s is not a directory", ErrUnsafe, dir)
	case fi.Mode()&0o002 != 0:
		return fmt.Errorf("%w: %s: everybody may write to it (mode %04o): chmod o-w", ErrUnsafe, dir, fi.Mode().Perm())
	}
	return safeOwner(dir, fi, false)
}

func safeOwner(path string, fi fs.FileInfo, root bool) error {
	uid, ok := owner(fi)
	if !ok || uid == os.Geteuid() || root && uid == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s belongs to user %d, this process is user %d: chown it, or use another folder", ErrUnsafe, path, uid, os.Geteuid())
}

// takeLock takes a directory for this process.
func takeLock(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err = lock(f); err == nil {
		err = stillThere(f, path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

const lockName = "lock"

// stillThere is nil for a file that nobody has removed before it was locked.
func stillThere(f *os.File, path string) error {
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(path)
	if err == nil && !os.SameFile(mine, there) {
		err = ErrInUse
	}
	return err
}

// Nest is the directory of a process for its temporary logs: one lock for all of them,
// by which those of processes that were killed are told apart and removed.
type Nest struct {
	dir  string
	lock *os.File
}

// OpenNest makes a nest below parent, named by prefix and chance, and removes the nests
// of that prefix whose process has ended without removing them.
func OpenNest(parent, prefix string) (*Nest, error) {
	if err := MakeDir(parent); err != nil {
		return nil, err
	}
	if locks {
		sweep(parent, prefix)
	}
	for range nestTries {
		dir, err := os.MkdirTemp(parent, prefix)
		if err != nil {
			return nil, err
		}
		if l, err := takeLock(dir); err == nil {
			return &Nest{dir, l}, nil
		}
		os.Remove(dir) // another process has swept it away before it was locked
	}
	return nil, fmt.Errorf("%w: %s*", ErrInUse, filepath.Join(parent, prefix))
}

const nestTries = 100

// Dir is where the nest's logs belong.
func (n *Nest) Dir() string { return n.dir }

// Close removes the nest with all that is in it.
func (n *Nest) Close() error {
	err := os.RemoveAll(n.dir)
	n.lock.Close()
	return err
}

// sweep removes nests that nobody holds. What can't be removed stays.
func sweep(parent, prefix string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), prefix) {
			removeDead(filepath.Join(parent, e.Name()))
		}
	}
}

func removeDead(dir string) {
	fi, err := os.Lstat(dir)
	if err != nil || safeOwner(dir, fi, false) != nil {
		return
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if err != nil {
		os.Remove(dir) // nothing but an empty one: it may be about to be locked
		return
	}
	defer f.Close()
	if lock(f) == nil {
		os.RemoveAll(dir)
	}
}
