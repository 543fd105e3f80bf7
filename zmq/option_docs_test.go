package zmq

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// docs/options.md is the two tables of options, for people.
func TestOptionsPage(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`# Options

Made from the tables in zmq/internal/optiongen/table.go and zmq/context_option.go by
` + "`go test ./zmq -run OptionsPage -update`" + `; a test fails when it is stale.

The names are libzmq's without ` + "`ZMQ_`" + `, and the man page zmq_setsockopt(3) explains
them; "ours" marks those that libzmq does not have. ` + "`Socket.Option(name)`" + ` reads every
option that is not secret, ` + "`WithOption(name, value)`" + ` sets every one that takes a single
value. A change is felt by peers that are there already ("at once") or by what is
bound and connected afterwards ("next endpoint"). Options that are "kept" are accepted
and read back, and change nothing, since nothing here depends on them; "refused" are
those that a program must not believe to have been set. Where libzmq answers otherwise,
value by value, and what each one does: [conformance.md](conformance.md).

## Sockets

| Option | Go | Type | Default | Values | Socket types | Felt | What for |
|---|---|---|---|---|---|---|---|
`)
	for _, r := range optionTable {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n",
			r.name, code(r.with), r.form, defaultText(r), r.rule, typeText(r.types), r.effect, r.says)
	}
	b.WriteString("\nOlder names: ")
	var old []string
	for name, now := range optionAliases {
		old = append(old, name+" is "+now)
	}
	slices.Sort(old)
	b.WriteString(strings.Join(old, ", ") + ".\n")
	b.WriteString("\n## Contexts\n\n| Option | Go | Default | Values | What for |\n|---|---|---|---|---|\n")
	c := &Context{contextOptions: contextDefaults()}
	for _, r := range contextTable {
		def := ""
		if r.get != nil {
			def = cell(r.get(c))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.name, code(r.with), def, r.rule, r.says)
	}
	CheckDoc(t, "options.md", b.Bytes())
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func defaultText(r optionRow) string {
	if s := fmt.Sprint(r.def); r.form == "time.Duration" && strings.HasPrefix(s, "-") {
		return "-1"
	}
	return cell(r.def)
}

func typeText(types []Type) string {
	if types == nil {
		return "all"
	}
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return strings.Join(names, " ")
}

// Each row is whole, none is there twice, and every function that makes an Option
// stands in a row.
func TestOptionTable(t *testing.T) {
	made := optionFunctions(t)
	seen := map[string]bool{}
	for _, r := range optionTable {
		if seen[r.name] {
			t.Errorf("%s is there twice", r.name)
		}
		seen[r.name] = true
		if r.says == "" || r.form == "" && r.effect != isRefused {
			t.Errorf("%s says too little", r.name)
		}
		if fn := strings.TrimPrefix(r.with, "Socket."); r.with != "" && fn == r.with {
			if _, ok := made[fn]; !ok {
				t.Errorf("%s is said to be set by %s, which does not exist", r.name, fn)
			}
			made[fn] = true
		}
		if r.effect == isState && r.set != nil {
			t.Errorf("%s can't be set, and has a setter", r.name)
		}
	}
	for fn, used := range made {
		if !used && fn != "WithOption" && fn != "WithSlog" {
			t.Errorf("%s makes an option that no row has", fn)
		}
	}
}

// optionFunctions are the exported functions of the package that return an Option.
func optionFunctions(t *testing.T) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil {
				continue
			}
			if id, ok := fn.Type.Results.List[0].Type.(*ast.Ident); ok && id.Name == "Option" {
				made[fn.Name.Name] = false
			}
		}
	}
	return made
}
