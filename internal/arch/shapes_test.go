package arch

import (
	"go/ast"
	"go/doc"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Who knows one package knows them all: what lives is made, watched, stopped and
// configured in the same way everywhere. compat has the names of the libraries that it
// stands in for.

// ownNames are packages whose names are given by others.
var ownNames = []string{"compat"}

// allowedNames are the names that a rule would refuse, each with the reason why it stays.
var allowedNames = map[string]string{
	"zmq.SteerableProxy.Stop": "it ends the Run of a proxy, which has nothing to close",
	"observe.Serve":           "as net/http's: it returns the server running",
	"zmq.NewPoller":           "it runs nothing",
	"zmq.WithPlainServer":     "a fixed name, from before",
	"wshttp.New":              "it lives by its socket",
	"beacon.NewPeerTable":     "it runs nothing",
	"beacon.NewStatic":        "it runs nothing",
	"zloop.New":               "it works while its Run does",
	"actor.NewSupervisor":     "it works while its Run does",
	"actor.Supervise":         "it lives by its supervisor",
	"actor.Pool":              "it lives by its supervisor",
	"actor.Find":              "it finds one that lives",
	"actor.Context.Stop":      "the actor ends itself, and can't wait for its own end",
	"actor.Context.Watch":     "it asks for the end of another actor, in the words of that field",
	"actor.Timer.Stop":        "as time.Timer's",
	"zloop.Timer.Stop":        "as time.Timer's",
	"zloop.Ticket.Stop":       "as time.Timer's",
	"zloop.Handle.Stop":       "as time.Timer's: what was registered is served no more",
}

// oneWay are words that have another form here.
var oneWay = map[string]string{
	"Start":     "the constructor returns the thing running",
	"Stop":      "Close, or Shutdown(ctx)",
	"Term":      "Close, or Shutdown(ctx)",
	"Terminate": "Close, or Shutdown(ctx)",
	"Drain":     "Shutdown(ctx)",
	"Serve":     "Run(ctx)",
	"Watch":     "Events(ctx), or Notify(c) for a readiness hook",
	"Monitor":   "Events(ctx)",
	"Decisions": "Events(ctx)",
}

func TestShapes(t *testing.T) {
	used := map[string]bool{}
	defer func() {
		for name := range allowedNames {
			if !used[name] {
				t.Errorf("%s need not be allowed any more", name)
			}
		}
	}()
	for _, l := range libraries(t) {
		if slices.Contains(ownNames, strings.Split(l.folder, "/")[0]) {
			continue
		}
		s := shapes{library: l, t: t, used: used}
		s.functions(l.doc.Funcs)
		for _, typ := range l.doc.Types {
			s.functions(typ.Funcs)
			s.methods(typ)
		}
		s.options()
		s.errors()
	}
}

type shapes struct {
	library
	t    *testing.T
	used map[string]bool // of allowedNames
}

// wrong reports that a name breaks a rule, unless it is allowed to.
func (s *shapes) wrong(name, rule string) {
	full := s.doc.Name + "." + name
	s.used[full] = true
	if _, ok := allowedNames[full]; !ok {
		s.t.Errorf("%s: %s (%s)", full, rule, s.folder)
	}
}

// functions checks the constructors: what they return lives from then on, as long as
// the context that they take first.
func (s *shapes) functions(list []*doc.Func) {
	for _, f := range list {
		s.word(f.Name, f.Name)
		if typ := s.made(f.Decl); typ != nil && s.method(typ, "Close") != nil && !startsWithContext(s.text(f.Decl.Type)) {
			s.wrong(f.Name, "a constructor takes a context first")
		}
	}
}

func (s *shapes) word(full, name string) {
	if instead, ok := oneWay[name]; ok {
		s.wrong(full, "the name is "+instead)
	}
}

// made is the type of this package that a function returns a pointer to first.
func (s *shapes) made(f *ast.FuncDecl) *doc.Type {
	if f.Type.Results == nil || len(f.Type.Results.List) == 0 {
		return nil
	}
	name := strings.TrimPrefix(s.text(f.Type.Results.List[0].Type), "*")
	name, _, _ = strings.Cut(name, "[")
	for _, typ := range s.doc.Types {
		if typ.Name == name {
			return typ
		}
	}
	return nil
}

func (s *shapes) method(typ *doc.Type, name string) *doc.Func {
	for _, m := range typ.Methods {
		if m.Name == name {
			return m
		}
	}
	return nil
}

func startsWithContext(signature string) bool {
	_, params, _ := strings.Cut(signature, "(")
	if strings.HasPrefix(signature, "func[") {
		_, params, _ = strings.Cut(signature, "](")
	}
	first, _, _ := strings.Cut(params, ",")
	return strings.Contains(first, "context.Context") || strings.Contains(first, "*Context")
}

func (s *shapes) methods(typ *doc.Type) {
	for _, m := range typ.Methods {
		if m.Level > 0 {
			continue // of an embedded type
		}
		full := typ.Name + "." + m.Name
		s.word(full, m.Name)
		signature := s.text(m.Decl.Type)
		switch m.Name {
		case "Close":
			if signature != "func() error" {
				s.wrong(full, "the shape is Close() error")
			}
			if s.livesLong(typ) && s.method(typ, "Shutdown") == nil {
				s.wrong(full, "what has Close has Shutdown(ctx) error as well")
			}
		case "Shutdown":
			if signature != "func(ctx context.Context) error" {
				s.wrong(full, "the shape is Shutdown(ctx context.Context) error")
			}
		case "Run":
			if !startsWithContext(signature) || !strings.HasSuffix(signature, " error") {
				s.wrong(full, "the shape is Run(ctx context.Context) error")
			}
		case "Events":
			if !startsWithContext(signature) || !strings.Contains(signature, ") iter.Seq[") {
				s.wrong(full, "the shape is Events(ctx context.Context) iter.Seq[Event]")
			}
		case "Notices": // what goes wrong, where Events are peers that come and go
			if !startsWithContext(signature) || !strings.HasSuffix(signature, "Notice]") {
				s.wrong(full, "the shape is Notices(ctx context.Context) iter.Seq[beacon.Notice]")
			}
		default:
			if startsWithContext(signature) && strings.Contains(signature, ") iter.Seq[") {
				s.wrong(full, "a stream of what happens is Events(ctx)")
			}
		}
	}
}

// livesLong reports whether a constructor gives the type a context to live by.
func (s *shapes) livesLong(typ *doc.Type) bool {
	for _, f := range typ.Funcs {
		if startsWithContext(s.text(f.Decl.Type)) {
			return true
		}
	}
	return false
}

// options checks that each can fail, says yes or no by a bool, and that both loggers
// are there where there is one.
func (s *shapes) options() {
	with := map[string]*doc.Func{}
	var kinds []*doc.Type
	for _, typ := range s.doc.Types {
		if strings.HasSuffix(typ.Name, "Option") {
			kinds = append(kinds, typ)
		}
		for _, f := range typ.Funcs {
			if strings.HasPrefix(f.Name, "With") {
				with[f.Name] = f
			}
		}
	}
	for _, typ := range kinds {
		for _, spec := range typ.Decl.Specs {
			spec := spec.(*ast.TypeSpec)
			if f, ok := spec.Type.(*ast.FuncType); ok && spec.Name.Name == typ.Name && (f.Results == nil || s.text(f.Results.List[0].Type) != "error") {
				s.wrong(typ.Name, "an option can fail: its function returns an error")
			}
		}
	}
	for name, f := range with {
		if f.Decl.Type.Params.NumFields() == 0 {
			s.wrong(name, "a flag is WithX(bool)")
		}
	}
	if len(with) > 0 && (with["WithLogger"] != nil) != (with["WithSlog"] != nil) {
		s.wrong("WithLogger", "both WithLogger(zerolog.Logger) and WithSlog(*slog.Logger), or neither")
	}
}

// errors checks that a sentinel names its package, and that ErrClosed is net.ErrClosed.
func (s *shapes) errors() {
	for _, v := range s.doc.Vars {
		s.sentinels(v)
	}
	for _, typ := range s.doc.Types {
		for _, v := range typ.Vars {
			s.sentinels(v)
		}
	}
}

func (s *shapes) sentinels(v *doc.Value) {
	for _, spec := range v.Decl.Specs {
		spec := spec.(*ast.ValueSpec)
		for i, name := range spec.Names {
			if !strings.HasPrefix(name.Name, "Err") || i >= len(spec.Values) {
				continue
			}
			text := firstString(spec.Values[i])
			if text != "" && !strings.HasPrefix(text, s.doc.Name+": ") {
				s.wrong(name.Name, "its text begins with "+s.doc.Name+": ")
			}
			if name.Name == "ErrClosed" && !strings.Contains(s.text(spec.Values[i]), "ErrClosed") {
				s.wrong(name.Name, "it wraps net.ErrClosed")
			}
		}
	}
}

// firstString is the first string literal in an expression.
func firstString(e ast.Expr) (text string) {
	ast.Inspect(e, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && text == "" {
			text, _ = strconv.Unquote(lit.Value)
		}
		return text == ""
	})
	return text
}
