//go:build !unix

package transport

import (
	"io/fs"
	"net"
)

// bindUnix leaves the file's access to the folder it is in: there are no modes
// here.
func bindUnix(path string, _ int) (*net.UnixListener, error) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // shut does that, with more care
	return l, nil
}

func ownedByUs(fs.FileInfo) bool { return true }
