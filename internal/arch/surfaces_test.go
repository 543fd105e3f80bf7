package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// reading are imports of packages that read what others wrote.
var reading = []string{
	"bufio", "encoding/binary", "encoding/hex", "encoding/json", "encoding/pem", "io/fs", "net", "net/http", "os",
	"github.com/miekg/dns", "github.com/hashicorp/memberlist",
}

// noSurface are packages with such imports that nevertheless read nothing that a fuzzer
// could make up, and why.
var noSurface = map[string]string{
	"actor":                    "net.ErrClosed, and the environment",
	"beacon/internal/contract": "a suite of tests",
	"beacon/internal/lan":      "sockets: what comes from them is beacon's",
	"beacon/mdns":              "sockets: what comes from them is dnssd's",
	"internal/crowd":           "a measurement",
	"internal/figures":         "writes JSON",
	"internal/gate":            "filters, and addresses as the system says them",
	"internal/mailbox":         "net.ErrClosed, and deadlines",
	"internal/shortid":         "writes hexadecimal",
	"internal/yield":           "a pipe of its own",
	"observe":                  "serves GET, whose parser is net/http's",
	"pattern/lazypirate":       "net.ErrClosed; replies are the program's",
	"zyre":                     "net.ErrClosed; what peers send is zyre/internal/node's",
}

// outside are folders whose packages are no part of the product.
var outside = []string{".ci", "bench", "cmd", "compat", "docs", "examples", "internal/arch", "internal/interop", "internal/soak", "internal/ztest", "zmqtest", "zyretest", "zmq/internal", "zmq/testdata"}

func isOutside(pkg string) bool {
	return slices.ContainsFunc(outside, func(o string) bool { return pkg == o || strings.HasPrefix(pkg, o+"/") })
}

// TestSurfaces compares the table of TESTING.md with the fuzzers that there are, and with the
// packages that read.
func TestSurfaces(t *testing.T) {
	listed := surfaces(t)
	found, reads := fuzzersAndReaders(t)
	for pkg, names := range found {
		for _, name := range names {
			if !slices.Contains(listed[pkg], name) {
				t.Errorf("TESTING.md does not list %s of %s", name, pkg)
			}
		}
	}
	for pkg, names := range listed {
		for _, name := range names {
			if !slices.Contains(found[pkg], name) {
				t.Errorf("TESTING.md lists %s of %s, which does not exist", name, pkg)
			}
		}
	}
	for pkg := range reads {
		if len(listed[pkg]) == 0 && noSurface[pkg] == "" && !isOutside(pkg) {
			t.Errorf("%s reads from the network or from files, and has no fuzzer: give it one and a row in TESTING.md", pkg)
		}
	}
	for pkg := range noSurface {
		if len(listed[pkg]) > 0 {
			t.Errorf("%s has a fuzzer, and stands among those that need none", pkg)
		}
	}
}

// surfaces are the fuzzers that TESTING.md lists, by package.
func surfaces(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "TESTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) == 3 && strings.Contains(cells[2], "Fuzz") && !strings.Contains(cells[2], "Fuzzers") {
			pkg := strings.TrimSpace(cells[1])
			listed[pkg] = append(listed[pkg], strings.Fields(cells[2])...)
		}
	}
	return listed
}

// fuzzersAndReaders are the fuzzers of each package, and the packages that read.
func fuzzersAndReaders(t *testing.T) (fuzzers map[string][]string, reads map[string]bool) {
	t.Helper()
	fuzzers, reads = map[string][]string{}, map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			if d != nil && d.IsDir() && (d.Name() == ".git" || path == filepath.Join(root, "bench")) {
				return filepath.SkipDir
			}
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if !strings.HasSuffix(path, "_test.go") {
			for _, im := range file.Imports {
				name, _ := strconv.Unquote(im.Path.Value)
				reads[pkg] = reads[pkg] || slices.Contains(reading, name)
			}
			return nil
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Fuzz") && f.Recv == nil {
				fuzzers[pkg] = append(fuzzers[pkg], f.Name.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg, yes := range reads {
		if !yes {
			delete(reads, pkg)
		}
	}
	return fuzzers, reads
}
