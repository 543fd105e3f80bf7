//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package lan

// onlyOwnGroups has nothing to do where a socket hears only what it has joined.
func onlyOwnGroups(int) error { return nil }
