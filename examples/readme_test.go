// Package examples tests what is true of all examples.
package examples

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every example is in the README, and says in its first lines how it is run; and what
// the README runs is there.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("\n\\| `go run \\./examples/([a-z]+)").FindAllStringSubmatch(string(readme), -1) {
		listed[m[1]] = true
	}
	for _, dir := range folders(t) {
		if name, _, _ := strings.Cut(filepath.ToSlash(dir), "/"); !listed[name] {
			t.Errorf("%s is not in the README", dir)
		}
		main, err := os.ReadFile(filepath.Join(dir, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(main), "\npackage main")
		if !strings.Contains(head, "go run ./examples/"+filepath.ToSlash(dir)) {
			t.Errorf("%s does not say how it is run", dir)
		}
	}
	for name := range listed {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("the README runs what is not there: %v", err)
		}
	}
}

// An example is read at one sitting.
func TestShort(t *testing.T) {
	for _, dir := range folders(t) {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(text, []byte("\n")); n >= 150 {
				t.Errorf("%s has %d lines", f, n)
			}
		}
	}
}

// folders are those that have a program.
func folders(t *testing.T) (all []string) {
	t.Helper()
	for _, pattern := range []string{"*/main.go", "*/*/main.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			all = append(all, filepath.Dir(f))
		}
	}
	if len(all) < 20 {
		t.Fatalf("there are %d examples only", len(all))
	}
	return all
}

// ported are programs of other libraries, which stay as they are there.
func ported(dir string) bool {
	return strings.HasPrefix(dir, "gozeromq") || strings.HasPrefix(dir, "pebbe")
}

// An example is a run with a context, and a main that calls it and can be interrupted.
func TestShape(t *testing.T) {
	for _, dir := range folders(t) {
		text := source(t, dir, "main.go")
		for _, want := range []string{"\nfunc run(ctx context.Context", "signal.NotifyContext("} {
			if !strings.Contains(text, want) && !ported(dir) {
				t.Errorf("%s/main.go has no %q", dir, strings.TrimSpace(want))
			}
		}
	}
}

// system are the examples that need what only the system's network has: a handed-over
// listener, memberlist's own sockets, a plain TCP connection, WebSocket.
var system = map[string]bool{"handover": true, "members": true, "version": true, "websocket": true}

// What uses sockets is also played over a network in memory.
func TestPlayedInMemory(t *testing.T) {
	uses := regexp.MustCompile(`"github.com/go-zactor/zactor/(zmq|zyre|gossip|remote|pattern/[a-z]+)"`)
	for _, dir := range folders(t) {
		if ported(dir) || system[dir] || !uses.MatchString(source(t, dir, "*.go")) {
			continue
		}
		if !strings.Contains(source(t, dir, "*_test.go"), "zmqtest.Faults{") {
			t.Errorf("%s is not played over zmqtest", dir)
		}
	}
}

// source is the text of the files of an example that match a pattern.
func source(t *testing.T, dir, pattern string) (text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text += string(b)
	}
	return text
}
