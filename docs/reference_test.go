package docs

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/logs"
)

// entry is something that a user can look up: an option or a kind of event.
type entry struct{ pkg, name, says string }

// id is its anchor.
func (e entry) id() string { return strings.ReplaceAll(e.pkg, "/", ".") + "." + e.name }

// The options and the events of all packages are listed from their source.
func TestReferencePages(t *testing.T) {
	options, events := exported(t)
	writePage(t, "go-options.md", `# Options in Go

Every option of every package, made from their source by `+"`ZACTOR_UPDATE=1 go test ./docs -run Reference`"+`;
a test fails when it is stale. The whole text is in `+"`go doc`"+`; the names, defaults and rules of socket
options, as in libzmq, are in [options.md](options.md).
`, "Option", options)
	writePage(t, "go-events.md", `# Events in Go

Every kind of event and of notice that a subscription (`+"`Events`, `Notices`"+`) tells of, made from the
source by `+"`ZACTOR_UPDATE=1 go test ./docs -run Reference`"+`; a test fails when it is stale. The lines of the
log are in [events.md](events.md).
`, "Event", events)
	if len(options) < 250 || len(events) < 60 {
		t.Errorf("only %d options and %d events", len(options), len(events))
	}
}

func writePage(t *testing.T, name, begin, title string, list []entry) {
	t.Helper()
	var b strings.Builder
	b.WriteString(begin)
	pkg := ""
	for _, e := range list {
		if e.pkg != pkg {
			pkg = e.pkg
			fmt.Fprintf(&b, "\n## %s\n\n| %s | What for |\n|---|---|\n", pkg, title)
		}
		if len(e.says) < 10 {
			t.Errorf("%s.%s: %q says nothing", e.pkg, e.name, e.says)
		}
		fmt.Fprintf(&b, "| <a id=\"%s\"></a>`%s` | %s |\n", e.id(), e.name, strings.ReplaceAll(e.says, "|", "\\|"))
	}
	if os.Getenv("ZACTOR_UPDATE") != "" {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(name); err != nil || string(have) != b.String() {
		t.Errorf("%s is stale (%v): ZACTOR_UPDATE=1 go test ./docs -run Reference", name, err)
	}
}

// exported are the options and the kinds of events of all packages, in order.
func exported(t *testing.T) (options, events []entry) {
	t.Helper()
	for _, dir := range packages(t) {
		p := documented(t, dir)
		funcs := slices.Clone(p.Funcs)
		for _, typ := range p.Types {
			funcs = append(funcs, typ.Funcs...)
			if !eventType.MatchString(typ.Name) {
				continue
			}
			for _, group := range typ.Consts {
				events = append(events, constants(dir, group.Decl)...)
			}
		}
		slices.SortFunc(funcs, func(a, b *doc.Func) int { return strings.Compare(a.Name, b.Name) })
		for _, f := range funcs {
			if strings.HasPrefix(f.Name, "With") {
				options = append(options, entry{dir, f.Name, p.Synopsis(f.Doc)})
			}
		}
	}
	return options, events
}

var eventType = regexp.MustCompile(`^(EventKind|EventMask|NoticeKind)$`)

// constants are those of a declaration that are exported, with what is said of each.
func constants(pkg string, decl *ast.GenDecl) (list []entry) {
	for _, spec := range decl.Specs {
		v := spec.(*ast.ValueSpec)
		says := strings.Join(strings.Fields(v.Comment.Text()+" "+v.Doc.Text()), " ")
		for _, name := range v.Names {
			if name.IsExported() {
				list = append(list, entry{pkg, name.Name, says})
			}
		}
	}
	return list
}

// documented is what go doc knows of a package.
func documented(t *testing.T, dir string) *doc.Package {
	t.Helper()
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/go-zactor/zactor/"+dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every option, event, line of the log and metric is reached from the index in two clicks:
// a page that the index names has its anchor.
func TestEverythingIsReachedInTwoClicks(t *testing.T) {
	pages := map[string]string{} // that the index leads to
	for _, m := range regexp.MustCompile(`\]\(([a-z-]+\.md)\)`).FindAllStringSubmatch(read(t, "README.md"), -1) {
		pages[m[1]] = read(t, m[1])
	}
	reached := func(anchor string) bool {
		for _, text := range pages {
			if strings.Contains(text, `<a id="`+anchor+`"></a>`) || strings.Contains(strings.ToLower(text), "\n### "+anchor+"\n") {
				return true
			}
		}
		return false
	}
	options, events := exported(t)
	for _, e := range slices.Concat(options, events) {
		if !reached(e.id()) {
			t.Errorf("no page that the index names has %s.%s", e.pkg, e.name)
		}
	}
	for _, e := range logs.Events.Entries() {
		if id := strings.ToLower(e.ID.String()); !reached(id) {
			t.Errorf("no page that the index names has %s", id)
		}
	}
	table, err := os.ReadFile("../observe/prom/table.go")
	if err != nil {
		t.Fatal(err)
	}
	metrics := regexp.MustCompile(`"(zactor_[a-z_]+)"`).FindAllStringSubmatch(string(table), -1)
	for _, m := range metrics {
		if !reached(m[1]) {
			t.Errorf("no page that the index names has the metric %s", m[1])
		}
	}
	if len(metrics) < 60 {
		t.Errorf("only %d metrics", len(metrics))
	}
}
