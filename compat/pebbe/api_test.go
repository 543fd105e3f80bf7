package zmq4_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// leftOut is what the original has and this package has not, with the reason.
var leftOut = map[string]string{
	"func (*Socket) GetFd() (uintptr, error)": "GetFd's form on Windows; here it is one on every system",
}

// TestAPI compares what is exported with the original's list, names and signatures.
func TestAPI(t *testing.T) {
	ours := exported(t)
	list, err := os.ReadFile("testdata/api.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(list)) {
		want := normal(line)
		if want == "" {
			continue
		}
		n++
		switch reason, left := leftOut[want]; {
		case left && ours[want]:
			t.Errorf("%s is here, and is said to be left out: %s", want, reason)
		case !left && !ours[want]:
			t.Errorf("missing, or of another form: %s", want)
		}
	}
	if n < 300 {
		t.Errorf("the list has %d lines only", n)
	}
}

var (
	spaces = regexp.MustCompile(`\s+`)
	braces = regexp.MustCompile(`\{ *\}`)
)

// normal is a line of the list in one form: no space where none counts.
func normal(line string) string {
	s := spaces.ReplaceAllString(strings.TrimSpace(line), " ")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "( ", "("), " )", ")")
	return braces.ReplaceAllString(s, "{}")
}

// exported is what the files of this folder export, each in the form of the list.
func exported(t *testing.T) map[string]bool {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				all[function(fset, d)] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					for _, line := range lines(fset, d.Tok, s) {
						all[line] = true
					}
				}
			}
		}
	}
	return all
}

func source(fset *token.FileSet, node any) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, fset, node)
	return normal(b.String())
}

func function(fset *token.FileSet, d *ast.FuncDecl) string {
	s := "func "
	if d.Recv != nil {
		s += "(" + source(fset, d.Recv.List[0].Type) + ") "
	}
	return normal(s + d.Name.Name + strings.TrimPrefix(source(fset, d.Type), "func"))
}

func lines(fset *token.FileSet, tok token.Token, s ast.Spec) (all []string) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		for _, n := range s.Names {
			all = append(all, tok.String()+" "+n.Name)
		}
	case *ast.TypeSpec:
		all = append(all, typeLine(fset, s))
	}
	return all
}

// typeLine has the exported fields of a struct.
func typeLine(fset *token.FileSet, s *ast.TypeSpec) string {
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return "type " + s.Name.Name + " " + source(fset, s.Type)
	}
	var fields []string
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			if n.IsExported() {
				fields = append(fields, n.Name+" "+source(fset, f.Type))
			}
		}
	}
	return normal("type " + s.Name.Name + " struct { " + strings.Join(fields, "; ") + " }")
}
