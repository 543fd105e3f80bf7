package docs

import (
	"fmt"
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

// pages are those whose code is taken from files that are compiled and run, and whose
// terminals are played, in the order in which they are read.
var pages = []string{
	"../README.md", "README.md", "start.md", "packages.md", "zeromq.md", "security.md", "discovery.md", "actors.md",
	"patterns.md", "observe.md", "testing.md", "operate.md", "connect.md", "migrate.md",
}

// fenced is a block between fences, with the line before it.
type fenced struct {
	line    int    // of the opening fence, counted from 1
	heading string // of the part that it is in
	before  string
	save    string // the file that the reader is to make of it; "" for none
	info    string
	text    string
}

// fences are the blocks of a page.
func fences(page string) (all []fenced) {
	lines := strings.Split(page, "\n")
	end, heading := 0, "" // of the last block, and of this part
	for i := 0; i < len(lines); i++ {
		if h, ok := strings.CutPrefix(lines[i], "## "); ok {
			heading = h
		}
		info, ok := strings.CutPrefix(lines[i], "```")
		if !ok {
			continue
		}
		b := fenced{line: i + 1, heading: heading, info: info}
		if i > 0 {
			b.before = lines[i-1]
		}
		if m := saveAs.FindStringSubmatch(strings.Join(lines[end:i], " ")); m != nil && info == "go" {
			b.save = m[1]
		}
		for i++; i < len(lines) && lines[i] != "```"; i++ {
			b.text += lines[i] + "\n"
		}
		end = i
		all = append(all, b)
	}
	return all
}

// saveAs is how a page has its reader make a file of the block that follows.
var saveAs = regexp.MustCompile(`(?:[Ss]ave (?:it|this) as|[Oo]ne more file,) ` + "`([^`]+)`")

// A block of Go is what stands between "// page:begin NAME" and "// page:end" in a file
// that is compiled and run: "<!-- FILE NAME -->", in the line before, says where. Without a
// NAME it is all from "package" on. ZACTOR_UPDATE=1 takes it over.
var source = regexp.MustCompile(`^<!-- (\S+\.(?:go|py|txt))(?: (\S+))? -->$`)

func TestGoBlocks(t *testing.T) {
	for _, name := range pages {
		page := read(t, name)
		fresh := page
		for _, b := range fences(page) {
			m := source.FindStringSubmatch(b.before)
			switch {
			case m == nil && (b.info == "go" || b.info == "python"):
				t.Errorf("%s:%d: no file stands behind it: <!-- FILE NAME -->", name, b.line)
				continue
			case m == nil:
				continue
			}
			want, err := piece(filepath.Join(filepath.Dir(name), m[1]), m[2])
			if err != nil {
				t.Errorf("%s:%d: %v", name, b.line, err)
			} else if b.text != want {
				fresh = strings.Replace(fresh, b.before+"\n```"+b.info+"\n"+b.text+"```", b.before+"\n```"+b.info+"\n"+want+"```", 1)
			}
		}
		if fresh == page {
			continue
		}
		if os.Getenv("ZACTOR_UPDATE") == "" {
			t.Errorf("%s shows other code than its files: ZACTOR_UPDATE=1 go test ./docs", name)
		} else if err := os.WriteFile(name, []byte(fresh), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// An example without an Output is compiled and never run: a comment just above hides it.
func TestEveryPieceRuns(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "example_test.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	examples := doc.Examples(f)
	for _, e := range examples {
		if e.Output == "" {
			t.Errorf("Example%s has no Output, and is not run", e.Name)
		}
	}
	if len(examples) < 12 {
		t.Errorf("only %d examples", len(examples))
	}
}

// marks are the lines that say what a page shows.
var marks = regexp.MustCompile(`(?m)^\s*// page:.*\n`)

// piece is a part of a file, without the indentation that all of it has.
func piece(file, name string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	text := string(data)
	if name == "" {
		if i := strings.Index(text, "\npackage "); i >= 0 {
			text = text[i+1:]
		}
		return marks.ReplaceAllString(text, ""), nil
	}
	_, rest, ok := strings.Cut(text, "page:begin "+name+"\n")
	part, _, ok2 := strings.Cut(rest, "page:end")
	if !ok || !ok2 {
		return "", fmt.Errorf("%s has no piece %q", file, name)
	}
	part = part[:strings.LastIndex(part, "\n")+1]
	indent := part[:len(part)-len(strings.TrimLeft(part, "\t "))]
	lines := strings.SplitAfter(part, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, indent)
	}
	return strings.TrimRight(strings.Join(lines, ""), "\n") + "\n", nil
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Whoever follows a link arrives: files and headings are there. What a page says of other
// hosts is not looked at.
func TestLinks(t *testing.T) {
	all := append([]string(nil), pages...)
	for _, pattern := range []string{"*.md", "../*.md", "../examples/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	links := 0
	for _, name := range all {
		text := fence.ReplaceAllString(read(t, name), "")
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			links++
			if err := arrives(name, m[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if links < 150 {
		t.Errorf("only %d links were found", links)
	}
}

// arrives follows a link of a page.
func arrives(page, link string) error {
	file, heading, _ := strings.Cut(link, "#")
	target := page
	if file != "" {
		target = filepath.Join(filepath.Dir(page), file)
	}
	if _, err := os.Stat(target); err != nil {
		return fmt.Errorf("%s: %w", link, err)
	}
	if heading == "" {
		return nil
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(text), -1) {
		if anchor(m[1]) == heading {
			return nil
		}
	}
	if strings.Contains(string(text), `id="`+heading+`"`) {
		return nil
	}
	return fmt.Errorf("%s: no such heading", link)
}

// anchor is the name that GitHub gives a heading.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// What the pages say of lines of the log stands in the catalogue, under that title.
func TestLogIDs(t *testing.T) {
	titles := map[string]string{}
	for _, e := range logs.Events.Entries() {
		titles[e.ID.String()] = e.Title
	}
	ids := regexp.MustCompile(`ZA\d{4}`)
	entry := regexp.MustCompile(`\[(ZA\d{4})\]\(events\.md#za\d{4}\) ([a-z][^|.*\n]*[a-z])`)
	found := 0
	for _, name := range pages {
		text := read(t, name)
		for _, id := range ids.FindAllString(text, -1) {
			if titles[id] == "" {
				t.Errorf("%s: %s is in no catalogue", name, id)
			}
		}
		for _, m := range entry.FindAllStringSubmatch(text, -1) {
			found++
			if titles[m[1]] != m[2] {
				t.Errorf("%s: %s is %q, not %q", name, m[1], titles[m[1]], m[2])
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d lines of the log are explained", found)
	}
}

// Every exported package is reached from the index in two clicks: it stands in a page that
// the index names, with a link.
func TestEveryPackageHasItsPage(t *testing.T) {
	reached := read(t, "README.md")
	for _, m := range regexp.MustCompile(`\]\(([a-z-]+\.md)`).FindAllStringSubmatch(reached, -1) {
		reached += read(t, m[1])
	}
	for _, dir := range packages(t) {
		if !strings.Contains(reached, "(../"+dir+")") {
			t.Errorf("no page that the index names has a link to %s", dir)
		}
	}
}

// packages are the folders that users import from.
func packages(t *testing.T) (all []string) {
	t.Helper()
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && (strings.HasPrefix(base, ".") && base != ".." || slices.Contains([]string{"internal", "testdata", "cmd", "examples", "bench", "docs", "capi"}, base)) {
			return filepath.SkipDir
		}
		if dir := filepath.Dir(path); dir != ".." && strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, "_test.go") && !seen[dir] {
			seen[dir] = true
			all = append(all, strings.TrimPrefix(filepath.ToSlash(dir), "../"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 15 {
		t.Fatalf("only %v", all)
	}
	return all
}
