package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// cSources is the libzmq side, built where a compiler and the library are.
//
//go:embed c
var cSources embed.FS

// lab is the place where runs take place: the programs, a folder for sockets,
// and how long a run is to take.
type lab struct {
	dir     string
	each    time.Duration
	self    string            // this binary
	built   map[binary]string // where the others are
	absent  map[binary]string // why they are not
	version string            // libzmq's
	sockets int               // how many ipc paths were given out
	most    int               // if not 0, there are no more messages and peers than this: for tests
}

// binary is one of the programs that play roles.
type binary string

const (
	ours   binary = "Go"
	native binary = "libzmq in C"
	shim   binary = "libzmq by cgo"
)

func newLab(ctx context.Context, each time.Duration) (*lab, error) {
	dir, err := os.MkdirTemp("", "zactor-bench-")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, each: each, self: self, built: map[binary]string{ours: self}, absent: map[binary]string{}}
	for which, build := range map[binary]func(context.Context) error{native: l.buildC, shim: l.buildShim} {
		if err := build(ctx); err != nil {
			l.absent[which] = "not installed"
			fmt.Fprintf(os.Stderr, "%s: %v\n", which, err)
		}
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
	l.built[native], l.version = bin, strings.TrimSpace(string(out))
	return nil
}

// buildShim compiles cgo/ from where this program was compiled: it shares its words
// with this one, and so can't be carried along as C can.
func (l *lab) buildShim(ctx context.Context) error {
	_, here, _, _ := runtime.Caller(0)
	bin := filepath.Join(l.dir, "cgo-bench")
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "libzmq", "-o", bin, "./cgo")
	cmd.Dir = filepath.Dir(here)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	l.built[shim] = bin
	return nil
}

// atMost cuts a number of messages or peers.
func (l *lab) atMost(n int) int {
	if l.most > 0 {
		return min(n, l.most)
	}
	return n
}

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
