// Package lan is what beacons and multicast DNS share of the local network: which
// interfaces are used, the sockets that hear them, the groups that are joined there, and
// a limit for what comes.
package lan

import "time"

// SendTimeout bounds how long one interface with a full queue can hold up the others.
const SendTimeout = 100 * time.Millisecond

// Pause waits, so that a socket that fails again and again does not take a whole core.
// It returns false when done is closed.
func Pause(done <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
		return false
	case <-t.C:
		return true
	}
}
