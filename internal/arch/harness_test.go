package arch

import (
	"go/ast"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// ownHarness are the tests that do by themselves what internal/ztest does for all others,
// "folder.Function" or "folder.Type", and why.
var ownHarness = map[string]string{
	"docs.start":                  "a command of a page leads a group, ends with the exit code that the page says, and may have to compile",
	"docs.process":                "as docs.start",
	"observe.chromium":            "it is spoken to on descriptors of its own, in texts that end with a zero byte",
	"zmq.runAndKill":              "all that it said before it was killed counts, which Peer.Kill may lose",
	"zmq.killDurable":             "as zmq.runAndKill",
	"zmq.handoverSuccessor":       "not moved yet",
	"zmq.TestInteropWSMechanisms": "not moved yet",
	"examples/testing.lines":      "an example uses only what users can",
}

// TestHarnesses holds what TESTING.md says: a test that has a process of its own, or
// collects what is written, does so by internal/ztest.
func TestHarnesses(t *testing.T) {
	found, err := harnesses(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if ownHarness[name] == "" {
			t.Errorf("%s starts a process or collects lines by itself: that is for internal/ztest/proc and internal/ztest/logbook; see TESTING.md", name)
		}
	}
	for name := range ownHarness {
		if !slices.Contains(found, name) {
			t.Errorf("%s is in ownHarness, and is not there any more", name)
		}
	}
}

// harnesses finds in tests the functions that start a command and don't wait for its end,
// and the types that are a buffer with a lock to be written to.
func harnesses(tree fs.FS) (found []string, err error) {
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name != "." && ignored(d.Name()) || name == ztest):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parseFile(tree, name)
		if err == nil {
			found = append(append(found, f.starts()...), f.collectors()...)
		}
		return err
	})
	slices.Sort(found)
	return slices.Compact(found), err
}

// starts are the functions that call Start of something, in a file that runs commands.
func (f *file) starts() (found []string) {
	if !slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"os/exec"` }) {
		return nil
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) > 0 {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Start" {
				found = append(found, f.folder+"."+fn.Name.Name)
			}
			return true
		})
	}
	return found
}

// collectors are the types that keep what is written in a buffer with a lock.
func (f *file) collectors() (found []string) {
	ast.Inspect(f.File, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok && f.writes(spec.Name.Name) {
			var kinds []string
			for _, field := range s.Fields.List {
				kinds = append(kinds, strings.TrimPrefix(typeName(field.Type), "*"))
			}
			locked := slices.Contains(kinds, "sync.Mutex") || slices.Contains(kinds, "sync.RWMutex")
			if locked && (slices.Contains(kinds, "bytes.Buffer") || slices.Contains(kinds, "strings.Builder")) {
				found = append(found, f.folder+"."+spec.Name.Name)
			}
		}
		return true
	})
	return found
}

// writes reports whether a type has a method Write in this file.
func (f *file) writes(typ string) bool {
	return slices.ContainsFunc(f.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Name.Name == "Write" && fn.Recv != nil && strings.TrimPrefix(typeName(fn.Recv.List[0].Type), "*") == typ
	})
}

// typeName is a named type as it is written, with its package, and "" for any other.
func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return "*" + typeName(x.X)
	case *ast.SelectorExpr:
		return typeName(x.X) + "." + x.Sel.Name
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// The check is of use only if it finds what is wrong, and only that.
func TestHarnessesFound(t *testing.T) {
	const (
		collector = "package a\nimport (\"bytes\"; \"sync\")\ntype lines struct { mu sync.Mutex; b bytes.Buffer }\n"
		write     = "func (l *lines) Write(p []byte) (int, error) { return 0, nil }\n"
		peer      = "package a\nimport \"os/exec\"\nfunc start() { c := exec.Command(\"x\"); if err := c.Start(); err != nil {} }\n"
	)
	for _, c := range []struct{ name, file, src, want string }{
		{"collector", "gossip/a_test.go", collector + write, "gossip.lines"},
		{"with a pointer", "gossip/a_test.go", strings.Replace(collector+write, "mu sync", "mu *sync", 1), "gossip.lines"},
		{"no writer", "gossip/a_test.go", collector, ""},
		{"the shared one", "internal/ztest/logbook/a_test.go", collector + write, ""},
		{"no test", "gossip/a.go", collector + write, ""},
		{"process", "internal/interop/a_test.go", peer, "internal/interop.start"},
		{"the shared process", "internal/ztest/proc/a_test.go", peer, ""},
		{"program that is waited for", "cert/a_test.go", strings.Replace(peer, "Start", "Run", 1), ""},
		{"Start of something else", "cert/a_test.go", strings.Replace(peer, "os/exec", "net/exec", 1), ""},
	} {
		found, err := harnesses(fstest.MapFS{c.file: {Data: []byte(c.src)}})
		if got := strings.Join(found, " "); got != c.want || err != nil {
			t.Errorf("%s: found %q, want %q, %v", c.name, got, c.want, err)
		}
	}
}
