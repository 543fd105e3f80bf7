//go:build !unix

package swap

import (
	"io/fs"
	"os"
)

// locks: there is no lock here that ends with its process.
const locks = false

// lock does nothing.
func lock(*os.File) error { return nil }

// owner: no user ids here.
func owner(fs.FileInfo) (uid int, ok bool) { return 0, false }
