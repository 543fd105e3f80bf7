package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each system has a fault that the others don't have: one in the program, one in a test of
// another package, one that depends on the size of an int.
func TestEachSystemHasItsFaults(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                "module example.com/faulty\n\ngo 1.26\n",
		"all.go":                "package faulty\n\nimport \"fmt\"\n\nfunc say(n int) { fmt.Println(n) }\n",
		"on_windows.go":         "package faulty\n\nfunc typed() { say(\"text\") }\n",
		"on_386.go":             "package faulty\n\nfunc sized() { say(1 << 40) }\n",
		"on_amd64.go":           "package faulty\n\nfunc sized() { say(1 << 40) }\n",
		"more/more.go":          "package more\n",
		"more/a_darwin_test.go": "package more\n\nimport (\"fmt\"; \"testing\")\n\nfunc TestIt(*testing.T) { fmt.Printf(\"%d\\n\", \"text\") }\n",
	} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for target, want := range map[string]string{
		"linux/amd64":   "",
		"windows/amd64": "on_windows.go:3:",
		"darwin/amd64":  "a_darwin_test.go:5:",
		"linux/386":     "on_386.go:3:",
	} {
		problems, err := check(folder, target)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(problems, "\n")
		if want == "" && got != "" || !strings.Contains(got, want) || strings.Count(got, ".go:") > 1 {
			t.Errorf("%s: want one problem at %q, have:\n%s", target, want, got)
		}
	}
	if _, err := check(folder, "plan9"); err == nil {
		t.Error("a system without a processor was taken")
	}
}
