package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine describes what this runs on, as far as the system tells.
func machine() string {
	return fmt.Sprintf("%d x %s, %s %s, %s, load %s", runtime.NumCPU(), cpuModel(),
		runtime.GOOS, firstField("/proc/sys/kernel/osrelease"), runtime.Version(), firstField("/proc/loadavg"))
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// firstField returns the first word of a file, or a question mark.
func firstField(path string) string {
	text, err := os.ReadFile(path)
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "?"
}
