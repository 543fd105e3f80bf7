package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// The page shows every command, and only commands and flags that there are.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/tool.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if _, piped, ok := strings.Cut(line, "| "); ok && strings.HasPrefix(piped, "zactor ") {
			line = piped
		}
		if !strings.HasPrefix(line, "zactor ") || strings.HasPrefix(line, "zactor: ") || strings.ContainsAny(line, "`;") || strings.Contains(line, ": wait for") {
			continue
		}
		args := words(line)[1:]
		root := newTool(nil, new(bytes.Buffer), new(bytes.Buffer)).root
		root.InitDefaultCompletionCmd()
		c, rest, err := root.Find(args)
		if err != nil || !c.HasParent() {
			t.Errorf("%s: no command: %v", line, err)
			continue
		}
		if err := c.ParseFlags(rest); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if err := c.ValidateArgs(c.Flags().Args()); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		shown[c.CommandPath()] = true
	}
	sockets, _, _ := strings.Cut(string(page)[strings.Index(string(page), "## Sockets"):], ":")
	each(newTool(nil, nil, nil).root, func(c *cobra.Command) {
		one := strings.Contains(" "+strings.ReplaceAll(strings.Trim(sockets, "# Sockets\n`"), "\n", " ")+" ", " "+c.Name()+" ")
		if !shown[c.CommandPath()] && !one && !strings.Contains(c.CommandPath(), "completion") && c.Name() != "help" {
			t.Errorf("docs/tool.md does not show %s", c.CommandPath())
		}
	})
}

// each calls fn with each command that can be run.
func each(c *cobra.Command, fn func(*cobra.Command)) {
	for _, s := range c.Commands() {
		if !s.HasSubCommands() {
			fn(s)
		}
		each(s, fn)
	}
}

// words are those of a command line, with quotes taken off.
func words(line string) (all []string) {
	var word strings.Builder
	quoted, any := false, false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted, any = !quoted, true
		case r == ' ' && !quoted:
			if any {
				all = append(all, word.String())
			}
			word.Reset()
			any = false
		default:
			word.WriteRune(r)
			any = true
		}
	}
	if any {
		all = append(all, word.String())
	}
	return all
}
