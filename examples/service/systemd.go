package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// listen returns the socket that systemd has opened for this process (sd_listen_fds(3)),
// or one at the address when there is none.
func listen(address string) (net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) { // meant for another process
		return net.Listen("tcp", address)
	}
	if n := os.Getenv("LISTEN_FDS"); n != "1" {
		return nil, fmt.Errorf("systemd passed %s sockets, want one", n)
	}
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		_ = os.Unsetenv(name) // not for processes that we start
	}
	f := os.NewFile(3, "systemd") // the first after stdin, stdout and stderr
	defer f.Close()               // the listener has a copy
	return net.FileListener(f)
}

// notify tells systemd the state of the service (sd_notify(3)). Without systemd it does
// nothing.
func notify(state string) error {
	path := os.Getenv("NOTIFY_SOCKET") // with an "@" before an abstract one, as in Go
	if path == "" {
		return nil
	}
	c, err := net.Dial("unixgram", path)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetWriteDeadline(time.Now().Add(time.Second)) // it waits when systemd does not read
	_, err = c.Write([]byte(state))
	return err
}

// patience returns how long systemd waits for a sign of life (sd_watchdog_enabled(3)),
// or 0 when it does not wait for any.
func patience() (time.Duration, error) {
	us := os.Getenv("WATCHDOG_USEC")
	if pid := os.Getenv("WATCHDOG_PID"); us == "" || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0, nil
	}
	n, err := strconv.ParseInt(us, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("WATCHDOG_USEC is %q, want a number of microseconds", us)
	}
	return time.Duration(n) * time.Microsecond, nil
}
