package zmq_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// A disk that is full is an error of Send, which has sent nothing then; what was
// accepted before is delivered.
func TestSwapOnFullDisk(t *testing.T) {
	k := alone(t, "tcp")
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	endpoint := k.endpoint()
	push := k.open(zmq.Push, zmq.WithSwap(dir, 0), zmq.WithSwapSync(true))
	k.ok(push.Connect(endpoint))
	body := strings.Repeat("f", 10_000)
	accepted := 0
	var err error
	for ; err == nil && accepted < 1000; accepted++ {
		err = push.SendString(k.ctx, body)
	}
	accepted--
	k.is(err, zmq.ErrSwap)
	if !errors.Is(err, syscall.ENOSPC) || accepted < 50 {
		t.Fatalf("after %d messages: %v", accepted, err)
	}
	pull := k.open(zmq.Pull)
	_, err = pull.Bind(endpoint)
	k.ok(err)
	for range accepted {
		k.want(pull, body)
	}
	if m, err := pull.TryRecv(); err == nil {
		t.Errorf("%d bytes more than were accepted", m.Size())
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}
