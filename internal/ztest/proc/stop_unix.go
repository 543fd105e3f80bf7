//go:build unix

package proc

import "syscall"

// Stop lets the process stand still, as a debugger or a hypervisor would: its
// connections stay, and it does nothing.
func (p *Process) Stop() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

// Continue lets it go on.
func (p *Process) Continue() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// Stop lets the peer stand still, and Continue lets it go on: see Process.
func (p *Peer) Stop() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

// Continue undoes Stop.
func (p *Peer) Continue() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// Terminate asks the process to end, as systemd and Kubernetes do; it does not wait.
func (p *Process) Terminate() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
