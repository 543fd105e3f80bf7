//go:build linux

package netns

import (
	"fmt"
	"os"
)

// roleVariable names the part that a process plays.
const roleVariable = "ZACTOR_NETNS_ROLE"

// Roles are the parts that a test program can play on a host, as a process of its own.
// A part ends with its input.
type Roles map[string]func() error

// Play plays the part that this process was started for, and does not return then.
// TestMain calls it first.
func (r Roles) Play() {
	name := os.Getenv(roleVariable)
	if name == "" {
		return
	}
	if err := r[name](); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Role starts this test program on a host in one of its parts.
func (l *LAN) Role(host, role string, env ...string) *Process {
	l.t.Helper()
	return l.Run(host, append(env, roleVariable+"="+role), os.Args[0])
}

// Descriptors counts the open files of this process.
func Descriptors() (int, error) {
	all, err := os.ReadDir("/proc/self/fd")
	return len(all), err
}
