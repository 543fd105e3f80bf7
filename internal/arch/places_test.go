package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// places finds where something of a program's may run inside ours, and where we start a
// goroutine, whose panic would end the process. A place is named by its folder and the
// declaration: "zmq.WithLogger(zerolog.Logger)", "go internal/session.(*conn).startWriter".
func places(tree fs.FS) (found []string, err error) {
	packages := map[string][]*file{}
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name != "." && ignored(d.Name()) || slices.Contains(programs, name)):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parseFile(tree, name)
		if err == nil {
			packages[f.folder] = append(packages[f.folder], f)
		}
		return err
	})
	for folder, files := range packages {
		found = append(found, hooksOf(folder, files)...)
		for _, f := range files {
			found = append(found, startsOf(folder, f)...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), err
}

// programs are folders whose packages nobody imports from outside, and that are tests or
// programs themselves: a panic there is theirs.
var programs = []string{"cmd", "examples", "bench", "docs", "internal/arch", "internal/crowd", "internal/soak", "internal/interop", "internal/ztest", "zmq/internal", "zmqtest", "zyretest"}

// startsOf are the goroutines that a file starts, but for those that only pass something
// on.
func startsOf(folder string, f *file) (found []string) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		one := *f
		one.File = &ast.File{Name: f.Name, Decls: []ast.Decl{fn}}
		cancels := cancelsOf(f.File)
		one.eachStart(func(n ast.Node) {
			if !passesOn(n, cancels) {
				found = append(found, "go "+folder+"."+declared(fn))
			}
		})
	}
	return found
}

// declared names a function, a method with its receiver.
func declared(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	return "(" + types.ExprString(fn.Recv.List[0].Type) + ")." + fn.Name.Name
}

// hooksOf are the hooks that a public package takes: by functions, methods and fields
// that others can name.
func hooksOf(folder string, files []*file) (found []string) {
	if strings.HasPrefix(folder, "internal/") || strings.Contains(folder, "/internal") {
		return nil
	}
	named := hookTypes(files)
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if !d.Name.IsExported() || !exportedReceiver(d) {
					continue
				}
				for _, p := range d.Type.Params.List {
					if t := hookIn(p.Type, named); t != "" {
						found = append(found, fmt.Sprintf("%s.%s(%s)", folder, declared(d), t))
					}
				}
			case *ast.GenDecl:
				found = append(found, fieldHooks(folder, d, named)...)
			}
		}
	}
	return found
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// fieldHooks are the exported fields of exported structs.
func fieldHooks(folder string, d *ast.GenDecl, named map[string]bool) (found []string) {
	for _, s := range d.Specs {
		t, ok := s.(*ast.TypeSpec)
		if !ok || !t.Name.IsExported() {
			continue
		}
		st, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range st.Fields.List {
			for _, n := range f.Names {
				if h := hookIn(f.Type, named); h != "" && n.IsExported() {
					found = append(found, fmt.Sprintf("%s.%s.%s(%s)", folder, t.Name.Name, n.Name, h))
				}
			}
		}
	}
	return found
}

// hookTypes are the exported types of a package that are functions, or interfaces with
// methods: a program may make values of them.
func hookTypes(files []*file) map[string]bool {
	named := map[string]bool{}
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				t := s.(*ast.TypeSpec)
				switch x := t.Type.(type) {
				case *ast.FuncType:
					named[t.Name.Name] = takesOwn(t.Name.Name)
				case *ast.InterfaceType:
					named[t.Name.Name] = t.Name.IsExported() && implementable(x)
				}
			}
		}
	}
	return named
}

// takesOwn is false for the options, which are functions that only we make.
func takesOwn(name string) bool { return ast.IsExported(name) && !strings.HasSuffix(name, "Option") }

// implementable reports whether another package can implement an interface that has a
// method.
func implementable(x *ast.InterfaceType) bool {
	methods := false
	for _, m := range x.Methods.List {
		for _, n := range m.Names {
			if !n.IsExported() {
				return false
			}
			methods = true
		}
	}
	return methods
}

// foreignHooks are types of other packages behind which there is code of a program's.
var foreignHooks = []string{
	"zerolog.Logger", "slog.Logger", "slog.Handler", "net.Listener", "net.Conn", "net.PacketConn", "tls.Config",
	"io.Writer", "io.Reader", "io.ReadWriter", "http.Handler", "fs.FS", "cert.Store", "zmq.Network", "iter.Seq",
}

// hookIn is the type of a hook in a parameter or field, "" if there is none.
func hookIn(t ast.Expr, named map[string]bool) string {
	switch x := t.(type) {
	case *ast.Ellipsis:
		return hookIn(x.Elt, named)
	case *ast.ArrayType:
		return hookIn(x.Elt, named)
	case *ast.StarExpr:
		return hookIn(x.X, named)
	case *ast.MapType:
		return hookIn(x.Value, named)
	case *ast.IndexExpr:
		return hookIn(x.X, named)
	case *ast.IndexListExpr:
		return hookIn(x.X, named)
	case *ast.FuncType:
		return "func"
	case *ast.Ident:
		if named[x.Name] {
			return x.Name
		}
	case *ast.SelectorExpr:
		if name := types.ExprString(x); slices.Contains(foreignHooks, name) {
			return name
		}
	}
	return ""
}
