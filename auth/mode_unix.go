//go:build unix

package auth

import "io/fs"

func writableByOthers(mode fs.FileMode) bool { return mode.Perm()&0o022 != 0 }
func readableByOthers(mode fs.FileMode) bool { return mode.Perm()&0o044 != 0 }
