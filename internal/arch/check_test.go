package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// check parses every Go file of a tree, whatever its build tags, and returns
// what breaks a rule, as "file:line: what".
func check(tree fs.FS) (violations []string, err error) {
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && ignored(d.Name()):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		f, err := parseFile(tree, name)
		if err == nil {
			violations = append(violations, f.violations()...)
		}
		return err
	})
	return violations, err
}

// ignored folders are those that the go command ignores.
func ignored(name string) bool {
	return name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_'
}

type file struct {
	*ast.File
	positions *token.FileSet
	name      string
	folder    string
	pkg       string // the folder's entry in tiers, ztest, or "" if it has none
	test      bool
}

func parseFile(tree fs.FS, name string) (*file, error) {
	src, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, err
	}
	f := &file{positions: token.NewFileSet(), name: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go")}
	f.pkg = homeOf(f.folder)
	f.File, err = parser.ParseFile(f.positions, name, src, parser.SkipObjectResolution)
	return f, err
}

// homeOf is the entry that a folder belongs to.
func homeOf(folder string) string {
	for _, pkg := range append(slices.Concat(tiers...), ztest) {
		if folder == pkg || strings.HasPrefix(folder, pkg+"/") {
			return pkg
		}
	}
	return ""
}

// tierOf is the height of a pkg; ztest stands just below what it may not use.
func tierOf(pkg string) int {
	if pkg == ztest {
		pkg = ztestBelow
	}
	return slices.IndexFunc(tiers, func(t []string) bool { return slices.Contains(t, pkg) })
}

func (f *file) violations() (all []string) {
	report := func(at ast.Node, format string, args ...any) {
		p := f.positions.Position(at.Pos())
		all = append(all, fmt.Sprintf("%s:%d: ", p.Filename, p.Line)+fmt.Sprintf(format, args...))
	}
	if f.pkg == "" {
		report(f.Name, "%s has no tier: add it to tiers in internal/arch/arch_test.go", f.folder)
		return all
	}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if why := f.mayNotImport(imported); why != "" {
			report(spec, "%s", why)
		}
	}
	f.eachSequence(func(at ast.Node) {
		report(at, "%s is for internal/link to call: by link.Attach", sequence)
	})
	if !f.test && !slices.Contains(starters, f.pkg) {
		f.eachStart(func(at ast.Node) {
			report(at, "%s may not start goroutines: nothing there stops them", f.pkg)
		})
	}
	return all
}

// mayNotImport says why a file may not import a package, or nothing.
func (f *file) mayNotImport(imported string) string {
	if !f.test && slices.Contains(pure, f.pkg) && isImpure(imported) {
		return fmt.Sprintf("%s may not import %s: it is pure", f.pkg, imported)
	}
	if why := f.tooWide(imported); why != "" {
		return why
	}
	if why := f.mechanism(imported); why != "" {
		return why
	}
	folder, ours := strings.CutPrefix(imported, module+"/")
	if !ours || f.test && f.pkg != "bench" {
		return ""
	}
	pkg := homeOf(folder)
	switch {
	case pkg == "":
		return fmt.Sprintf("%s has no tier: add it to tiers in internal/arch/arch_test.go", folder)
	case pkg == f.pkg:
		return ""
	case pkg == ztest && !f.test && !slices.Contains(tests, f.pkg):
		return fmt.Sprintf("only tests import %s", ztest)
	case slices.Contains(public, f.pkg) && strings.HasPrefix(folder, "internal/"):
		return fmt.Sprintf("%s may not import %s: users cannot either", f.pkg, folder)
	case f.pkg == ztest && tierOf(pkg) >= tierOf(ztest):
		return fmt.Sprintf("%s may import only what is below %s, and %s is not", ztest, ztestBelow, folder)
	case tierOf(pkg) >= tierOf(f.pkg):
		return fmt.Sprintf("%s may not import %s: it does not lie below", f.pkg, folder)
	}
	return ""
}

// tooWide says that a file of a narrow kind may not import a package.
func (f *file) tooWide(imported string) string {
	for _, n := range narrow {
		if f.test || !strings.HasPrefix(f.name, n.files) {
			continue
		}
		for _, p := range n.not {
			if imported == p || strings.HasPrefix(imported, p+"/") {
				return fmt.Sprintf("%s may not import %s: %s", f.name, imported, n.why)
			}
		}
	}
	return ""
}

// mechanism says that a file of the public face may not import a package which other files
// of it are there for.
func (f *file) mechanism(imported string) string {
	if f.test || f.folder != "zmq" {
		return ""
	}
	for _, m := range mechanisms {
		if p := module + "/" + m.mechanism; imported != p && !strings.HasPrefix(imported, p+"/") {
			continue
		}
		if base := path.Base(f.name); !slices.Contains(m.files, base) && !strings.HasPrefix(base, "policy_") {
			return fmt.Sprintf("%s may not import %s: only %s know it", f.name, m.mechanism, strings.Join(m.files, ", "))
		}
	}
	return ""
}

// eachSequence calls fn for what attaches a peer by a way of its own.
func (f *file) eachSequence(fn func(ast.Node)) {
	if f.test || !slices.Contains(sequencePkgs, f.pkg) || f.name == sequenceGuard {
		return
	}
	ast.Inspect(f.File, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 2 {
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == sequence {
				fn(call)
			}
		}
		return true
	})
}

func isImpure(imported string) bool {
	return !slices.Contains(harmless, imported) && slices.ContainsFunc(impure, func(p string) bool {
		return imported == p || strings.HasPrefix(imported, p+"/")
	})
}

// startNames are the functions that start a goroutine: the method of wait groups, those
// of context and time, and those of internal/contain.
var startNames = []string{"Go", "AfterFunc", "AfterTime"}

// eachStart calls fn for what starts a goroutine: a go statement, and a call of one of
// startNames.
func (f *file) eachStart(fn func(ast.Node)) {
	ast.Inspect(f.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			fn(n)
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(startNames, s.Sel.Name) {
				fn(n)
			}
		}
		return true
	})
}
