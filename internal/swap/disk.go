package swap

import (
	"io"
	"os"
)

// disk is what a log writes to; tests have one that is full, or that fails.
type disk interface {
	open(path string, flag int) (file, error)
	remove(path string) error
	rename(from, to string) error
}

type file interface {
	io.Writer
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

// system is the operating system's disk.
type system struct{}

func (system) open(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err // not a file that is a nil *os.File
	}
	return f, nil
}

func (system) remove(path string) error     { return os.Remove(path) }
func (system) rename(from, to string) error { return os.Rename(from, to) }
