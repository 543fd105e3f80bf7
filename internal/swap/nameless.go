package swap

import (
	"os"
	"sync"
)

// nameless is a disk whose files lose their names as soon as they are there, where the
// system lets them: nobody else can open them, and nothing is left when the process is
// killed. A file is open from then on until it is removed.
type nameless struct {
	Disk
	mu    sync.Mutex
	files map[string]*namelessFile
}

type namelessFile struct {
	File
	named bool // the system has not let the name go
}

// view is a file that is open more than once.
type view struct{ File }

func (view) Close() error { return nil }

func newNameless(d Disk) *nameless { return &nameless{Disk: d, files: map[string]*namelessFile{}} }

func (n *nameless) Open(path string, flag int) (File, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f := n.files[path]
	if f == nil {
		if flag&os.O_CREATE == 0 {
			return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
		}
		file, err := n.Disk.Open(path, os.O_RDWR|flag&^os.O_WRONLY)
		if err != nil {
			return nil, err
		}
		f = &namelessFile{file, n.Disk.Remove(path) != nil}
		n.files[path] = f
	}
	return view{f}, nil
}

func (n *nameless) Remove(path string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	f := n.files[path]
	if f == nil {
		return os.ErrNotExist
	}
	delete(n.files, path)
	err := f.Close()
	if f.named {
		err = n.Disk.Remove(path)
	}
	return err
}

func (n *nameless) Rename(from, to string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	f := n.files[from]
	if f == nil {
		return os.ErrNotExist
	}
	if f.named {
		if err := n.Disk.Rename(from, to); err != nil {
			return err
		}
	}
	delete(n.files, from)
	n.files[to] = f
	return nil
}

// close closes all that is left.
func (n *nameless) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for path, f := range n.files {
		_ = f.Close()
		delete(n.files, path)
	}
}
