package proc

import (
	"os"
	"os/exec"
	"runtime"
)

// launch starts a command that must not outlive this program. On Linux the system sees to
// it, by the death of the thread that has started the command: it is kept until the
// command has ended.
func launch(cmd *exec.Cmd, ended <-chan struct{}) error {
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "GORACE=atexit_sleep_ms=0") // else each end of one of ours takes a second
	tie(cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if started <- err; err == nil {
			<-ended
		}
	}()
	return <-started
}
