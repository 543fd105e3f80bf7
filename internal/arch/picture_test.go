package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The picture of the packages is drawn from a text. Each of its arrows is an import
// that there is, and each public package stands in it.
func TestPicture(t *testing.T) {
	text, err := os.ReadFile("../../docs/pictures/packages.dot")
	if err != nil {
		t.Fatal(err)
	}
	imports := importsOf(t)
	arrows := regexp.MustCompile(`(\w+) -> (\w+);`).FindAllStringSubmatch(string(text), -1)
	if len(arrows) < 20 {
		t.Fatalf("only %d arrows found", len(arrows))
	}
	for _, a := range arrows {
		if !imports[a[1]][a[2]] {
			t.Errorf("%s does not import %s, but the picture says so", a[1], a[2])
		}
	}
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if imports[e.Name()] != nil && !strings.Contains(" .ci cmd examples bench docs ", " "+e.Name()+" ") &&
			!regexp.MustCompile(`\b`+e.Name()+`\b`).Match(text) {
			t.Errorf("%s does not stand in the picture", e.Name())
		}
	}
}

// importsOf says, for each folder of the first level and each of internal, which
// others it and what is below it imports.
func importsOf(t *testing.T) map[string]map[string]bool {
	t.Helper()
	all := map[string]map[string]bool{}
	tree := os.DirFS("../..")
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := folderName(path.Dir(name))
		if all[from] == nil {
			all[from] = map[string]bool{}
		}
		for _, i := range f.Imports {
			if p, _ := strconv.Unquote(i.Path.Value); strings.HasPrefix(p, module+"/") {
				all[from][folderName(strings.TrimPrefix(p, module+"/"))] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// folderName is the first part of a path, or the second of one in internal.
func folderName(dir string) string {
	parts := strings.Split(dir, "/")
	if parts[0] == "internal" && len(parts) > 1 {
		return parts[1]
	}
	return parts[0]
}
