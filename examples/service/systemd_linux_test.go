package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// The test is systemd: it opens the socket, starts the program after the first client
// has come, and hears of it.
func TestSystemd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // the file keeps the socket
	first := make(chan string, 1)
	go func() { first <- get(l.Addr().String()) }()
	heard := notifications(t)
	p := proc.With(t, func(cmd *exec.Cmd) { // sh knows its process id, and keeps it
		cmd.Args = []string{"sh", "-c", `LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$0"`, cmd.Path}
		cmd.Path, cmd.ExtraFiles = "/bin/sh", []*os.File{file}
		cmd.Env = append(cmd.Env, "LISTEN_FDS=1", "WATCHDOG_USEC=20000", "NOTIFY_SOCKET="+heard.LocalAddr().String())
	})
	file.Close()
	if got := next(t, heard); got != "READY=1" && got != "WATCHDOG=1" {
		t.Errorf("heard %q first", got)
	}
	if got := <-first; got != "visit 1\n" {
		t.Fatalf("the client who came before the service: %q", got)
	}
	for range 3 {
		for next(t, heard) != "WATCHDOG=1" {
		}
	}
	_ = p.Terminate()
	for next(t, heard) != "STOPPING=1" {
	}
	go func() { _, _ = io.Copy(io.Discard, heard) }() // signs of life that are under way
	p.Wait()
}

// notifications is what NOTIFY_SOCKET names.
func notifications(t *testing.T) *net.UnixConn {
	t.Helper()
	dir, err := os.MkdirTemp("", "z") // its name is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: filepath.Join(dir, "notify")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func next(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	b := make([]byte, 100)
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}
