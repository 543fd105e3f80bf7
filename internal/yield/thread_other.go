//go:build !linux

package yield

// giveThread does nothing: these systems run who was woken before who works on.
func giveThread() {}
