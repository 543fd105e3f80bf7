package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// imported are the modules that stand in the go.sum of a program that imports zmq, actor,
// zyre and beacon: what it is built with, and what the go command wants to see of their
// tests. (At bddf339, before the tool, they were these, hashicorp/mdns, miekg/dns and x/sync.)
// The tool's own must not come here: go install finds them in our go.mod, and
// nobody else pays for them.
var imported = []string{
	"github.com/coder/websocket", "github.com/fsnotify/fsnotify", "github.com/mattn/go-colorable", "github.com/mattn/go-isatty",
	"github.com/rs/zerolog", "go.uber.org/goleak", "golang.org/x/crypto", "golang.org/x/net", "golang.org/x/sys",
}

func TestToolAddsNothingToAProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/program\n\ngo 1.26.0\n\nrequire github.com/go-zactor/zactor v0.0.0\n\nreplace github.com/go-zactor/zactor => "+root+"\n")
	write("main.go", `package main

import (
	_ "github.com/go-zactor/zactor/actor"
	_ "github.com/go-zactor/zactor/beacon"
	_ "github.com/go-zactor/zactor/zmq"
	_ "github.com/go-zactor/zactor/zyre"
)

func main() {}
`)
	tidy := exec.CommandContext(t.Context(), "go", "mod", "tidy")
	tidy.Dir = dir
	tidy.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	if out, err := tidy.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "module lookup disabled") {
			t.Skipf("go mod tidy: the module cache lacks what this needs:\n%s", out)
		}
		t.Fatalf("go mod tidy: %v\n%s", err, out)
	}
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(sum)) {
		found = append(found, strings.Fields(line)[0])
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if !slices.Equal(found, imported) {
		t.Errorf("its go.sum has\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(imported, "\n"))
	}
}
