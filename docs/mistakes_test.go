package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each row of the table of mistakes names tests that there are.
func TestEachMistakeHasItsTest(t *testing.T) {
	_, rows, ok := strings.Cut(read(t, "mistakes.md"), "\n## Elsewhere\n")
	named := regexp.MustCompile("`([a-z/]+):(Test\\w+)`")
	found := 0
	for row := range strings.Lines(rows) {
		if !strings.HasPrefix(row, "| ") || strings.HasPrefix(row, "| What") {
			continue
		}
		found++
		tests := named.FindAllStringSubmatch(row, -1)
		if len(tests) == 0 {
			t.Errorf("no test is named: %s", row)
		}
		for _, m := range tests {
			if !hasTest(t, m[1], m[2]) {
				t.Errorf("%s has no %s", m[1], m[2])
			}
		}
	}
	if !ok || found < 15 {
		t.Errorf("only %d rows", found)
	}
}

// hasTest reports whether a package has a test of that name.
func hasTest(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && strings.Contains(string(text), "\nfunc "+name+"(t *testing.T) {") {
			return true
		}
	}
	return false
}
