//go:build linux

package netns

import (
	"os"
	"os/exec"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// Run runs a process on a host: see proc.NewPeer.
func (l *LAN) Run(host string, env []string, command ...string) *proc.Peer {
	l.t.Helper()
	return proc.NewPeer(l.t, Command(host, env, command...))
}

// Daemon runs a process that does not end by itself. It is killed with the test.
func (l *LAN) Daemon(host string, env []string, command ...string) *proc.Peer {
	l.t.Helper()
	p := l.Run(host, env, command...)
	l.t.Cleanup(p.Kill)
	return p
}

// Role starts this test program on a host in one of its parts: see proc.Roles.
func (l *LAN) Role(host, role string, env ...string) *proc.Peer {
	l.t.Helper()
	return l.Run(host, append(env, proc.AsRole(role)), os.Args[0])
}

// Command is a command to run on a host, with more in its environment.
func Command(host string, env []string, command ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", host}, command...)...)
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// Descriptors counts the open files of this process.
func Descriptors() (int, error) {
	all, err := os.ReadDir("/proc/self/fd")
	return len(all), err
}
