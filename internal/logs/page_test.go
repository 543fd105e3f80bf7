package logs

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/events.md")

const top = "../.."

// areas are the headings of the page, by the first two digits of an ID.
var areas = map[ID]string{
	1: "Authentication", 2: "Certificates", 3: "Discovery", 4: "Sockets", 5: "Nodes", 6: "Actors",
}

// docs/events.md is the catalogue, for people.
func TestPage(t *testing.T) {
	path := filepath.Join(top, "docs", "events.md")
	want := page(t)
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/events.md is not current (%v): run go test ./internal/logs -run Page -update", err)
	}
}

func page(t *testing.T) []byte {
	var b bytes.Buffer
	b.WriteString(`# Events in the log

Made from the table in internal/logs/table.go by
` + "`go test ./internal/logs -run Page -update`" + `; a test fails when it is stale.

Each line of the log that has the field ` + "`event`" + ` is explained here. The ids never change
their meaning, so that filters and alarms may rest on them. A socket's lines have the
fields ` + "`type`" + ` and, with WithName, ` + "`socket`" + `; most have ` + "`endpoint`, `peer` and `error`" + `. What
peers can cause as often as they like is written once, and then counted: every ten
seconds one line says how often it was repeated. Without WithLogger or WithSlog nothing
is written; Events, Stats and Peers say the same.

| Id | Level | Line |
|---|---|---|
`)
	for _, e := range Events.Entries() {
		fmt.Fprintf(&b, "| [%v](#%s) | %v | %s |\n", e.ID, strings.ToLower(e.ID.String()), e.Level, e.Title)
	}
	area := ID(0)
	for _, e := range Events.Entries() {
		if a := e.ID / 100; a != area {
			if area = a; areas[a] == "" {
				t.Errorf("area %02d of %v has no heading", a, e.ID)
			}
			fmt.Fprintf(&b, "\n## %s\n", areas[a])
		}
		fmt.Fprintf(&b, "\n### %v\n\n**%s** (%v). %s\n\n*Cause:* %s\n\n*Remedy:* %s\n", e.ID, e.Title, e.Level, e.Meaning, e.Cause, e.Remedy)
	}
	return b.Bytes()
}

// Each ID has an entry, and is written by some package.
func TestEachIDIsUsed(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "table.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ids := 0
	used := usedNames(t)
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || spec.Type == nil || fmt.Sprint(spec.Type) != "ID" {
			return true
		}
		ids++
		if name := spec.Names[0].Name; !used[name] {
			t.Errorf("no package writes logs.%s", name)
		}
		return true
	})
	if ids != len(Events.Entries()) {
		t.Errorf("%d IDs and %d entries", ids, len(Events.Entries()))
	}
}

// usedNames are the names of this package that others use.
func usedNames(t *testing.T) map[string]bool {
	used := map[string]bool{}
	name := regexp.MustCompile(`\blogs\.([A-Z]\w*)`)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range name.FindAllSubmatch(text, -1) {
			used[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}
