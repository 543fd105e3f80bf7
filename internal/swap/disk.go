package swap

import (
	"io"
	"os"
)

// Disk is what a log writes to; tests have one that is full, fails, or waits.
type Disk interface {
	Open(path string, flag int) (File, error)
	Remove(path string) error
	Rename(from, to string) error
}

// File is a file of a Disk.
type File interface {
	io.Writer
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

// OS is the operating system's disk.
var OS Disk = system{}

type system struct{}

func (system) Open(path string, flag int) (File, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err // not a file that is a nil *os.File
	}
	return f, nil
}

func (system) Remove(path string) error     { return os.Remove(path) }
func (system) Rename(from, to string) error { return os.Rename(from, to) }
