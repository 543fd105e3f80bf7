package cert

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// maxFiles bounds what a store reads at each look.
const maxFiles = 1 << 16

// A scan is what one look at a store's files has found. It is never changed once
// made.
type scan struct {
	files    map[string]file // by path
	dirs     []string        // the directories that were read, for watching
	certs    trusted
	problems []Problem
}

// A file is the last known state of one.
type file struct {
	sum     [sha256.Size]byte // of its content
	changed time.Time
	cert    *Cert // the last good version; nil if there was none
	secret  bool  // it has a secret key, so that its mode matters
	err     error // why the present version is not good
}

// look reads a file system anew. Of files that can't be read or parsed it takes
// over from before what was last good, and of files whose content is as before it
// takes over everything.
//
// Paths that were known are looked at even if the directory does not list them:
// a listing that is read while a file is renamed into place may miss it, and its
// owner must not be shut out for that.
func look(fsys fs.FS, before *scan) *scan {
	next := &scan{files: make(map[string]file)}
	paths := next.list(fsys)
	for known := range before.files {
		paths[known] = struct{}{}
	}
	for p := range paths {
		f, there := readStored(fsys, p, before.files[p])
		if there {
			next.files[p] = f
		}
	}
	next.index()
	return next
}

// list collects the paths that may be certificates.
func (s *scan) list(fsys fs.FS) map[string]struct{} {
	paths := make(map[string]struct{})
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if !isGone(err) {
				s.problem(p, err)
			}
			return nil
		case d.IsDir() && p != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			s.dirs = append(s.dirs, p)
		case isCandidate(d):
			paths[p] = struct{}{}
		}
		if len(paths)+len(s.dirs) > maxFiles {
			return fmt.Errorf("%w: more than %d files", ErrTooLarge, maxFiles)
		}
		return nil
	})
	if err != nil {
		s.problem(".", err)
	}
	return paths
}

func isCandidate(d fs.DirEntry) bool {
	regular := d.Type().IsRegular() || d.Type()&fs.ModeSymlink != 0
	return regular && !strings.HasPrefix(d.Name(), ".") && !strings.HasSuffix(d.Name(), secretSuffix)
}

// isGone reports whether there is nothing at a path. A directory above it that
// is now a file counts as well.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func (s *scan) problem(path string, err error) {
	s.problems = append(s.problems, Problem{path, err})
}

// readStored reads one file; false means that there is none any more.
func readStored(fsys fs.FS, p string, before file) (file, bool) {
	text, info, err := readContent(fsys, p)
	switch {
	case errors.Is(err, errNoFile) || isGone(err):
		return file{}, false
	case err != nil:
		before.err = err
		return before, true
	}
	defer clear(text)
	f := file{sum: sha256.Sum256(text), changed: info.ModTime(), cert: before.cert, secret: before.secret}
	if f.sum != before.sum || before.err != nil {
		c, err := parse(text)
		if err == nil {
			f.cert, f.secret = c.withoutSecret(), c.HasSecret()
		}
		f.err = err
	}
	if f.secret && exposed(info.Mode()) {
		// Not a file on its way to be good: its key may be in other hands.
		f.cert, f.err = nil, fmt.Errorf("%w: its mode is %04o: must be 0600: chmod 600 %s", ErrExposed, info.Mode().Perm(), info.Name())
	}
	return f, true
}

// readContent looks before it opens: to open a named pipe would block.
func readContent(fsys fs.FS, p string) ([]byte, fs.FileInfo, error) {
	info, err := fs.Stat(fsys, p)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errNoFile
	}
	f, err := fsys.Open(p)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	return text, info, err
}

// index makes the set of keys, and the list of problems, from the files.
func (s *scan) index() {
	s.certs = make(trusted, len(s.files))
	from := make(map[string]string, len(s.files)) // path by key
	for _, p := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[p]
		if f.err != nil {
			s.problem(p, f.err)
		}
		if f.cert == nil {
			continue
		}
		key := f.cert.Public()
		if other, taken := from[key]; taken {
			winner, loser := other, p
			if f.changed.After(s.files[other].changed) {
				winner, loser = p, other
			}
			s.problem(loser, fmt.Errorf("%w: %s has it too, and counts", ErrDuplicate, winner))
			p = winner
		}
		from[key], s.certs[key] = p, s.files[p].cert
	}
	slices.SortFunc(s.problems, func(a, b Problem) int { return strings.Compare(path.Clean(a.Path), path.Clean(b.Path)) })
}

// sameProblems compares by what is said, since errors have no equality.
func sameProblems(a, b []Problem) bool {
	return slices.EqualFunc(a, b, func(x, y Problem) bool {
		return x.Path == y.Path && x.Err.Error() == y.Err.Error()
	})
}
