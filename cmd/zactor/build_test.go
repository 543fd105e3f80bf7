package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The build script makes a static binary that knows its Go, and its checksum. With
// ZACTOR_FULL=1 it makes all that there are.
func TestBuild(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getenv("ZACTOR_FULL") == "" {
		t.Skip("builds for minutes: ZACTOR_FULL=1, on Linux")
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "./build", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	head, err := exec.CommandContext(t.Context(), "git", "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(sums)), "\n")
	if len(lines) != 10 {
		t.Errorf("%d binaries", len(lines))
	}
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		path := filepath.Join(dir, name)
		data, err := os.ReadFile(path)
		if err != nil || fmt.Sprintf("%x", sha256.Sum256(data)) != sum {
			t.Errorf("%s: %v, or its sum is another", name, err)
		}
		info, err := buildinfo.ReadFile(path)
		if err != nil || info.GoVersion != runtime.Version() {
			t.Errorf("%s: %v", name, err)
		}
		if name == "zactor-linux-"+runtime.GOARCH {
			out, err := exec.CommandContext(t.Context(), path, "--version").CombinedOutput()
			if err != nil || !strings.Contains(string(out), " commit "+string(head[:12])+" ") || !strings.Contains(string(out), " "+runtime.Version()+" ") {
				t.Errorf("%s --version says %q, %v; the commit is %s", name, out, err, head)
			}
		}
		if !strings.Contains(name, "linux") && !strings.Contains(name, "freebsd") {
			continue
		}
		f, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if libs, _ := f.ImportedLibraries(); len(libs) > 0 {
			t.Errorf("%s needs %v", name, libs)
		}
		f.Close()
	}
}
