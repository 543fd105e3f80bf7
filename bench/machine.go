package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machine says where, when and with what all this was measured.
func machine(l *lab, s settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d x %s, %s %s, load %s\n", runtime.NumCPU(), cpuModel(),
		runtime.GOOS, firstField("/proc/sys/kernel/osrelease"), firstField("/proc/loadavg"))
	fmt.Fprintf(&b, "%s, zactor %s, libzmq %s, nats-server %s, nats.go %s\n", runtime.Version(), revision(),
		orAbsent(l, native), module("github.com/nats-io/nats-server/v2"), module("github.com/nats-io/nats.go"))
	fmt.Fprintf(&b, "%s; %d rounds of runs of %v; median (lowest-highest)\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"), s.rounds, s.each)
	return b.String()
}

func orAbsent(l *lab, which binary) string {
	if why := l.absent[which]; why != "" {
		return why
	}
	return l.version
}

// revision is the commit of the source, and whether it was changed since.
func revision() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "of unknown revision"
	}
	return strings.TrimSpace(string(out))
}

// module is the version of a module that this binary was built with.
func module(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "?"
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "?"
}

func cpuModel() string {
	if model := procField("/proc/cpuinfo", "model name"); model != "" {
		return model
	}
	return runtime.GOARCH
}

// procField returns what a line "name: value" of a file says, or nothing.
func procField(path, field string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == field {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// firstField returns the first word of a file, or a question mark.
func firstField(path string) string {
	text, err := os.ReadFile(path)
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "?"
}

// openFiles is how many files a process may have open.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(limit.Max, 1<<30))
}

// freeMemory is how many bytes processes can still have; where nobody tells, as many
// as they like.
func freeMemory() int {
	text, ok := strings.CutSuffix(procField("/proc/meminfo", "MemAvailable"), " kB")
	n, err := strconv.Atoi(text)
	if !ok || err != nil {
		return math.MaxInt
	}
	return n << 10
}
