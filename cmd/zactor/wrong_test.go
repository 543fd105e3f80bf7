package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// scripts are the lines of the scripts, without what they compare.
func scripts(t *testing.T) (all []string) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "-- ") {
				break
			}
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

// Every command is run by a script, for what it is for.
func TestScriptsRunEveryCommand(t *testing.T) {
	run := map[string]bool{}
	for _, line := range scripts(t) {
		line = regexp.MustCompile(`^(\[\S+\] )*`).ReplaceAllString(line, "")
		args, ok := strings.CutPrefix(line, "exec zactor ")
		if !ok {
			continue
		}
		if c, _, err := newTool(nil, nil, nil).root.Find(words(args)); err == nil {
			run[c.CommandPath()] = true
		}
	}
	each(newTool(nil, nil, nil).root, func(c *cobra.Command) {
		if !run[c.CommandPath()] {
			t.Errorf("no script runs %s", c.CommandPath())
		}
	})
}

// Every exit code of the page has scripts that want it, and no script wants another one.
func TestScriptsHaveEveryExitCode(t *testing.T) {
	page, err := os.ReadFile("../../docs/tool.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "| exit code |")
	if !ok {
		t.Fatal("docs/tool.md has no table of exit codes")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var said []int
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(table, -1) {
		code, _ := strconv.Atoi(m[1])
		said = append(said, code)
	}
	seen := map[int]int{}
	for _, line := range scripts(t) {
		if m := regexp.MustCompile(`^(?:\[\S+\] )?exits (\d+) `).FindStringSubmatch(line); m != nil {
			code, _ := strconv.Atoi(m[1])
			seen[code]++
		} else if regexp.MustCompile(`^(?:\[\S+\] )?exec zactor `).MatchString(line) {
			seen[exitOK]++
		}
	}
	for _, code := range said {
		if seen[code] == 0 {
			t.Errorf("no script ends with %d", code)
		}
	}
	for code := range seen {
		if !slices.Contains(said, code) {
			t.Errorf("scripts end with %d, which docs/tool.md does not have", code)
		}
	}
}

// What is wrong in a command line is said in a line and a hint, and never with the usage:
// of every command an unknown flag, too many arguments, and of every flag a value that is
// none, in the command line and in the environment.
func TestWrongCommandLines(t *testing.T) {
	var all []*cobra.Command
	each(newTool(nil, nil, nil).root, func(c *cobra.Command) { all = append(all, c) })
	if len(all) < 40 {
		t.Fatalf("%d commands", len(all))
	}
	for _, c := range all {
		path := strings.Fields(c.CommandPath())[1:]
		wrong(t, append(path, "--frobnicate"), "--frobnicate")
		wrong(t, append(path, "-Z"), "-Z")
		if c.Args != nil && c.ValidateArgs(make([]string, 9)) != nil || c.Parent().Name() == "cert" && c.Name() != "verify" {
			wrong(t, append(path, strings.Fields("1 2 3 4 5 6 7 8 9")...), "")
		}
		c.InheritedFlags() // merges them
		c.Flags().VisitAll(func(f *pflag.Flag) {
			bad, ok := badValues[f.Value.Type()]
			if !ok {
				t.Errorf("%s --%s: of type %s this test knows no wrong value", c.CommandPath(), f.Name, f.Value.Type())
			}
			for _, v := range bad {
				wrong(t, append(path, "--"+f.Name+"="+v), f.Name)
			}
		})
	}
}

// badValues are none of the type of a flag. Any text is a string: what is wrong with one is
// told by who uses it, and stands in the scripts.
var badValues = map[string][]string{
	"bool":        {"perhaps"},
	"int":         {"many", "1.5", "99999999999999999999"},
	"duration":    {"5", "soon"},
	"string":      nil,
	"float64":     {"fast", ""},
	"stringArray": nil,
	"pair":        {"novalue", "=x"},
}

// wrong runs a command line that is not understood, and wants a line that names what is
// wrong, and a hint.
func wrong(t *testing.T, args []string, names string) {
	t.Helper()
	var out, err bytes.Buffer
	code := newTool(strings.NewReader(""), &out, &err).run(t.Context(), args)
	if code != exitUsage || out.Len() > 0 {
		t.Errorf("zactor %s: exit code %d, want %d; it printed %q", strings.Join(args, " "), code, exitUsage, &out)
	}
	if problem := notTwoLines(err.String()); problem != "" || !strings.Contains(err.String(), names) {
		t.Errorf("zactor %s: %s, which names %q", strings.Join(args, " "), problem, names)
	}
}
