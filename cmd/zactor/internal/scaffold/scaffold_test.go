package scaffold

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

// What init writes compiles, is formatted, and passes vet, and with ZACTOR_FULL=1 its own test.
func TestProjects(t *testing.T) {
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			var said bytes.Buffer
			c := Command(&cli.App{Stderr: &said})
			c.SetArgs([]string{kind, "some-" + kind, "--replace", root, "--module", "example.com/x"})
			if err := c.ExecuteContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Chdir("some-" + kind)
			for _, name := range []string{"main.go", "main_test.go"} {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if want, err := format.Source(text); err != nil || !bytes.Equal(text, want) {
					t.Errorf("%s is not formatted: %v", name, err)
				}
			}
			for _, name := range []string{"go.mod", "Dockerfile", "some-" + kind + ".service", ".gitignore"} {
				if text, err := os.ReadFile(name); err != nil || bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("<no value>")) {
					t.Errorf("%s: %v\n%s", name, err, text)
				}
			}
			// The sums are those of the repository: nobody need be asked for them. GOFLAGS
			// stays, or the compiler would begin again with the standard library.
			sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile("go.sum", sums, 0o600); err != nil {
				t.Fatal(err)
			}
			run := func(args ...string) []byte {
				cmd := exec.CommandContext(t.Context(), "go", args...)
				cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
				out, err := cmd.CombinedOutput()
				if err != nil && args[0] == "mod" {
					t.Skipf("go mod tidy, without a network: %v\n%s", err, out)
				}
				if err != nil {
					t.Errorf("go %v: %v\n%s", args, err, out)
				}
				return out
			}
			run("mod", "tidy")
			run("vet", "./...")
			if os.Getenv("ZACTOR_FULL") != "" { // it links a program with all that is in it
				run("test", "./...")
			}
		})
	}
}
