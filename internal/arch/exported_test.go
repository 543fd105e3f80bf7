package arch

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// library is a public package as its users see it.
type library struct {
	folder string // from the module's root
	fset   *token.FileSet
	doc    *doc.Package
}

// hidden are the folders that users do not import: programs, examples, and modules of
// their own.
var hidden = []string{"cmd", "examples", "bench", "docs", "internal"}

// libraries parses every public package of the module, as it is on Linux.
func libraries(t *testing.T) (all []library) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		folder, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		base := path.Base(folder)
		if folder != "." && (slices.Contains(hidden, base) || base == "testdata" || strings.HasPrefix(base, ".")) {
			return fs.SkipDir
		}
		if lib, ok := parseLibrary(t, name, folder); ok {
			all = append(all, lib)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func parseLibrary(t *testing.T, dir, folder string) (library, bool) {
	t.Helper()
	linux := build.Default
	linux.GOOS, linux.GOARCH = "linux", "amd64"
	pkg, err := linux.ImportDir(dir, 0)
	if _, none := err.(*build.NoGoError); none {
		return library{}, false
	}
	if err != nil {
		t.Fatal(err)
	}
	if pkg.Name == "main" {
		return library{}, false
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	d, err := doc.NewFromFiles(fset, files, module+"/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	return library{folder, fset, d}, true
}

// exported returns one line for each exported name of the library, sorted.
func (l library) exported() (lines []string) {
	add := func(s string) { lines = append(lines, l.folder+": "+s) }
	values := func(kind string, list []*doc.Value) {
		for _, v := range list {
			for _, name := range v.Names {
				if ast.IsExported(name) {
					add(kind + " " + name)
				}
			}
		}
	}
	funcs := func(list []*doc.Func) {
		for _, f := range list {
			add(l.signature(f.Decl))
		}
	}
	values("const", l.doc.Consts)
	values("var", l.doc.Vars)
	funcs(l.doc.Funcs)
	for _, typ := range l.doc.Types {
		values("const", typ.Consts)
		values("var", typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
		for _, spec := range typ.Decl.Specs {
			if spec := spec.(*ast.TypeSpec); spec.Name.Name == typ.Name {
				l.members(spec, add)
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// members adds a type, and what a user can reach in it without a method.
func (l library) members(spec *ast.TypeSpec, add func(string)) {
	name := spec.Name.Name
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		add("type " + name + " struct")
		l.fields(typ.Fields, func(s string) { add("type " + name + " struct, " + s) })
	case *ast.InterfaceType:
		add("type " + name + " interface")
		l.fields(typ.Methods, func(s string) { add("type " + name + " interface, " + s) })
	default:
		add("type " + name + " " + l.text(spec.Type))
	}
}

func (l library) fields(list *ast.FieldList, add func(string)) {
	for _, f := range list.List {
		if len(f.Names) == 0 {
			add("embedded " + l.text(f.Type))
		}
		for _, n := range f.Names {
			if n.IsExported() {
				add(n.Name + " " + l.text(f.Type))
			}
		}
	}
}

func (l library) signature(f *ast.FuncDecl) string {
	head := *f
	head.Doc, head.Body = nil, nil
	return l.text(&head)
}

// text is a node on one line.
func (l library) text(node any) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, l.fset, node); err != nil {
		panic(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// apiFile lists every exported name of the module. It is made by
// ZACTOR_UPDATE=1 go test ./internal/arch; .ci/static asks for a line in CHANGELOG.md
// when it changes.
const apiFile = "../../docs/api.txt"

func TestExportedNames(t *testing.T) {
	var lines []string
	for _, l := range libraries(t) {
		lines = append(lines, l.exported()...)
	}
	now := strings.Join(lines, "\n") + "\n"
	if os.Getenv("ZACTOR_UPDATE") != "" {
		if err := os.WriteFile(apiFile, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	stored, err := os.ReadFile(apiFile)
	if err != nil {
		t.Fatal(err)
	}
	was := strings.Split(strings.TrimSpace(string(stored)), "\n")
	for _, line := range was {
		if !slices.Contains(lines, line) {
			t.Errorf("gone: %s", line)
		}
	}
	for _, line := range lines {
		if !slices.Contains(was, line) {
			t.Errorf("new: %s", line)
		}
	}
	if t.Failed() {
		t.Log("if that is meant: ZACTOR_UPDATE=1 go test ./internal/arch, and say it in CHANGELOG.md")
	}
}
