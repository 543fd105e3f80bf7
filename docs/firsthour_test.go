//go:build unix

package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The first hour of a newcomer, word for word: a fresh home, a fresh clone of what is
// committed, no network, no module but those in the cache. The Start page is followed from
// its first line to its last, then README's terminals. What they promise in minutes is far
// more than this takes: -v prints when each part begins.
func TestFirstHour(t *testing.T) {
	if os.Getenv("ZACTOR_FULL") == "" {
		t.Skip("it compiles the tool in a fresh clone: ZACTOR_FULL=1 go test -v -run FirstHour ./docs")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("there is nothing to clone: ", err)
	}
	home := t.TempDir()
	// The page's address leads to this repository, whoever it belongs to.
	config := "[url \"" + root + "\"]\n\tinsteadOf = https://github.com/go-zactor/zactor\n[safe]\n\tdirectory = *\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, home: home, tool: filepath.Join(home, "go", "bin"), clones: true, ports: map[string]string{}}
	s.env = []string{"GOPATH=", "GOBIN=", "GOENV=off", "GOWORK=", "GOPROXY=off", "GOMODCACHE=" + goenv("GOMODCACHE"),
		"GOFLAGS=" + goenv("GOFLAGS"), "GIT_CONFIG_GLOBAL=" + filepath.Join(home, ".gitconfig")}
	for _, name := range []string{"start.md", "../README.md"} {
		s.playPage(name, committed(t, root, name))
	}
}

// committed is a page as it is cloned.
func committed(t *testing.T, root, name string) string {
	t.Helper()
	cmd := exec.Command("git", "-c", "safe.directory=*", "show", "HEAD:"+filepath.ToSlash(filepath.Join("docs", name)))
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
