package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	const full = "0123456789abcdef0123456789abcdef01234567"
	system := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	noted := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		info := &debug.BuildInfo{Settings: settings}
		info.Main.Version = version
		return info
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: full}
	for _, c := range []struct {
		name   string
		info   *debug.BuildInfo
		script string
		want   string
	}{
		{"go install of a release", noted("v1.2.3"), "", "zactor v1.2.3 " + system},
		{"go build in a clone", noted("(devel)", revision), "", "zactor (devel) commit 0123456789ab " + system},
		{"with changes", noted("v1.2.4-0.2026+dirty", revision, debug.BuildSetting{Key: "vcs.modified", Value: "true"}), "",
			"zactor v1.2.4-0.2026+dirty commit 0123456789ab modified " + system},
		{"the build script where git is not seen", noted(""), full, "zactor (devel) commit 0123456789ab " + system},
		{"both: the toolchain knows", noted("", revision), "another", "zactor (devel) commit 0123456789ab " + system},
		{"nothing noted", nil, "", "zactor (devel) " + system},
	} {
		if got := buildOf(c.info, c.script).String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A binary made in a clone knows its commit and its Go; the folder of the module is all that
// is needed.
func TestVersionOfABuild(t *testing.T) {
	if os.Getenv("ZACTOR_FULL") == "" {
		t.Skip("builds in a clone: ZACTOR_FULL=1")
	}
	dir := t.TempDir()
	clone, bin := filepath.Join(dir, "clone"), filepath.Join(dir, "bin")
	run := func(in string, args ...string) string {
		c := exec.CommandContext(t.Context(), args[0], args[1:]...)
		c.Dir, c.Env = in, append(os.Environ(), "GOFLAGS=-buildvcs=true", "GOBIN="+bin, "GOWORK=off")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("../..", "git", "clone", "-q", "--shared", ".", clone)
	commit := run(clone, "git", "rev-parse", "HEAD")
	run(clone, "go", "install", "./cmd/zactor")
	tool := filepath.Join(bin, "zactor")
	if got := run(dir, tool, "--version"); !strings.Contains(got, " commit "+commit[:12]+" "+runtime.Version()+" ") {
		t.Errorf("--version says %q, of commit %s", got, commit)
	}
	var b build
	if err := json.Unmarshal([]byte(run(dir, tool, "version", "--json")), &b); err != nil || b.Commit != commit || b.Go != runtime.Version() || b.Modified {
		t.Errorf("version --json says %+v, %v", b, err)
	}
}
