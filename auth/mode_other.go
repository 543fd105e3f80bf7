//go:build !unix

package auth

import "io/fs"

// On these systems access does not show in the mode.
func writableByOthers(fs.FileMode) bool { return false }
func readableByOthers(fs.FileMode) bool { return false }
