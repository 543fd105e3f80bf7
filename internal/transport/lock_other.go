//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package transport

import "context"

// lockFolder does nothing where folders cannot be locked: two programs that
// start on one stale path within microseconds may then take it from each other.
func lockFolder(context.Context, string) (unlock func()) { return func() {} }
