package zmq

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// UpdateDocs says that tests write the pages that they otherwise compare.
var UpdateDocs = flag.Bool("update", false, "write the generated pages of docs/ anew")

// CheckDoc fails when a page of docs/ is not what it should be, or writes it.
func CheckDoc(t *testing.T, name string, want []byte) {
	t.Helper()
	path := "../docs/" + name
	if *UpdateDocs {
		if err := os.MkdirAll("../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	a, b := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || !bytes.Equal(a[i], b[i]) {
			t.Fatalf("%s is stale from line %d on: go test ./zmq -run %s -update", path, i+1, t.Name())
		}
	}
}

// OptionFact is what the table says of an option.
type OptionFact struct {
	Name, With, Form string
	Def              any
	Types            []Type // nil: all
	Ours             bool   // libzmq does not have it
	Settable         bool   // by WithOption
	Refused, Kept    bool
}

// OptionFacts are all options of sockets.
func OptionFacts() (list []OptionFact) {
	for _, r := range optionTable {
		list = append(list, OptionFact{r.name, r.with, r.form, r.def, r.types, strings.Contains(r.says, "(ours)"),
			r.set != nil, r.effect == isRefused, r.effect == isKept})
	}
	return list
}

// ContextOptionNames are the names of the options of a Context.
func ContextOptionNames() (names []string) {
	for _, r := range contextTable {
		names = append(names, r.name)
	}
	return names
}

// CheckSection is CheckDoc for the part of a page between the markers of a section. All
// else of the page is left as it is.
func CheckSection(t *testing.T, name, section string, want []byte) {
	t.Helper()
	page, err := os.ReadFile("../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := markers(section)
	before, rest, ok := bytes.Cut(page, begin)
	_, after, ok2 := bytes.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no markers of the section %q", name, section)
	}
	CheckDoc(t, name, slices.Concat(before, begin, []byte("\n"), want, end, after))
}

// Section is a section of a page as it is, with its markers, for who makes the rest of
// the page.
func Section(t *testing.T, name, section string) []byte {
	t.Helper()
	page, err := os.ReadFile("../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := markers(section)
	_, rest, _ := bytes.Cut(page, begin)
	body, _, _ := bytes.Cut(rest, end)
	return slices.Concat(begin, body, end, []byte("\n"))
}

func markers(section string) (begin, end []byte) {
	return fmt.Appendf(nil, "<!-- %s: begin -->", section), fmt.Appendf(nil, "<!-- %s: end -->", section)
}

func cell(v any) string {
	if v == nil || v == "" {
		return ""
	}
	return fmt.Sprint(v)
}
