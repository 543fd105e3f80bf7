package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// cSources is the libzmq side, built where a compiler and the library are.
//
//go:embed c
var cSources embed.FS

// lab is the place where runs take place: the programs, a folder for sockets,
// and how much work there is to be.
type lab struct {
	dir     string
	self    string  // this binary
	libzmq  string  // the C program, or empty
	noC     string  // why it is empty
	version string  // libzmq's
	scale   float64 // of the numbers of messages
	sockets int     // how many ipc paths were given out
}

func newLab(ctx context.Context, scale float64) (*lab, error) {
	dir, err := os.MkdirTemp("", "zactor-bench-")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, self: self, scale: scale}
	if err := l.buildC(ctx); err != nil {
		l.noC = "not installed"
		fmt.Fprintln(os.Stderr, "libzmq in C:", err)
	}
	return l, nil
}

func (l *lab) close() error { return os.RemoveAll(l.dir) }

// buildC compiles c/ and asks the program for libzmq's version.
func (l *lab) buildC(ctx context.Context) error {
	src := filepath.Join(l.dir, "src")
	if err := os.CopyFS(src, cSources); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(src, "c", "*.c"))
	if err != nil {
		return err
	}
	bin := filepath.Join(l.dir, "libzmq-bench")
	args := append([]string{"-O2", "-o", bin}, files...)
	if out, err := exec.CommandContext(ctx, "gcc", append(args, "-lzmq", "-lpthread")...).CombinedOutput(); err != nil {
		return fmt.Errorf("gcc: %w\n%s", err, out)
	}
	out, err := exec.CommandContext(ctx, bin, "version").Output()
	if err != nil {
		return err
	}
	l.libzmq, l.version = bin, strings.TrimSpace(string(out))
	return nil
}

// count scales a number of messages, and leaves enough of them to measure.
func (l *lab) count(n int) int { return max(10, int(float64(n)*l.scale)) }

// endpoint returns a fresh one to bind.
func (l *lab) endpoint(transport string) string {
	switch transport {
	case "ipc":
		l.sockets++
		return "ipc://" + filepath.Join(l.dir, strconv.Itoa(l.sockets))
	case "inproc":
		return "inproc://bench"
	}
	return "tcp://127.0.0.1:*"
}

// always is the missing of a contender that needs nothing but this binary.
func always(*lab) string { return "" }

// needsC is the missing of those that are the C program.
func needsC(l *lab) string { return l.noC }

// pinned adds to a missing what a run on one core needs.
func pinned(missing func(*lab) string) func(*lab) string {
	return func(l *lab) string {
		if _, err := exec.LookPath("taskset"); err != nil {
			return "no taskset"
		}
		return missing(l)
	}
}
